//! The two calls of LiveKit's RoomService (Twirp) that a Matrix service makes.

use futures::future::BoxFuture;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use livekit_wire::{Identity, RoomName, VideoGrants, proto, token::SignError};
use prost::Message;
use serde::Deserialize;

use super::LiveKit;
use crate::delayed_leave::{ParticipantSid, Presence, PresenceUnknown};

/// How long a room waits for its first participant.
const EMPTY_TIMEOUT_SECONDS: u32 = 5 * 60;
/// How long it stays when the last one left.
const DEPARTURE_TIMEOUT_SECONDS: u32 = 20;
/// A room or participant is a few kilobytes, with up to a megabyte of metadata.
const LARGEST_ANSWER: usize = 2 * 1024 * 1024;

/// Why the SFU did not do it.
#[derive(Debug, thiserror::Error)]
pub enum RoomServiceError {
    /// No such room or participant.
    #[error("the SFU finds no such thing")]
    NotFound,
    /// It refused.
    #[error("the SFU answers {status}: {words}")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// Its own words.
        words: String,
    },
    /// It could not be asked, or its answer broke off.
    #[error("the SFU cannot be asked: {0}")]
    Unreachable(String),
    /// It answered something that is no answer.
    #[error("the SFU's answer is not understood")]
    Nonsense,
    /// We have no token for it.
    #[error(transparent)]
    Token(#[from] SignError),
}

impl From<reqwest::Error> for RoomServiceError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url().to_string())
    }
}

#[derive(Deserialize)]
struct TwirpRefusal {
    #[serde(default)]
    code: String,
    #[serde(default)]
    msg: String,
}

impl LiveKit {
    /// Opens the room, or finds it open.
    pub async fn create_room(&self, room: &RoomName) -> Result<(), RoomServiceError> {
        let request = proto::CreateRoomRequest {
            name: room.into(),
            empty_timeout: EMPTY_TIMEOUT_SECONDS,
            departure_timeout: DEPARTURE_TIMEOUT_SECONDS,
            ..Default::default()
        };
        let grants = VideoGrants {
            room_create: true,
            ..VideoGrants::default()
        };
        let created: proto::Room = self.call("CreateRoom", grants, &request).await?;
        tracing::debug!(%room, sid = created.sid, "the room is open");
        Ok(())
    }

    async fn call<A: Message + Default>(
        &self,
        method: &str,
        grants: VideoGrants,
        request: &impl Message,
    ) -> Result<A, RoomServiceError> {
        let base = self.api_url.as_str().trim_end_matches('/');
        let mut response = self
            .http
            .post(format!("{base}/twirp/livekit.RoomService/{method}"))
            .bearer_auth(self.call_token(grants)?)
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/protobuf"),
            )
            .body(request.encode_to_vec())
            .send()
            .await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(RoomServiceError::Nonsense);
            }
            body.extend_from_slice(&chunk);
        }
        match response.status() {
            StatusCode::OK => A::decode(body.as_slice()).map_err(|_| RoomServiceError::Nonsense),
            status => Err(refusal(status, &body)),
        }
    }
}

/// A 404 that is not Twirp's comes from something in front of the SFU and says nothing about rooms.
fn refusal(status: StatusCode, body: &[u8]) -> RoomServiceError {
    match serde_json::from_slice::<TwirpRefusal>(body) {
        Ok(refusal) if refusal.code == "not_found" => RoomServiceError::NotFound,
        Ok(refusal) => RoomServiceError::Refused {
            status,
            words: format!("{} {}", refusal.code, refusal.msg),
        },
        Err(_) => RoomServiceError::Refused {
            status,
            words: "not in Twirp's form".to_owned(),
        },
    }
}

impl Presence for LiveKit {
    fn find<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<Option<ParticipantSid>, PresenceUnknown>> {
        Box::pin(async move {
            let request = proto::RoomParticipantIdentity {
                room: room.into(),
                identity: identity.into(),
                ..Default::default()
            };
            let grants = VideoGrants {
                room_admin: true,
                room: room.into(),
                ..VideoGrants::default()
            };
            match self
                .call::<proto::ParticipantInfo>("GetParticipant", grants, &request)
                .await
            {
                Ok(found) => Ok(Some(ParticipantSid::new(&found.sid))),
                Err(RoomServiceError::NotFound) => Ok(None),
                Err(error) => Err(PresenceUnknown(error.to_string())),
            }
        })
    }
}
