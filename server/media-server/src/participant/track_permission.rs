//! Which participants a publisher lets subscribe to which of its tracks (`subscriptionPermission`).

use std::collections::{HashMap, HashSet};

use livekit_protocol as proto;
use livekit_wire::{Identity, ParticipantSid, TrackSid};

/// One publisher's rule; everything is allowed until it says otherwise.
#[derive(Debug, Default)]
pub enum TrackPermissions {
    /// Everybody may have everything.
    #[default]
    Everybody,
    /// Only these, each with its tracks.
    Listed(HashMap<Identity, AllowedTracks>),
}

/// The tracks that one participant may have.
#[derive(Debug)]
pub enum AllowedTracks {
    /// All of them, later ones too.
    All,
    /// Only these.
    Listed(HashSet<TrackSid>),
}

/// A permission names neither identity nor sid: the whole message is ignored, as LiveKit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a track permission needs a participant's identity or sid")]
pub struct NobodyNamed;

impl TrackPermissions {
    /// Reads the message; unknown sids are left out.
    pub fn parse(
        message: &proto::SubscriptionPermission,
        identity_of: impl Fn(&ParticipantSid) -> Option<Identity>,
    ) -> Result<Self, NobodyNamed> {
        if message.all_participants {
            return Ok(Self::Everybody);
        }
        let mut listed = HashMap::new();
        for permission in &message.track_permissions {
            let identity = match Identity::parse(permission.participant_identity.clone()) {
                Ok(identity) => Some(identity),
                Err(_) if permission.participant_sid.is_empty() => return Err(NobodyNamed),
                Err(_) => identity_of(&ParticipantSid::from_wire(
                    permission.participant_sid.clone(),
                )),
            };
            let Some(identity) = identity else { continue };
            let tracks = if permission.all_tracks {
                AllowedTracks::All
            } else {
                AllowedTracks::Listed(
                    permission
                        .track_sids
                        .iter()
                        .cloned()
                        .map(TrackSid::from_wire)
                        .collect(),
                )
            };
            listed.insert(identity, tracks);
        }
        Ok(Self::Listed(listed))
    }

    /// Whether `identity` may have `track`.
    pub fn allows(&self, identity: &Identity, track: &TrackSid) -> bool {
        match self {
            Self::Everybody => true,
            Self::Listed(listed) => match listed.get(identity) {
                Some(AllowedTracks::All) => true,
                Some(AllowedTracks::Listed(tracks)) => tracks.contains(track),
                None => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> Identity {
        Identity::parse(text).unwrap()
    }

    #[test]
    fn only_listed_tracks_are_allowed_to_listed_participants() {
        let message = proto::SubscriptionPermission {
            all_participants: false,
            track_permissions: vec![
                proto::TrackPermission {
                    participant_identity: "bob".to_owned(),
                    track_sids: vec!["TR_1".to_owned()],
                    ..proto::TrackPermission::default()
                },
                proto::TrackPermission {
                    participant_sid: "PA_carol".to_owned(),
                    all_tracks: true,
                    ..proto::TrackPermission::default()
                },
            ],
        };
        let permissions = TrackPermissions::parse(&message, |_| Some(identity("carol"))).unwrap();
        let first = TrackSid::from_wire("TR_1");
        let second = TrackSid::from_wire("TR_2");
        assert!(permissions.allows(&identity("bob"), &first));
        assert!(!permissions.allows(&identity("bob"), &second));
        assert!(permissions.allows(&identity("carol"), &second));
        assert!(!permissions.allows(&identity("dave"), &first));
    }

    #[test]
    fn a_permission_for_nobody_is_refused() {
        let message = proto::SubscriptionPermission {
            track_permissions: vec![proto::TrackPermission::default()],
            ..proto::SubscriptionPermission::default()
        };
        assert_eq!(
            TrackPermissions::parse(&message, |_| None).err(),
            Some(NobodyNamed)
        );
    }
}
