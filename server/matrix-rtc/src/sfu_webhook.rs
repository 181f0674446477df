//! `/sfu_webhook`: the SFU tells who came and went. Answers 200 to everything, as the original service does: what cannot
//! be verified would not get better by being sent again.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::State,
};
use http::{HeaderMap, header::AUTHORIZATION};
use livekit_client::InvalidWebhook;
use livekit_wire::{
    Identity, RoomName, TokenError,
    proto::{DisconnectReason, WebhookEvent},
};

use crate::{
    app::App,
    delayed_leave::{ParticipantEvent, ParticipantSid},
};

/// Participants may carry half a megabyte of metadata.
const LARGEST: usize = 2 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("it breaks off or is too large: {0}")]
    Body(#[from] axum::Error),
    #[error("it has no token")]
    NoToken,
    #[error("its token: {0}")]
    Token(#[from] TokenError),
    #[error(transparent)]
    Webhook(#[from] InvalidWebhook),
}

pub async fn sfu_webhook(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) {
    match receive(&app, &headers, body).await {
        Ok(event) => route(&app, event),
        Err(refusal) => tracing::warn!(%refusal, "a webhook is not believed"),
    }
}

async fn receive(app: &App, headers: &HeaderMap, body: Body) -> Result<WebhookEvent, Refusal> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(Refusal::NoToken)?;
    let signed = app.livekit.verify_webhook(token)?;
    let bytes = to_bytes(body, LARGEST).await?;
    Ok(signed.read(&bytes)?)
}

fn route(app: &App, event: WebhookEvent) {
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
    let reason = participant.disconnect_reason();
    let happened = match event.event.as_str() {
        "participant_joined" => ParticipantEvent::Joined,
        "participant_left" | "participant_connection_aborted" => match reason {
            // The same identity is there anew, or on another node.
            DisconnectReason::DuplicateIdentity | DisconnectReason::Migration
                if event.event == "participant_left" =>
            {
                return;
            }
            DisconnectReason::ClientInitiated => ParticipantEvent::LeftIntentionally,
            DisconnectReason::ServerShutdown => ParticipantEvent::Interrupted,
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
