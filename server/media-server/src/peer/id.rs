//! The number of a peer connection, readable in its ICE user name; it knows nothing of who owns the connection.

use std::fmt;

/// Names one peer connection of this process; every local ICE ufrag begins with it, so a STUN request finds its way
/// to the right thread and connection without shared state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId {
    /// The worker thread that owns the connection.
    pub shard: u8,
    /// Unique within the shard while the connection lives.
    pub number: u32,
}

/// Hexadecimal digits of shard and number at the head of a ufrag.
const PREFIX: usize = 10;

impl PeerId {
    /// Reads the id from a local ufrag, or from a STUN user name `local:remote`.
    pub fn from_ufrag(ufrag: &str) -> Option<Self> {
        let head = ufrag.get(..PREFIX)?;
        if !head
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        {
            return None;
        }
        let shard = u8::from_str_radix(head.get(..2)?, 16).ok()?;
        let number = u32::from_str_radix(head.get(2..)?, 16).ok()?;
        Some(Self { shard, number })
    }

    /// A ufrag that names this peer, as random as the given one.
    pub(super) fn ufrag_from(self, random: &str) -> String {
        format!("{self}{}", random.get(..8).unwrap_or(random))
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02x}{:08x}", self.shard, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_read_back_from_the_ufrag() {
        let id = PeerId {
            shard: 3,
            number: 0xdead_beef,
        };
        let ufrag = id.ufrag_from("Zx9+/a0Qrandom");
        assert_eq!(PeerId::from_ufrag(&ufrag), Some(id));
        assert_eq!(PeerId::from_ufrag(&format!("{ufrag}:remote")), Some(id));
    }

    #[test]
    fn foreign_ufrags_name_nobody() {
        for ufrag in [
            "",
            "03dead",
            "+3deadbeef0",
            "03DEADBEEF",
            "zz00000001",
            "öööööööööööö",
        ] {
            assert_eq!(PeerId::from_ufrag(ufrag), None, "{ufrag}");
        }
    }
}
