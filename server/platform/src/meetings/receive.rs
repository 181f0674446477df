//! Receives LiveKit's webhooks: signed, each counted once, in any order.

use std::time::Duration;

use axum::{body::Bytes, extract::State};
use http::{HeaderMap, StatusCode, header};
use livekit_protocol as proto;
use thiserror::Error;

use super::{record::Record, store};
use crate::{
    app::App, clock::Timestamp, db::DbError, events::EventBody, http::Problem,
    livekit::event::InvalidWebhook, participants,
};

// LiveKit retries for minutes at most.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a webhook is not taken.
#[derive(Debug, Error)]
pub enum ReceiveError {
    #[error(transparent)]
    Invalid(#[from] InvalidWebhook),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Problem {
        match error {
            ReceiveError::Invalid(InvalidWebhook::Unauthenticated | InvalidWebhook::WrongHash) => {
                tracing::warn!(%error, "a webhook was turned away");
                Problem::new(
                    StatusCode::UNAUTHORIZED,
                    "unauthenticated",
                    error.to_string(),
                )
            }
            ReceiveError::Invalid(InvalidWebhook::Malformed(_)) => {
                tracing::warn!(%error, "a webhook was turned away");
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "malformed_event",
                    error.to_string(),
                )
            }
            // LiveKit tries again.
            ReceiveError::Internal(cause) => Problem::internal(&cause),
        }
    }
}

/// Takes an event of the media server: `application/webhook+json`, signed with the API key.
#[utoipa::path(
    post, path = "/api/livekit/webhook", tag = "livekit", operation_id = "receiveLiveKitWebhook",
    request_body(content = String, content_type = "application/webhook+json"),
    responses((status = 200), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn receive(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    take(&app, authorization, &body).await?;
    Ok(StatusCode::OK)
}

async fn take(app: &App, authorization: &str, body: &[u8]) -> Result<(), ReceiveError> {
    let body =
        std::str::from_utf8(body).map_err(|error| InvalidWebhook::Malformed(error.to_string()))?;
    let event = app.livekit.receive_webhook(body, authorization)?;
    let Some(livekit_room) = event.room.as_ref().filter(|room| !room.sid.is_empty()) else {
        return Ok(());
    };
    // An external server may serve others too; their rooms are none of ours.
    let Some(room) = store::known_room(&app.db, &livekit_room.name).await? else {
        return Ok(());
    };
    let mut record = Record::open(app, &room).await?;
    if !record.is_new(&event.id, app.now() - REMEMBERED).await? {
        return Ok(());
    }
    write(&mut record, &event, livekit_room).await?;
    record.close().await?;
    if let ("participant_joined", Some(info)) = (event.event.as_str(), &event.participant) {
        participants::enforce(app, room.id, info).await?;
    }
    Ok(())
}

async fn write(
    record: &mut Record<'_>,
    event: &proto::WebhookEvent,
    room: &proto::Room,
) -> Result<(), DbError> {
    let at = Timestamp(event.created_at.saturating_mul(1000));
    let started_at = started_at(room).unwrap_or(at);
    match (event.event.as_str(), &event.participant) {
        ("room_started", _) => {
            record.meeting(&room.sid, started_at).await?;
        }
        ("room_finished", _) => {
            let meeting = record.meeting(&room.sid, started_at).await?;
            record.end(&meeting, Some(at)).await?;
            record.forget_decisions().await?;
        }
        ("participant_joined", Some(info)) => {
            let meeting = record.meeting(&room.sid, started_at).await?;
            record.joined(&meeting, info).await?;
        }
        ("participant_left", Some(info)) => {
            let meeting = record.meeting(&room.sid, started_at).await?;
            record.left(&meeting, info, at).await?;
        }
        ("participant_connection_aborted", Some(info)) => {
            let meeting = record.meeting(&room.sid, started_at).await?;
            record.aborted(&meeting, info, at).await?;
        }
        ("track_published" | "track_unpublished", Some(info)) => {
            if let Ok(identity) = info.identity.parse() {
                record.tell(|room| EventBody::ParticipantUpdated { room, identity });
            }
        }
        // Egress, ingress and agents have no part in presence; newer servers may know more events.
        _ => {}
    }
    Ok(())
}

/// When the media server made the room; `None` where the event cuts it to name and sid.
pub(super) fn started_at(room: &proto::Room) -> Option<Timestamp> {
    match (room.creation_time_ms, room.creation_time) {
        (0, 0) => None,
        (0, seconds) => Some(Timestamp(seconds.saturating_mul(1000))),
        (millis, _) => Some(Timestamp(millis)),
    }
}
