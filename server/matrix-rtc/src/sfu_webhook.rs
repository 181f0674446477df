//! `/sfu_webhook`: the SFU tells who came and went. Answers 200 to everything, as the original service does: what cannot
//! be verified would not get better by being sent again.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::State,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header::AUTHORIZATION};
use livekit_wire::{Identity, RoomName, TokenError, proto::DisconnectReason};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    delayed_leave::{ParticipantEvent, ParticipantSid},
};

/// Participants may carry half a megabyte of metadata.
const LARGEST: usize = 2 * 1024 * 1024;

/// What we read of an event. Not the generated message, which refuses words that newer servers have.
#[derive(Deserialize)]
struct Webhook {
    #[serde(default)]
    event: String,
    room: Option<Room>,
    participant: Option<Participant>,
}

#[derive(Deserialize)]
struct Room {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Participant {
    #[serde(default)]
    sid: String,
    #[serde(default)]
    identity: String,
    disconnect_reason: Option<Reason>,
}

/// LiveKit's `DisconnectReason`, as proto3 JSON writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reason {
    Name(String),
    Number(i32),
    /// Not one that we could know.
    Other(serde::de::IgnoredAny),
}

impl Reason {
    /// `None` for one of the future.
    fn known(&self) -> Option<DisconnectReason> {
        match self {
            Self::Name(name) => DisconnectReason::from_str_name(name),
            Self::Number(number) => DisconnectReason::try_from(*number).ok(),
            Self::Other(_) => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("it breaks off or is too large: {0}")]
    Body(#[from] axum::Error),
    #[error("it has no token")]
    NoToken,
    #[error("its token: {0}")]
    Token(#[from] TokenError),
    #[error("its token is for another body")]
    Checksum,
    #[error("it is no webhook event: {0}")]
    Json(#[from] serde_json::Error),
}

pub async fn sfu_webhook(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) {
    match receive(&app, &headers, body).await {
        Ok(event) => route(&app, event),
        Err(refusal) => tracing::warn!(%refusal, "a webhook is not believed"),
    }
}

async fn receive(app: &App, headers: &HeaderMap, body: Body) -> Result<Webhook, Refusal> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(Refusal::NoToken)?;
    let claims = app.livekit.verify(token)?;
    let bytes = to_bytes(body, LARGEST).await?;
    // The token is genuine, so its checksum is no secret to find by timing.
    if claims.sha256 != STANDARD.encode(Sha256::digest(&bytes)) {
        return Err(Refusal::Checksum);
    }
    Ok(serde_json::from_slice(&bytes)?)
}

fn route(app: &App, event: Webhook) {
    let Some(room) = event.room.map(|room| RoomName::new(room.name)) else {
        return;
    };
    if event.event == "room_finished" {
        tracing::debug!(%room, "the SFU has closed a room");
        app.rooms.closed(&room);
    }
    let Some(participant) = event.participant else {
        return;
    };
    let reason = participant
        .disconnect_reason
        .and_then(|reason| reason.known());
    let happened = match event.event.as_str() {
        "participant_joined" => ParticipantEvent::Joined,
        "participant_left" | "participant_connection_aborted" => match reason {
            // The same identity is there anew, or on another node.
            Some(DisconnectReason::DuplicateIdentity | DisconnectReason::Migration)
                if event.event == "participant_left" =>
            {
                return;
            }
            Some(DisconnectReason::ClientInitiated) => ParticipantEvent::LeftIntentionally,
            Some(DisconnectReason::ServerShutdown) => ParticipantEvent::Interrupted,
            _ => ParticipantEvent::Aborted,
        },
        _ => return,
    };
    let Ok(identity) = Identity::parse(participant.identity) else {
        return;
    };
    tracing::debug!(%room, %identity, event = event.event, ?reason, "the SFU tells");
    let sid = ParticipantSid::new(&participant.sid);
    app.delayed_leaves.tell(&room, &identity, happened, sid);
}
