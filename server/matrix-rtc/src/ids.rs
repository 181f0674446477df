//! Matrix's names as types, so that a server name is never mistaken for a room's or a delayed event's id.

use std::{fmt, sync::Arc};

/// A name that has to say something was empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is empty")]
pub struct EmptyName(pub &'static str);

/// The name of a homeserver, such as `example.com` or `[::1]:8448`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerName(Arc<str>);

impl ServerName {
    /// Fails for the empty text only.
    pub fn parse(text: impl Into<String>) -> Result<Self, EmptyName> {
        non_empty("server name", text).map(Self)
    }

    /// The text as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ServerName({:?})", &*self.0)
    }
}

/// The id of a delayed event (MSC4140). Whoever knows it may send or cancel the event, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DelayId(Arc<str>);

impl DelayId {
    /// Fails for the empty text only: homeservers choose the rest.
    pub fn parse(text: impl Into<String>) -> Result<Self, EmptyName> {
        non_empty("delay id", text).map(Self)
    }

    /// The text as it is on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DelayId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DelayId(…)")
    }
}

fn non_empty(what: &'static str, text: impl Into<String>) -> Result<Arc<str>, EmptyName> {
    let text = text.into();
    if text.is_empty() {
        Err(EmptyName(what))
    } else {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_name_can_be_empty() {
        assert_eq!(ServerName::parse(""), Err(EmptyName("server name")));
        assert_eq!(DelayId::parse(""), Err(EmptyName("delay id")));
        assert_eq!(
            ServerName::parse("[::1]:8448").unwrap().as_str(),
            "[::1]:8448"
        );
    }

    #[test]
    fn a_delay_id_does_not_reach_a_log() {
        let id = DelayId::parse("syd_secret").unwrap();
        assert!(!format!("{id:?}").contains("secret"));
    }
}
