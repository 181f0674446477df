//! Receives LiveKit's webhooks: signed, each counted once, in any order.

use std::time::Duration;

use axum::{body::Bytes, extract::State};
use http::{HeaderMap, StatusCode, header};
use livekit_client::InvalidWebhook;
use livekit_protocol as proto;
use thiserror::Error;

use super::record::Record;
use crate::{
    app::App, clock::Timestamp, db::DbError, happenings::Happening, http::Problem, participants,
    rooms,
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
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    take(&app, authorization, &body).await?;
    Ok(StatusCode::OK)
}

async fn take(app: &App, authorization: &str, body: &[u8]) -> Result<(), ReceiveError> {
    let event = app
        .livekit
        .receive_webhook(body, authorization, app.now())?;
    let Some(livekit_room) = event.room.as_ref().filter(|room| !room.sid.is_empty()) else {
        return Ok(());
    };
    // An external server may serve others' rooms too.
    let Some(room) = rooms::known(&app.db, &livekit_room.name).await? else {
        return Ok(());
    };
    let mut record = Record::open(app, &room).await?;
    if !record.is_new(&event.id, app.now() - REMEMBERED).await? {
        return Ok(());
    }
    write(
        &mut record,
        &event,
        livekit_room,
        happened_at(&event, app.now()),
    )
    .await?;
    record.close().await?;
    match (event.event.as_str(), &event.participant, &event.track) {
        ("participant_joined", Some(info), _) => {
            participants::enforce(app, room.id, info).await?;
        }
        ("track_published", Some(info), Some(track)) => {
            participants::enforce_track(app, room.id, &info.identity, track).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn write(
    record: &mut Record<'_>,
    event: &proto::WebhookEvent,
    room: &proto::Room,
    at: Timestamp,
) -> Result<(), DbError> {
    match (event.event.as_str(), &event.participant) {
        ("room_finished", _) => {
            if let Some(meeting) = record.known_meeting(&room.sid).await?
                // Taken up again since, under another sid, it goes on.
                && meeting.sid == room.sid
            {
                let end = record.end_of_room();
                record.end(&meeting, Some(at), end).await?;
            }
            record.forget_decisions().await?;
        }
        ("participant_joined", Some(info)) => {
            let meeting = record
                .meeting(&room.sid, participants::joined_at(info))
                .await?;
            // Late news from before the meeting was cut: whoever came then is gone.
            if meeting.sid == room.sid {
                record.joined(&meeting, info).await?;
            }
        }
        ("participant_left", Some(info)) => {
            let meeting = record
                .meeting(&room.sid, participants::joined_at(info))
                .await?;
            record.left(&meeting, info, at).await?;
        }
        ("participant_connection_aborted", Some(info)) => {
            if let Some(meeting) = record.known_meeting(&room.sid).await? {
                record.aborted(&meeting, info, at).await?;
            }
        }
        ("track_published" | "track_unpublished", Some(info)) => {
            if let Ok(identity) = info.identity.parse() {
                let identity = &identity;
                record
                    .tell(Happening::ParticipantUpdated { identity })
                    .await?;
            }
        }
        // A meeting begins with its first participant, not when the room is made (room_started). Egress,
        // ingress and agents have no part in presence; newer servers may know more events.
        _ => {}
    }
    Ok(())
}

/// LiveKit tells whole seconds; within the second it names, our own clock knows better.
fn happened_at(event: &proto::WebhookEvent, now: Timestamp) -> Timestamp {
    let second = event.created_at.saturating_mul(1000);
    Timestamp(now.0.clamp(second, second.saturating_add(999)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::{
        FakeLiveKit, TestApp, TestClient, TestRoom,
        livekit::{API_SECRET, deliver, send, sign},
    };

    async fn start() -> (TestApp, FakeLiveKit, TestClient, TestRoom) {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        (app, livekit, ada, room)
    }

    async fn meetings(ada: &mut TestClient, room: &TestRoom) -> Vec<Value> {
        let answer = ada.get(&room.path("/meetings")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["items"].as_array().unwrap().clone()
    }

    async fn live(ada: &mut TestClient, room: &TestRoom) -> i64 {
        ada.get(&room.path("")).await.json["live"]["participants"]
            .as_i64()
            .unwrap()
    }

    #[tokio::test]
    async fn a_meeting_tells_who_was_there_when_and_how_long() {
        let (app, livekit, mut ada, room) = start().await;
        let began = app.app().now();
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        assert_eq!(live(&mut ada, &room).await, 1);
        app.advance(Duration::from_secs(90));
        let left = app.app().now();
        let event = livekit.event("participant_left", &room.id, Some(&guest.info), left);
        assert_eq!(deliver(&app, &event).await.status, 200);
        assert_eq!(live(&mut ada, &room).await, 0);
        app.advance(Duration::from_secs(20));
        let ended = app.app().now();
        deliver(&app, &livekit.event("room_finished", &room.id, None, ended)).await;
        let meetings = meetings(&mut ada, &room).await;
        assert_eq!(meetings.len(), 1);
        assert_eq!(meetings[0]["started_at"], began.0);
        assert_eq!(meetings[0]["ended_at"], ended.0);
        let attendance = &meetings[0]["attendances"][0];
        assert_eq!(attendance["identity"], guest.identity);
        assert_eq!(attendance["joined_at"], began.0);
        assert_eq!(attendance["left_at"], left.0);
        assert_eq!(attendance["seconds"], 90);
    }

    #[tokio::test]
    async fn a_stay_that_ends_within_its_second_keeps_its_milliseconds() {
        let (app, livekit, mut ada, room) = start().await;
        app.advance(Duration::from_millis(200));
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        app.advance(Duration::from_millis(300));
        let left = app.app().now();
        let event = livekit.event("participant_left", &room.id, Some(&guest.info), left);
        deliver(&app, &event).await;
        let attendance = meetings(&mut ada, &room).await[0]["attendances"][0].clone();
        assert_eq!(attendance["left_at"], left.0);
    }

    #[tokio::test]
    async fn an_event_in_words_of_a_newer_server_counts_all_the_same() {
        let (app, livekit, mut ada, room) = start().await;
        let now = app.app().now();
        let info = livekit.enter(&room.id, "g-1", now);
        for (word, present) in [("participant_joined", 1), ("participant_left", 0)] {
            let event = livekit.event(word, &room.id, Some(&info), now);
            let mut event = serde_json::to_value(&event).unwrap();
            event["weather"] = json!("fine");
            event["participant"]["kind"] = json!("ROBOT");
            event["participant"]["disconnectReason"] = json!(4711);
            event["participant"]["tracks"] = json!([{ "sid": "TR_1", "source": "HOLOGRAM" }]);
            let body = event.to_string();
            let token = sign(&body, API_SECRET);
            assert_eq!(send(&mut app.internal(), body, &token).await.status, 200);
            assert_eq!(live(&mut ada, &room).await, present);
        }
        let event = livekit.event("participant_waved", &room.id, Some(&info), now);
        assert_eq!(deliver(&app, &event).await.status, 200);
    }

    #[tokio::test]
    async fn the_same_event_delivered_twice_counts_once() {
        let (app, livekit, mut ada, room) = start().await;
        let now = app.app().now();
        let info = livekit.enter(&room.id, "g-1", now);
        let joined = livekit.event("participant_joined", &room.id, Some(&info), now);
        let left = livekit.event("participant_left", &room.id, Some(&info), now);
        for event in [&joined, &joined, &left, &joined, &left] {
            assert_eq!(deliver(&app, event).await.status, 200);
        }
        assert_eq!(live(&mut ada, &room).await, 0);
        let meetings = meetings(&mut ada, &room).await;
        assert_eq!(meetings[0]["attendances"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_participant_who_left_before_we_heard_that_they_came_is_not_present() {
        let (app, livekit, mut ada, room) = start().await;
        let now = app.app().now();
        let info = livekit.enter(&room.id, "g-1", now);
        let joined = livekit.event("participant_joined", &room.id, Some(&info), now);
        let left = livekit.event(
            "participant_left",
            &room.id,
            Some(&info),
            now + Duration::from_secs(5),
        );
        deliver(&app, &left).await;
        deliver(&app, &joined).await;
        assert_eq!(live(&mut ada, &room).await, 0);
        assert_eq!(
            meetings(&mut ada, &room).await[0]["attendances"][0]["seconds"],
            5
        );
    }

    #[tokio::test]
    async fn a_room_finished_that_arrives_late_leaves_the_new_meeting_open() {
        let (app, livekit, mut ada, room) = start().await;
        let first = room.enter(&app, &livekit, &mut app.browser()).await;
        let finished = livekit.event("room_finished", &room.id, None, app.app().now());
        let left = livekit.event(
            "participant_left",
            &room.id,
            Some(&first.info),
            app.app().now(),
        );
        livekit.close(&room.id);
        app.advance(Duration::from_secs(10));
        let second = room.enter(&app, &livekit, &mut app.browser()).await;
        deliver(&app, &left).await;
        deliver(&app, &finished).await;
        assert_eq!(live(&mut ada, &room).await, 1);
        let meetings = meetings(&mut ada, &room).await;
        assert_eq!(meetings.len(), 2);
        assert_eq!(meetings[0]["ended_at"], Value::Null);
        assert_eq!(meetings[0]["attendances"][0]["identity"], second.identity);
        assert_eq!(meetings[0]["attendances"][0]["left_at"], Value::Null);
        assert!(meetings[1]["ended_at"].is_i64());
    }

    #[tokio::test]
    async fn a_participant_joined_that_arrives_late_neither_opens_the_old_meeting_nor_ends_the_new()
    {
        let (app, livekit, mut ada, room) = start().await;
        let info = livekit.enter(&room.id, "g-1", app.app().now());
        let old = livekit.event("participant_joined", &room.id, Some(&info), app.app().now());
        livekit.close(&room.id);
        app.advance(Duration::from_secs(10));
        room.enter(&app, &livekit, &mut app.browser()).await;
        deliver(&app, &old).await;
        let meetings = meetings(&mut ada, &room).await;
        let open = meetings
            .iter()
            .filter(|meeting| meeting["ended_at"].is_null())
            .count();
        assert_eq!((meetings.len(), open), (2, 1));
        assert_eq!(live(&mut ada, &room).await, 1);
    }

    #[tokio::test]
    async fn a_room_that_was_made_and_never_entered_is_no_meeting() {
        let (app, livekit, mut ada, room) = start().await;
        assert_eq!(room.join(&mut ada, "x").await.status, 200);
        let now = app.app().now();
        deliver(&app, &livekit.event("room_started", &room.id, None, now)).await;
        deliver(&app, &livekit.event("room_finished", &room.id, None, now)).await;
        assert!(meetings(&mut ada, &room).await.is_empty());
    }

    #[tokio::test]
    async fn a_webhook_that_livekit_did_not_sign_is_turned_away() {
        let (app, livekit, _ada, room) = start().await;
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
        let (app, livekit, mut ada, room) = start().await;
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
        assert_eq!(meetings(&mut ada, &room).await.len(), 1);
    }
}
