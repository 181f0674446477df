//! Ends meetings of which the media server tells no end: it went away, or lists them no more.

use std::time::Duration;

use super::{record::Record, store};
use crate::{
    app::App,
    clock::Timestamp,
    db::DbError,
    rooms::{self, KnownRoom},
};

/// Rooms whose meeting goes on or may be taken up.
pub async fn in_meeting(app: &App) -> Result<Vec<KnownRoom>, DbError> {
    let ids = store::rooms_in_meeting(&app.db).await?;
    rooms::known_of(&app.db, &ids).await
}

/// Ends every meeting at the moment its media server ended: no webhook tells of it.
pub async fn cut_until(app: &App, at: Timestamp) -> Result<(), DbError> {
    for room in in_meeting(app).await? {
        cut_room_until(app, &room, at).await?;
    }
    Ok(())
}

/// The same for one room, whose call ends there or moves away: those who come to the next media server go on with the meeting.
pub async fn cut_room_until(app: &App, room: &KnownRoom, at: Timestamp) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    let mut record = Record::open(app, &mut tx, room).await?;
    record.cut_until(at).await?;
    tx.commit().await
}

/// The media server starts with this process: whatever was in the one before is over, unheard.
pub async fn cut_before_start(app: &App) -> Result<(), DbError> {
    let now = app.now() + Duration::from_secs(1);
    for room in in_meeting(app).await? {
        cut_unlisted(app, &room, "", now).await?;
    }
    Ok(())
}

/// Ends a room's meetings that a listing, begun at `began`, does not show; `listed` is the sid that it shows there.
pub async fn cut_unlisted(
    app: &App,
    room: &KnownRoom,
    listed: &str,
    began: Timestamp,
) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    let mut record = Record::open(app, &mut tx, room).await?;
    record.end_unlisted(listed, began).await?;
    record.forget_decisions().await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::cut_before_start;
    use crate::testing::{TestRoom, livekit::deliver};

    #[tokio::test]
    async fn whoever_was_inside_a_locked_room_comes_back_after_a_restart() {
        for killed in [true, false] {
            let (app, livekit, mut ada, room) = TestRoom::start().await;
            let mut guest = app.browser();
            let first = room.enter(&app, &livekit, &mut guest).await;
            app.advance(Duration::from_secs(5));
            ada.put(&room.path("/lock"), json!({"locked": true})).await;
            app.advance(Duration::from_secs(3));
            if killed {
                cut_before_start(app.app()).await.unwrap();
            } else {
                app.platform.media_stops();
                let now = app.app().now();
                let left = Some(&first.info);
                deliver(
                    &app,
                    &livekit.event("participant_left", &room.id, left, now),
                )
                .await;
                deliver(&app, &livekit.event("room_finished", &room.id, None, now)).await;
            }
            livekit.close(&room.id);
            assert_eq!(room.live(&mut ada).await, 0);
            app.advance(Duration::from_secs(3));
            room.enter(&app, &livekit, &mut guest).await;
            assert_eq!(room.live(&mut ada).await, 1, "killed: {killed}");
            assert_eq!(livekit.identities(&room.id).len(), 1);
            let stranger = room.join(&mut app.browser(), "Late").await;
            assert_eq!(stranger.code(), "locked");
            let meetings = ada.get(&room.path("/meetings")).await.json["items"].clone();
            assert_eq!(meetings.as_array().unwrap().len(), 1, "{meetings}");
        }
    }

    #[tokio::test]
    async fn news_of_a_meeting_from_before_it_was_cut_cannot_end_or_fill_it_again() {
        let (app, livekit, mut ada, room) = TestRoom::start().await;
        let first = room.enter(&app, &livekit, &mut app.browser()).await;
        let finished = livekit.event("room_finished", &room.id, None, app.app().now());
        let mut ghost = first.info.clone();
        "PA_ghost".clone_into(&mut ghost.sid);
        "g-ghost".clone_into(&mut ghost.identity);
        let joined = livekit.event(
            "participant_joined",
            &room.id,
            Some(&ghost),
            app.app().now(),
        );
        livekit.close(&room.id);
        app.advance(Duration::from_secs(1));
        // The site was killed too, and its media server with it.
        cut_before_start(app.app()).await.unwrap();
        assert_eq!(room.live(&mut ada).await, 0);
        app.advance(Duration::from_secs(1));
        room.enter(&app, &livekit, &mut app.browser()).await;
        deliver(&app, &joined).await;
        deliver(&app, &finished).await;
        assert_eq!(room.live(&mut ada).await, 1);
        let meetings = ada.get(&room.path("/meetings")).await.json["items"].clone();
        assert_eq!(meetings.as_array().unwrap().len(), 1, "{meetings}");
        assert_eq!(meetings[0]["ended_at"], Value::Null);
    }
}
