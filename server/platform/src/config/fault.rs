//! What is wrong with a configuration, in words for the person who wrote it. A secret's value is in none of them.

use std::fmt;

use thiserror::Error;

/// Every fault of a configuration at once.
#[derive(Debug, Error)]
pub struct ConfigError {
    faults: Vec<Fault>,
}

/// One fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Dotted path; empty when it is the file that is wrong.
    key: String,
    /// File and line, or environment variable.
    place: String,
    why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { key, place, why } = self;
        if key.is_empty() {
            write!(f, "{place}: {why}")
        } else {
            write!(f, "{key} ({place}): {why}")
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [one] => one.fmt(f),
            several => {
                write!(f, "the configuration has {} faults:", several.len())?;
                several
                    .iter()
                    .try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

/// Collects faults; the first of a key is enough.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, key: &str, place: String, why: impl Into<String>) {
        if !self.has(key) {
            self.0.push(Fault {
                key: key.to_owned(),
                place,
                why: why.into(),
            });
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|fault| fault.key == key)
    }

    /// `Err` when there is any.
    pub fn none(self) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { faults: self.0 })
        }
    }
}

/// What the rules of one section refuse, with each key below the section.
#[derive(Debug, Default)]
pub(crate) struct Refusals(pub(super) Vec<(&'static str, String)>);

impl Refusals {
    /// Notes `key` unless its rule `holds`.
    pub fn unless(&mut self, holds: bool, key: &'static str, why: &str) {
        if !holds {
            self.0.push((key, why.to_owned()));
        }
    }
}
