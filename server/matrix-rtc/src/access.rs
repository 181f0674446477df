//! Whose users may open rooms on the SFU. Everybody else may join those that are open.

use std::collections::HashSet;

use crate::ids::ServerName;

/// What a homeserver's users may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Open rooms, and hand over delayed leave events.
    Full,
    /// Join open rooms.
    Restricted,
}

impl Access {
    /// The word in logs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Restricted => "restricted",
        }
    }
}

/// The homeservers whose users have full access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FullAccess {
    /// All of them.
    Everybody,
    /// These, compared letter by letter.
    Only(HashSet<ServerName>),
}

impl FullAccess {
    /// The homeservers that the operator named.
    pub(crate) fn named(&self) -> HashSet<ServerName> {
        match self {
            Self::Everybody => HashSet::new(),
            Self::Only(servers) => servers.clone(),
        }
    }

    /// What users of `server` may do.
    pub(crate) fn of(&self, server: &ServerName) -> Access {
        match self {
            Self::Everybody => Access::Full,
            Self::Only(servers) if servers.contains(server) => Access::Full,
            Self::Only(_) => Access::Restricted,
        }
    }
}
