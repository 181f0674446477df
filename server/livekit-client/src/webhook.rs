//! A server's webhooks, verified and read: JWT, hash of the body, proto3 JSON. Words of newer servers are left out and
//! kinds of events that nobody knows are handed on as they are.

use std::time::SystemTime;

use livekit_wire::{
    ApiKeys, TokenError,
    proto::WebhookEvent,
    token::{body_hash, verify},
};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// No server says more that we do not know.
const MOST_LEFT_OUT: usize = 1000;

/// Why a webhook is not believed or not understood.
#[derive(Debug, thiserror::Error)]
pub enum InvalidWebhook {
    /// Nobody who has our key sent it.
    #[error("the webhook's token is missing or not signed with our API key")]
    Unauthenticated(#[from] TokenError),
    /// The token is for something else.
    #[error("the webhook's body does not match the hash in its token")]
    WrongHash,
    /// Not a proto3 JSON object that says what has happened.
    #[error("the webhook's body is not a LiveKit event: {0}")]
    Malformed(String),
}

/// A webhook whose token is genuine and whose body may still be on its way.
#[derive(Debug)]
pub struct SignedWebhook {
    sha256: String,
}

/// Verifies and reads a webhook; `authorization` with or without `Bearer`.
pub fn receive_webhook(
    authorization: &str,
    body: &[u8],
    keys: &ApiKeys,
    now: SystemTime,
) -> Result<WebhookEvent, InvalidWebhook> {
    SignedWebhook::verify(authorization, keys, now)?.read(body)
}

impl SignedWebhook {
    /// Checks the token, before anything of a stranger's body is read.
    pub fn verify(
        authorization: &str,
        keys: &ApiKeys,
        now: SystemTime,
    ) -> Result<Self, TokenError> {
        let token = authorization
            .strip_prefix("Bearer ")
            .unwrap_or(authorization);
        let sha256 = verify(token, keys, now)?.claims.sha256;
        Ok(Self { sha256 })
    }

    /// Whether it is this body that was signed.
    pub fn signs(&self, body: &[u8]) -> bool {
        // The token is genuine, so its hash is no secret to find by timing.
        self.sha256 == body_hash(body)
    }

    /// The event in the body, if it is the one that was signed.
    pub fn read(&self, body: &[u8]) -> Result<WebhookEvent, InvalidWebhook> {
        if self.signs(body) {
            read(body)
        } else {
            Err(InvalidWebhook::WrongHash)
        }
    }
}

/// Reads an event. The generated reader skips fields that it does not know and refuses the whole event for one enum
/// value of a newer server; here that value is left out instead, as protobuf's own rules have it.
fn read(body: &[u8]) -> Result<WebhookEvent, InvalidWebhook> {
    let malformed = |error: &dyn ToString| InvalidWebhook::Malformed(error.to_string());
    let mut json: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    for _ in 0..MOST_LEFT_OUT {
        let read: Result<WebhookEvent, _> = serde_path_to_error::deserialize(&json);
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
    use std::time::{Duration, UNIX_EPOCH};

    use livekit_wire::{
        Claims,
        proto::TrackSource,
        token::{LEEWAY, sign},
    };
    use serde_json::json;

    use super::*;

    fn keys() -> ApiKeys {
        ApiKeys::one("key".to_owned(), "secret".into())
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_hours(500_000)
    }

    fn token(body: &str, secret: &str) -> String {
        sign(
            &Claims::of_body(body),
            "key",
            &secret.into(),
            now(),
            Duration::from_mins(5),
        )
        .unwrap()
    }

    fn receive(body: &str, authorization: &str) -> Result<WebhookEvent, InvalidWebhook> {
        receive_webhook(authorization, body.as_bytes(), &keys(), now())
    }

    #[test]
    fn only_what_our_key_signed_is_read_and_only_that_body() {
        let body = r#"{"event":"room_started","id":"EV_1","room":{"sid":"RM_1","name":"r"}}"#;
        let good = token(body, "secret");
        assert_eq!(receive(body, &good).unwrap().event, "room_started");
        let bearer = format!("Bearer {good}");
        assert_eq!(receive(body, &bearer).unwrap().room.unwrap().name, "r");
        for bad in ["", "x", &token(body, "another secret")] {
            let refused = receive(body, bad);
            assert!(
                matches!(refused, Err(InvalidWebhook::Unauthenticated(_))),
                "{bad}: {refused:?}"
            );
        }
        let other = receive(&body.replace("RM_1", "RM_2"), &good);
        assert!(matches!(other, Err(InvalidWebhook::WrongHash)), "{other:?}");
        let late = receive_webhook(&good, body.as_bytes(), &keys(), now() + LEEWAY * 6);
        assert!(
            matches!(
                late,
                Err(InvalidWebhook::Unauthenticated(TokenError::Expired))
            ),
            "{late:?}"
        );
    }

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
        let event = read(event.to_string().as_bytes()).unwrap();
        assert_eq!(event.event, "participant_waved");
        assert_eq!(event.created_at, 1_800_000_000);
        assert_eq!(event.room.unwrap().name, "r");
        let participant = event.participant.unwrap();
        assert_eq!(participant.identity, "g-1");
        assert_eq!(participant.joined_at, 1_800_000_000);
        let sources = participant.permission.unwrap().can_publish_sources;
        assert_eq!(sources, [i32::from(TrackSource::Camera)]);
        let tracks: Vec<_> = participant
            .tracks
            .iter()
            .map(|track| (track.sid.as_str(), track.source()))
            .collect();
        assert_eq!(
            tracks,
            [
                ("TR_1", TrackSource::Unknown),
                ("TR_2", TrackSource::Camera)
            ]
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for body in ["", "7", "[]", "{}", "{\"room\": 7}", "{\"event\": 7}"] {
            let refused = read(body.as_bytes());
            assert!(
                matches!(refused, Err(InvalidWebhook::Malformed(_))),
                "{body}: {refused:?}"
            );
        }
    }
}
