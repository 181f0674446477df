//! The `video` grant: what a token's holder may do with rooms, with LiveKit's rules for absent values.

use livekit_protocol::{ParticipantPermission, TrackSource};
use serde::{Deserialize, Serialize};

use super::claims::{is_default, null_as_default};

/// The `video` claim as it is on the wire: `None` means that the token does not say. Ask the methods, they know
/// what LiveKit makes of an absent value (protocol `auth/grants.go`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VideoGrants {
    /// May create and delete rooms.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room_create: bool,
    /// May list rooms.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room_list: bool,
    /// May use Egress.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room_record: bool,
    /// May moderate `room`.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room_admin: bool,
    /// May join `room`.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room_join: bool,
    /// The room that `room_admin` and `room_join` speak of.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub room: String,
    /// See [`Self::can_publish`].
    #[serde(skip_serializing_if = "is_default")]
    pub can_publish: Option<bool>,
    /// See [`Self::can_subscribe`].
    #[serde(skip_serializing_if = "is_default")]
    pub can_subscribe: Option<bool>,
    /// See [`Self::can_publish_data`].
    #[serde(skip_serializing_if = "is_default")]
    pub can_publish_data: Option<bool>,
    /// Lower-case names of track sources; see [`Self::can_publish_source`].
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub can_publish_sources: Vec<String>,
    /// See [`Self::can_update_own_metadata`].
    #[serde(skip_serializing_if = "is_default")]
    pub can_update_own_metadata: Option<bool>,
    /// May use Ingress.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub ingress_admin: bool,
    /// Others in the room do not see this participant.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub hidden: bool,
    /// Tells the room that it is being recorded.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub recorder: bool,
    /// May register as an agent worker.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub agent: bool,
    /// See [`Self::can_subscribe_metrics`].
    #[serde(skip_serializing_if = "is_default")]
    pub can_subscribe_metrics: Option<bool>,
    /// See [`Self::can_manage_agent_session`].
    #[serde(skip_serializing_if = "is_default")]
    pub can_manage_agent_session: Option<bool>,
    /// The room that a participant of `room` may be forwarded or moved to.
    #[serde(
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub destination_room: String,
}

impl VideoGrants {
    /// Absent means yes.
    pub fn can_publish(&self) -> bool {
        self.can_publish.unwrap_or(true)
    }

    /// Without a list every source may be published, else only those in it; `can_publish: false` forbids all.
    pub fn can_publish_source(&self, source: TrackSource) -> bool {
        self.can_publish()
            && (self.can_publish_sources.is_empty()
                || self
                    .can_publish_sources
                    .iter()
                    .any(|name| source_from_claim(name) == source))
    }

    /// The sources that may be published; empty means all of them.
    pub fn can_publish_sources(&self) -> Vec<TrackSource> {
        self.can_publish_sources
            .iter()
            .map(|name| source_from_claim(name))
            .collect()
    }

    /// Absent means the same as [`Self::can_publish`].
    pub fn can_publish_data(&self) -> bool {
        self.can_publish_data.unwrap_or_else(|| self.can_publish())
    }

    /// Absent means yes.
    pub fn can_subscribe(&self) -> bool {
        self.can_subscribe.unwrap_or(true)
    }

    /// Absent means no.
    pub fn can_update_own_metadata(&self) -> bool {
        self.can_update_own_metadata.unwrap_or(false)
    }

    /// Absent means no.
    pub fn can_subscribe_metrics(&self) -> bool {
        self.can_subscribe_metrics.unwrap_or(false)
    }

    /// Absent means no.
    pub fn can_manage_agent_session(&self) -> bool {
        self.can_manage_agent_session.unwrap_or(false)
    }

    /// The permissions a participant with this grant starts with, as other participants see them.
    #[expect(
        deprecated,
        reason = "LiveKit still sends `recorder` and `agent` for old clients"
    )]
    pub fn to_permission(&self) -> ParticipantPermission {
        ParticipantPermission {
            can_subscribe: self.can_subscribe(),
            can_publish: self.can_publish(),
            can_publish_data: self.can_publish_data(),
            can_publish_sources: self
                .can_publish_sources()
                .into_iter()
                .map(i32::from)
                .collect(),
            hidden: self.hidden,
            recorder: self.recorder,
            can_update_metadata: self.can_update_own_metadata(),
            agent: self.agent,
            can_subscribe_metrics: self.can_subscribe_metrics(),
            can_manage_agent_session: self.can_manage_agent_session(),
        }
    }

    /// Replaces everything a permission speaks of (`UpdateParticipant.permission` is never a patch).
    #[expect(deprecated, reason = "LiveKit still reads `recorder` and `agent`")]
    pub fn update_from_permission(&mut self, permission: &ParticipantPermission) {
        self.can_publish = Some(permission.can_publish);
        self.can_publish_data = Some(permission.can_publish_data);
        self.can_publish_sources = permission
            .can_publish_sources()
            .map(|source| source.as_str_name().to_lowercase())
            .collect();
        self.can_subscribe = Some(permission.can_subscribe);
        self.can_update_own_metadata = Some(permission.can_update_metadata);
        self.hidden = permission.hidden;
        self.recorder = permission.recorder;
        self.agent = permission.agent;
        self.can_subscribe_metrics = Some(permission.can_subscribe_metrics);
        self.can_manage_agent_session = Some(permission.can_manage_agent_session);
    }
}

/// An unknown name stays in the list as `Unknown`: a list of only unknown names must not become "everything".
fn source_from_claim(name: &str) -> TrackSource {
    TrackSource::from_str_name(&name.to_uppercase()).unwrap_or(TrackSource::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(json: &str) -> VideoGrants {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn absent_values_allow_media_and_data_and_forbid_the_rest() {
        let grants = grants("{}");
        assert!(grants.can_publish() && grants.can_subscribe() && grants.can_publish_data());
        assert!(!grants.can_update_own_metadata());
        assert!(!grants.can_subscribe_metrics() && !grants.can_manage_agent_session());
        assert!(!grants.room_join && !grants.hidden);
    }

    #[test]
    fn publishing_data_follows_publishing_when_absent() {
        assert!(!grants(r#"{"canPublish":false}"#).can_publish_data());
        assert!(grants(r#"{"canPublish":false,"canPublishData":true}"#).can_publish_data());
    }

    #[test]
    fn a_list_of_sources_allows_only_those_and_an_empty_one_allows_all() {
        let camera_only = grants(r#"{"canPublishSources":["camera"]}"#);
        assert!(camera_only.can_publish_source(TrackSource::Camera));
        assert!(!camera_only.can_publish_source(TrackSource::Microphone));
        assert!(grants(r#"{"canPublishSources":[]}"#).can_publish_source(TrackSource::ScreenShare));
        assert!(
            grants(r#"{"canPublishSources":["SCREEN_SHARE"]}"#)
                .can_publish_source(TrackSource::ScreenShare)
        );
        assert!(
            !grants(r#"{"canPublishSources":["hologram"]}"#)
                .can_publish_source(TrackSource::Camera)
        );
        assert!(
            !grants(r#"{"canPublish":false,"canPublishSources":["camera"]}"#)
                .can_publish_source(TrackSource::Camera)
        );
    }

    #[test]
    fn a_permission_replaces_the_grants_and_reads_back_the_same() {
        let mut grants = grants(
            r#"{"roomJoin":true,"room":"r","canPublishSources":["camera"],"canUpdateOwnMetadata":true}"#,
        );
        let permission = ParticipantPermission {
            can_subscribe: true,
            can_publish_sources: vec![TrackSource::ScreenShareAudio.into()],
            hidden: true,
            ..ParticipantPermission::default()
        };
        grants.update_from_permission(&permission);
        assert_eq!(grants.to_permission(), permission);
        assert!(grants.room_join);
        assert_eq!(grants.can_publish_sources, ["screen_share_audio"]);
    }

    #[test]
    fn null_is_absent_as_in_go() {
        assert_eq!(
            grants(r#"{"canPublishSources":null,"room":null,"roomJoin":null,"canPublish":null}"#),
            VideoGrants::default()
        );
    }
}
