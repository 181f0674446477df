//! Holds the record against whoever LiveKit reports in a room.

use livekit_protocol as proto;

use crate::{
    app::App,
    db::DbError,
    livekit::{
        InRegion, LiveKitError, identity::Identity, room_service::RoomName, track::TrackSource,
    },
    moderation,
    rooms::{self, RoomId, region},
};

/// Sends out who may not be there, and takes back what they may not do.
pub async fn enforce(
    app: &App,
    here: InRegion<'_>,
    room: RoomId,
    info: &proto::ParticipantInfo,
) -> Result<(), DbError> {
    let Ok(identity) = info.identity.parse::<Identity>() else {
        return Ok(());
    };
    let name = room.livekit_name();
    if region::of_room(app, &name).await?.name != here.name {
        return move_out(app, here, &name, &identity, info).await;
    }
    let case = rooms::case(&mut app.db.reads().await?, &name, &identity).await?;
    match case {
        Some(case) => moderation::enforce(app, here.livekit, &case, &identity, info).await,
        None => Ok(()),
    }
}

/// Sends out who is where the room's call is not: they came with a token from before it moved, or as programs do.
async fn move_out(
    app: &App,
    here: InRegion<'_>,
    room: &RoomName,
    identity: &Identity,
    info: &proto::ParticipantInfo,
) -> Result<(), DbError> {
    if info.kind() == proto::participant_info::Kind::Egress {
        return Ok(());
    }
    tracing::info!(%room, %identity, region = %here.name, "somebody is sent out whose call is in another region");
    let done = here.livekit.put_out(room, identity, info, app.now()).await;
    match done {
        Ok(()) | Err(LiveKitError::NotFound) => {}
        Err(error) => {
            tracing::warn!(%room, %identity, %error, "somebody in the wrong region is not out yet");
        }
    }
    Ok(())
}

/// Looks at a publisher whose new track is not what it is called; webhooks of tracks tell nothing of permissions.
pub async fn enforce_track(
    app: &App,
    here: InRegion<'_>,
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
    match here
        .livekit
        .get_participant(&name, &identity, app.now())
        .await
    {
        Ok(info) => enforce(app, here, room, &info).await,
        Err(LiveKitError::NotFound) => Ok(()),
        Err(error) => {
            tracing::warn!(%room, %identity, %error, "a publisher cannot be looked at yet");
            Ok(())
        }
    }
}
