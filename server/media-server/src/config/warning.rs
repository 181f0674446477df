//! Remarks about a configuration that works all the same.

use std::fmt;

/// One remark, to be logged once at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The key it is about, with dots.
    pub key: String,
    /// What is to be known.
    pub remark: String,
}

impl Warning {
    pub(super) fn ignored_key(key: String) -> Self {
        Self {
            key,
            remark: "not known to the built-in media server, ignored".to_owned(),
        }
    }

    pub(super) fn new(key: &str, remark: &str) -> Self {
        Self {
            key: key.to_owned(),
            remark: remark.to_owned(),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.remark)
    }
}
