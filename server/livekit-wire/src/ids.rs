//! LiveKit's names and ids as types, so that a room name is never mistaken for an identity or a sid.

use std::{borrow::Borrow, fmt, sync::Arc};

use livekit_protocol::{TrackSource, TrackType};
use rand::RngExt;

/// Letters of the random part: LiveKit's base 57, without the look-alikes 0 1 I O l.
const ALPHABET: &[u8; 57] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const RANDOM_LETTERS: usize = 12;

/// A name that has to say something was empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is empty")]
pub struct EmptyName(pub &'static str);

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text as it is on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.as_ref().to_owned()
            }
        }

        impl From<&$name> for String {
            fn from(value: &$name) -> Self {
                value.0.as_ref().to_owned()
            }
        }
    };
}

macro_rules! sid_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        text_type!($(#[$doc])* $name);

        impl $name {
            /// What every sid of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A sid as a peer sent it: any text, it either matches something we hold or it does not.
            pub fn from_wire(text: impl Into<String>) -> Self {
                Self(text.into().into())
            }
        }
    };
}

text_type!(
    /// A room's name: LiveKit allows any text, in `CreateRoom` even none.
    RoomName
);
text_type!(
    /// A participant's identity: unique in a room, never empty, chosen by whoever signs the token.
    Identity
);
sid_type!(
    /// One life of a room, `RM_…`.
    RoomSid,
    "RM_"
);
sid_type!(
    /// One session of a participant, `PA_…`.
    ParticipantSid,
    "PA_"
);
sid_type!(
    /// One published track, `TR_` plus a letter each for type and source.
    TrackSid,
    "TR_"
);

impl RoomName {
    /// Any text; whoever joins must check `is_empty` itself.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// A room that somebody can join has a name.
    pub fn parse(text: impl Into<String>) -> Result<Self, EmptyName> {
        let text = text.into();
        if text.is_empty() {
            Err(EmptyName("room name"))
        } else {
            Ok(Self(text.into()))
        }
    }

    /// True for the nameless room that `CreateRoom` may make.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Identity {
    /// Fails for the empty text only: LiveKit restricts nothing else but the length, which is configured.
    pub fn parse(text: impl Into<String>) -> Result<Self, EmptyName> {
        let text = text.into();
        if text.is_empty() {
            Err(EmptyName("identity"))
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl RoomSid {
    /// A new sid from the caller's randomness.
    pub fn random(rng: &mut impl rand::Rng) -> Self {
        Self(random_id(Self::PREFIX, rng).into())
    }
}

impl ParticipantSid {
    /// A new sid from the caller's randomness.
    pub fn random(rng: &mut impl rand::Rng) -> Self {
        Self(random_id(Self::PREFIX, rng).into())
    }
}

impl TrackSid {
    /// A new sid that tells type and source, as LiveKit's do: `TR_VC…` is a camera.
    pub fn random(rng: &mut impl rand::Rng, kind: TrackType, source: TrackSource) -> Self {
        let kind = match kind {
            TrackType::Audio => "A",
            TrackType::Video => "V",
            TrackType::Data => "",
        };
        let source = match source {
            TrackSource::Camera => "C",
            TrackSource::Microphone => "M",
            TrackSource::ScreenShare => "S",
            TrackSource::ScreenShareAudio => "s",
            TrackSource::Unknown => "",
        };
        Self(random_id(&format!("TR_{kind}{source}"), rng).into())
    }
}

/// `prefix` and twelve random letters, the shape of every LiveKit id (`EV_`, `ND_` and so on).
pub fn random_id(prefix: &str, rng: &mut impl rand::Rng) -> String {
    let mut id = String::with_capacity(prefix.len() + RANDOM_LETTERS);
    id.push_str(prefix);
    id.extend(
        (0..RANDOM_LETTERS).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])),
    );
    id
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_camera_sid_starts_with_its_letters_and_has_twelve_random_ones() {
        let mut rng = StdRng::seed_from_u64(7);
        let sid = TrackSid::random(&mut rng, TrackType::Video, TrackSource::Camera);
        let other = TrackSid::random(&mut rng, TrackType::Video, TrackSource::Camera);
        let random = sid.as_str().strip_prefix("TR_VC").unwrap();
        assert_eq!(random.len(), 12);
        assert!(random.bytes().all(|letter| ALPHABET.contains(&letter)));
        assert_ne!(sid, other);
    }

    #[test]
    fn an_identity_cannot_be_empty_but_may_hold_anything_else() {
        assert_eq!(Identity::parse(""), Err(EmptyName("identity")));
        assert_eq!(Identity::parse("Zoë|🦀").unwrap().as_str(), "Zoë|🦀");
    }
}
