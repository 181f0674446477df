//! Hears what the media server tells of who is in a call.

use livekit_protocol as proto;

use super::record::Record;
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    happenings::Happening,
    livekit::room_service::joined_at,
    rooms::KnownRoom,
};

/// Writes down what one event, of `at`, says of the people in a room's call. Not `is_here`: the call has moved since from the
/// media server that tells, which ends what was there and begins nothing.
pub async fn hear(
    app: &App,
    tx: &mut Tx,
    room: &KnownRoom,
    event: &proto::WebhookEvent,
    at: Timestamp,
    is_here: bool,
) -> Result<(), DbError> {
    // A room without a sid is being made at this moment.
    let Some(sid) = event.room.as_ref().map(|room| room.sid.as_str()) else {
        return Ok(());
    };
    if sid.is_empty() {
        return Ok(());
    }
    let mut record = Record::open(app, tx, room).await?;
    match (event.event.as_str(), &event.participant) {
        ("room_finished", _) => {
            if let Some(meeting) = record.known_meeting(sid).await?
                // Taken up again since, under another sid, it goes on.
                && meeting.sid == sid
            {
                let end = record.end_of_room();
                record.end(&meeting, Some(at), end).await?;
            }
            record.forget_decisions().await?;
        }
        ("participant_joined" | "participant_left", Some(_))
            if !is_here && record.known_meeting(sid).await?.is_none() => {}
        ("participant_joined", Some(info)) => {
            let meeting = record.meeting(sid, joined_at(info)).await?;
            // Late news from before the meeting was cut: whoever came then is gone.
            if meeting.sid == sid {
                record.joined(&meeting, info).await?;
            }
        }
        ("participant_left", Some(info)) => {
            let meeting = record.meeting(sid, joined_at(info)).await?;
            record.left(&meeting, info, at).await?;
        }
        ("participant_connection_aborted", Some(info)) => {
            if let Some(meeting) = record.known_meeting(sid).await? {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::{
        TestRoom,
        livekit::{API_SECRET, deliver, send, sign},
    };

    #[tokio::test]
    async fn a_meeting_tells_who_was_there_when_and_how_long() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let began = app.app().now();
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        assert_eq!(room.live(&mut ada).await, 1);
        app.advance(Duration::from_secs(90));
        let left = app.app().now();
        let event = livekit.event("participant_left", &room.id, Some(&guest.info), left);
        assert_eq!(deliver(&app, &event).await.status, 200);
        assert_eq!(room.live(&mut ada).await, 0);
        app.advance(Duration::from_secs(20));
        let ended = app.app().now();
        deliver(&app, &livekit.event("room_finished", &room.id, None, ended)).await;
        let meetings = room.meetings(&mut ada).await;
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
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        app.advance(Duration::from_millis(200));
        let guest = room.enter(&app, &livekit, &mut app.browser()).await;
        app.advance(Duration::from_millis(300));
        let left = app.app().now();
        let event = livekit.event("participant_left", &room.id, Some(&guest.info), left);
        deliver(&app, &event).await;
        let attendance = room.meetings(&mut ada).await[0]["attendances"][0].clone();
        assert_eq!(attendance["left_at"], left.0);
    }

    #[tokio::test]
    async fn an_event_in_words_of_a_newer_server_counts_all_the_same() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
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
            assert_eq!(room.live(&mut ada).await, present);
        }
        let event = livekit.event("participant_waved", &room.id, Some(&info), now);
        assert_eq!(deliver(&app, &event).await.status, 200);
    }

    #[tokio::test]
    async fn a_participant_who_left_before_we_heard_that_they_came_is_not_present() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
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
        assert_eq!(room.live(&mut ada).await, 0);
        assert_eq!(
            room.meetings(&mut ada).await[0]["attendances"][0]["seconds"],
            5
        );
    }

    #[tokio::test]
    async fn a_room_finished_that_arrives_late_leaves_the_new_meeting_open() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
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
        assert_eq!(room.live(&mut ada).await, 1);
        let meetings = room.meetings(&mut ada).await;
        assert_eq!(meetings.len(), 2);
        assert_eq!(meetings[0]["ended_at"], Value::Null);
        assert_eq!(meetings[0]["attendances"][0]["identity"], second.identity);
        assert_eq!(meetings[0]["attendances"][0]["left_at"], Value::Null);
        assert!(meetings[1]["ended_at"].is_i64());
    }

    #[tokio::test]
    async fn a_participant_joined_that_arrives_late_neither_opens_the_old_meeting_nor_ends_the_new()
    {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let info = livekit.enter(&room.id, "g-1", app.app().now());
        let old = livekit.event("participant_joined", &room.id, Some(&info), app.app().now());
        livekit.close(&room.id);
        app.advance(Duration::from_secs(10));
        room.enter(&app, &livekit, &mut app.browser()).await;
        deliver(&app, &old).await;
        let meetings = room.meetings(&mut ada).await;
        let open = meetings
            .iter()
            .filter(|meeting| meeting["ended_at"].is_null())
            .count();
        assert_eq!((meetings.len(), open), (2, 1));
        assert_eq!(room.live(&mut ada).await, 1);
    }

    #[tokio::test]
    async fn a_room_that_was_made_and_never_entered_is_no_meeting() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        assert_eq!(room.join(&mut ada, "x").await.status, 200);
        let now = app.app().now();
        deliver(&app, &livekit.event("room_started", &room.id, None, now)).await;
        deliver(&app, &livekit.event("room_finished", &room.id, None, now)).await;
        assert!(room.meetings(&mut ada).await.is_empty());
    }
}
