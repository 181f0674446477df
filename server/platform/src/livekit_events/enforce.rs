//! Holds the record against whoever LiveKit reports in a room.

use livekit_protocol as proto;

use crate::{
    app::App,
    db::DbError,
    livekit::{LiveKitError, identity::Identity, track::TrackSource},
    moderation,
    rooms::{self, RoomId},
};

/// Sends out who may not be there, and takes back what they may not do.
pub async fn enforce(
    app: &App,
    room: RoomId,
    info: &proto::ParticipantInfo,
) -> Result<(), DbError> {
    let Ok(identity) = info.identity.parse::<Identity>() else {
        return Ok(());
    };
    let name = room.livekit_name();
    let case = rooms::case(&mut app.db.reads().await?, &name, &identity).await?;
    match case {
        Some(case) => moderation::enforce(app, &case, &identity, info).await,
        None => Ok(()),
    }
}

/// Looks at a publisher whose new track is not what it is called; webhooks of tracks tell nothing of permissions.
pub async fn enforce_track(
    app: &App,
    room: RoomId,
    publisher: &str,
    track: &proto::TrackInfo,
) -> Result<(), DbError> {
    if TrackSource::of(track).is_named_by(track.source()) {
        return Ok(());
    }
    let Ok(identity) = publisher.parse::<Identity>() else {
        return Ok(());
    };
    let name = room.livekit_name();
    match app
        .livekit
        .get_participant(&name, &identity, app.now())
        .await
    {
        Ok(info) => enforce(app, room, &info).await,
        Err(LiveKitError::NotFound) => Ok(()),
        Err(error) => {
            tracing::warn!(%room, %identity, %error, "a publisher cannot be looked at yet");
            Ok(())
        }
    }
}
