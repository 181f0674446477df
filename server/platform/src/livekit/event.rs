//! LiveKit's webhooks, checked and decoded: JWT, body hash, protobuf JSON. Words of newer servers are left out.

use base64::{Engine, engine::general_purpose::STANDARD};
use livekit_protocol as proto;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::LiveKit;

/// No server says more that we do not know.
const MOST_LEFT_OUT: usize = 1000;

/// Why a webhook is turned away.
#[derive(Debug, Error)]
pub enum InvalidWebhook {
    #[error("the webhook's token is missing or not signed with our API key")]
    Unauthenticated,
    #[error("the webhook's body does not match the hash in its token")]
    WrongHash,
    #[error("the webhook's body is not a LiveKit event: {0}")]
    Malformed(String),
}

impl LiveKit {
    /// Checks and decodes a webhook; `authorization` with or without `Bearer`.
    pub fn receive_webhook(
        &self,
        body: &str,
        authorization: &str,
    ) -> Result<proto::WebhookEvent, InvalidWebhook> {
        let token = authorization
            .strip_prefix("Bearer ")
            .unwrap_or(authorization);
        let claims = self
            .tokens
            .verify(token)
            .map_err(|_| InvalidWebhook::Unauthenticated)?;
        // The token is genuine, so its hash is no secret to find by timing.
        if claims.sha256 != STANDARD.encode(Sha256::digest(body)) {
            return Err(InvalidWebhook::WrongHash);
        }
        read(body)
    }
}

/// Reads an event. The generated reader skips fields that it does not know and refuses the whole event for one enum
/// value of a newer server; here that value is left out instead, as protobuf's own rules have it.
fn read(body: &str) -> Result<proto::WebhookEvent, InvalidWebhook> {
    let malformed = |error: &dyn ToString| InvalidWebhook::Malformed(error.to_string());
    let mut json: Value = serde_json::from_str(body).map_err(|error| malformed(&error))?;
    for _ in 0..MOST_LEFT_OUT {
        let read: Result<proto::WebhookEvent, _> = serde_path_to_error::deserialize(&json);
        match read {
            Ok(event) if event.event.is_empty() => break,
            Ok(event) => return Ok(event),
            Err(error) => {
                tracing::debug!(%error, "part of a webhook is left out");
                if !remove(&mut json, error.path()) {
                    return Err(malformed(&error));
                }
            }
        }
    }
    Err(malformed(&"it does not say what has happened"))
}

/// Removes what a path leads to; whether there was anything.
fn remove(json: &mut Value, path: &Path) -> bool {
    let steps: Vec<&Segment> = path
        .iter()
        .take_while(|step| matches!(step, Segment::Map { .. } | Segment::Seq { .. }))
        .collect();
    let Some((last, way)) = steps.split_last() else {
        return false;
    };
    let parent = way.iter().try_fold(json, |value, step| match step {
        Segment::Map { key } => value.get_mut(key),
        Segment::Seq { index } => value.get_mut(index),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    match (parent, last) {
        (Some(Value::Object(fields)), Segment::Map { key }) => fields.remove(key).is_some(),
        (Some(Value::Array(items)), Segment::Seq { index }) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_and_fields_of_a_newer_server_are_left_out() {
        let event = json!({
            "event": "participant_waved",
            "id": "EV_1",
            "createdAt": "1800000000",
            "wave": { "hands": 2 },
            "roomEndReason": "ROOM_FORGOTTEN",
            "room": { "sid": "RM_1", "name": "r", "weather": ["fine"] },
            "participant": {
                "sid": "PA_1",
                "identity": "g-1",
                "kind": "ROBOT",
                "state": 99,
                "kindDetails": ["CLOUD_AGENT", "ROBOT_DOG"],
                "disconnectReason": "EATEN_BY_A_GRUE",
                "joinedAt": "1800000000",
                "permission": { "canPublish": true, "canPublishSources": ["CAMERA", "HOLOGRAM"] },
                "tracks": [
                    { "sid": "TR_1", "source": "HOLOGRAM", "type": "SMELL" },
                    { "sid": "TR_2", "source": "CAMERA", "type": "VIDEO", "encryption": 77 },
                ],
            },
        });
        let event = read(&event.to_string()).unwrap();
        assert_eq!(event.event, "participant_waved");
        assert_eq!(event.created_at, 1_800_000_000);
        assert_eq!(event.room.unwrap().name, "r");
        let participant = event.participant.unwrap();
        assert_eq!(participant.identity, "g-1");
        assert_eq!(participant.joined_at, 1_800_000_000);
        let sources = participant.permission.unwrap().can_publish_sources;
        assert_eq!(sources, [i32::from(proto::TrackSource::Camera)]);
        let tracks: Vec<_> = participant
            .tracks
            .iter()
            .map(|track| (track.sid.as_str(), track.source()))
            .collect();
        assert_eq!(
            tracks,
            [
                ("TR_1", proto::TrackSource::Unknown),
                ("TR_2", proto::TrackSource::Camera)
            ]
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for body in ["", "7", "[]", "{}", "{\"room\": 7}", "{\"event\": 7}"] {
            let refused = read(body);
            assert!(
                matches!(refused, Err(InvalidWebhook::Malformed(_))),
                "{body}: {refused:?}"
            );
        }
    }
}
