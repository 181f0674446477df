//! Receives LiveKit's webhooks: signed, each counted once, in any order; and hands them on.

use std::time::Duration;

use axum::{body::Bytes, extract::State};
use http::{HeaderMap, StatusCode};
use livekit_client::InvalidWebhook;
use livekit_protocol as proto;
use thiserror::Error;

use super::{enforce, store};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    doctor, egress,
    http::{Problem, authorization},
    ingress,
    livekit::InRegion,
    meetings, recordings,
    rooms::{self, KnownRoom, region},
    usage,
};

// LiveKit retries for minutes at most.
const REMEMBERED: Duration = Duration::from_hours(24);

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
            ReceiveError::Invalid(
                InvalidWebhook::Unauthenticated(_) | InvalidWebhook::WrongHash,
            ) => {
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
            ReceiveError::Internal(cause) => cause.into(),
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
    let taken = take(&app, authorization(&headers), &body).await;
    if let Err(error @ ReceiveError::Invalid(_)) = &taken {
        app.refused.note(app.now(), error.to_string());
    }
    taken?;
    Ok(StatusCode::OK)
}

async fn take(app: &App, authorization: &str, body: &[u8]) -> Result<(), ReceiveError> {
    let (here, event) = app.receive_webhook(body, authorization, app.now())?;
    if let Some(info) = &event.egress_info {
        // However often it comes: the recorder's later word wins.
        let heard = recordings::hear_alone(app, info).await?;
        heard.obey(app, &info.egress_id, app.now()).await;
        if !egress::tells(&event.event) {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        if is_new(app, &mut tx, &event.id).await? {
            egress::hear(app, &mut tx, &event.event, info).await?;
        }
        return Ok(tx.commit().await?);
    }
    if let Some(info) = &event.ingress_info {
        let mut tx = app.db.begin().await?;
        if is_new(app, &mut tx, &event.id).await? {
            ingress::hear(app, &mut tx, &event.event, info).await?;
        }
        return Ok(tx.commit().await?);
    }
    let Some(livekit_room) = &event.room else {
        return Ok(());
    };
    if doctor::hear(app, &livekit_room.name).await? {
        return Ok(());
    }
    // An external server may serve others' rooms too.
    let Some(room) = rooms::known(&app.db, &livekit_room.name).await? else {
        return Ok(());
    };
    let mut tx = app.db.begin().await?;
    if is_new(app, &mut tx, &event.id).await? {
        let is_here = region::of_room(app, &room.id.livekit_name()).await?.name == here.name;
        hand_on(app, &mut tx, &room, &event, is_here).await?;
        // Last: events of other rooms that forget the same wait for this commit, not for this room's turn.
        store::forget(&mut tx, app.now() - REMEMBERED).await?;
    }
    tx.commit().await?;
    // Also of one that was counted before: whoever counted it may have ended before it got so far.
    hold(app, here, &room, &event).await?;
    Ok(())
}

/// `false` when this event was counted before; one without an id is always new.
async fn is_new(app: &App, tx: &mut Tx, id: &str) -> Result<bool, DbError> {
    if id.is_empty() {
        return Ok(true);
    }
    store::note(tx, id, app.now()).await
}

/// Tells every feature that hears LiveKit's events, a line each; each takes the events that it knows and leaves the
/// others alone. What one writes down in `tx` is kept with the event being counted, or LiveKit sends it again: calls
/// of the media server come after, as in [`hold`]. `is_here`: whether the room's call is
/// in the region that tells.
async fn hand_on(
    app: &App,
    tx: &mut Tx,
    room: &KnownRoom,
    event: &proto::WebhookEvent,
    is_here: bool,
) -> Result<(), DbError> {
    let at = happened_at(event, app.now());
    meetings::hear(app, tx, room, event, at, is_here).await?;
    usage::hear(tx, event, at).await
}

/// Holds what is on record against whom an event shows to be there.
async fn hold(
    app: &App,
    here: InRegion<'_>,
    room: &KnownRoom,
    event: &proto::WebhookEvent,
) -> Result<(), DbError> {
    match (event.event.as_str(), &event.participant, &event.track) {
        ("participant_joined", Some(info), _) => enforce::enforce(app, here, room.id, info).await,
        ("track_published", Some(info), Some(track)) => {
            enforce::enforce_track(app, here, room.id, &info.identity, track).await
        }
        _ => Ok(()),
    }
}

/// LiveKit tells whole seconds; within the second it names, our own clock knows better.
fn happened_at(event: &proto::WebhookEvent, now: Timestamp) -> Timestamp {
    let second = event.created_at.saturating_mul(1000);
    Timestamp(now.0.clamp(second, second.saturating_add(999)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{
        TestRoom,
        livekit::{API_SECRET, deliver, send, sign},
    };

    #[tokio::test]
    async fn the_same_event_delivered_twice_counts_once() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let now = app.app().now();
        let info = livekit.enter(&room.id, "g-1", now);
        let joined = livekit.event("participant_joined", &room.id, Some(&info), now);
        let left = livekit.event("participant_left", &room.id, Some(&info), now);
        for event in [&joined, &joined, &left, &joined, &left] {
            assert_eq!(deliver(&app, event).await.status, 200);
        }
        assert_eq!(room.live(&mut ada).await, 0);
        let meetings = room.meetings(&mut ada).await;
        assert_eq!(meetings[0]["attendances"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_webhook_that_livekit_did_not_sign_is_turned_away() {
        let (app, livekit, _ada, room) = TestRoom::start().await;
        let now = app.app().now();
        let body =
            serde_json::to_string(&livekit.event("room_started", &room.id, None, now)).unwrap();
        let forged = sign(&body, "another-secret-another-secret-another");
        let answer = send(&mut app.internal(), body.clone(), &forged).await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
        let good = sign(&body, API_SECRET);
        let tampered = body.replace("room_started", "room_finished");
        assert_eq!(send(&mut app.internal(), tampered, &good).await.status, 401);
        let nonsense = "{\"room\": 7}".to_owned();
        let token = sign(&nonsense, API_SECRET);
        let answer = send(&mut app.internal(), nonsense, &token).await;
        assert_eq!((answer.status, answer.code()), (400, "malformed_event"));
        assert_eq!(
            send(&mut app.internal(), body.clone(), "").await.status,
            401
        );
        // The public site takes it as well: an external cluster has no other way in.
        assert_eq!(send(&mut app.browser(), body, &good).await.status, 200);
        let mut info = livekit.enter(&room.id, "g-1", now);
        info.metadata = "m".repeat(512 * 1024);
        let large = livekit.event("participant_joined", &room.id, Some(&info), now);
        let large = serde_json::to_string(&large).unwrap();
        let good = sign(&large, API_SECRET);
        assert_eq!(send(&mut app.browser(), large, &good).await.status, 200);
    }

    #[tokio::test]
    async fn events_of_rooms_that_are_none_of_ours_and_unknown_fields_are_harmless() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let now = app.app().now();
        let foreign = livekit.event("room_started", "somebody-elses", None, now);
        assert_eq!(deliver(&app, &foreign).await.status, 200);
        let info = livekit.enter(&room.id, "g-1", now);
        let event = livekit.event("participant_joined", &room.id, Some(&info), now);
        let mut event = serde_json::to_value(&event).unwrap();
        event["newField"] = json!({"of": "a newer server"});
        let body = event.to_string();
        let token = sign(&body, API_SECRET);
        assert_eq!(send(&mut app.internal(), body, &token).await.status, 200);
        assert_eq!(room.meetings(&mut ada).await.len(), 1);
    }
}
