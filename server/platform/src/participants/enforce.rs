//! Holds the record against whoever the media server reports in a room: it may have let in an old token.

use livekit_protocol as proto;

use super::{model::TrackSource, standing, store};
use crate::{
    app::App,
    db::DbError,
    livekit::{LiveKitError, identity::Identity, token::Permissions},
    rooms::RoomId,
};

/// A track that its publisher may not send, under the name of one that it may: no client does so by mistake.
fn disguised(info: &proto::ParticipantInfo) -> Option<&proto::TrackInfo> {
    let permissions = Permissions::from_livekit(info.permission.as_ref()?);
    info.tracks.iter().find(|track| {
        let source = TrackSource::of(track);
        !source.is_named_by(track.source()) && !source.is_allowed_by(permissions)
    })
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

/// Removes the unwelcome and those who publish what they may not by another name, and takes back permissions that a
/// moderator took before. What fails here is tried again with the next listing.
pub async fn enforce(
    app: &App,
    room: RoomId,
    info: &proto::ParticipantInfo,
) -> Result<(), DbError> {
    let Ok(identity) = info.identity.parse::<Identity>() else {
        return Ok(());
    };
    let name = room.livekit_name();
    let now = app.now();
    let unwelcome = standing::check_participant(app, &name, &identity, info).await?;
    let done = if let Some(reason) = unwelcome {
        tracing::info!(%room, %identity, %reason, "somebody who may not be in the call is sent out");
        app.livekit.remove_participant(&name, &identity, now).await
    } else if let Some(track) = disguised(info) {
        tracing::warn!(%room, %identity, track = track.sid, "a track is not what it is called");
        app.livekit.remove_participant(&name, &identity, now).await
    } else {
        let decided = store::permissions(&app.db, room, &identity.subject()).await?;
        // What it gives out next replaces a token from before the decision.
        let generation = store::tokens_from(&app.db, room, &identity.subject()).await?;
        let has = info.permission.as_ref().map(Permissions::from_livekit);
        match (decided, has) {
            // What was decided before they moderated does not hold them, as when they join.
            (Some(decided), Some(has))
                if decided != has && !standing::moderates_room(app, &name, &identity).await? =>
            {
                app.livekit
                    .set_permission(&name, &identity, decided.to_livekit(), generation, now)
                    .await
                    .map(|_| ())
            }
            _ => Ok(()),
        }
    };
    match done {
        Ok(()) | Err(LiveKitError::NotFound) => {}
        Err(error) => {
            tracing::warn!(%room, %identity, %error, "a decision about a participant is not enforced yet");
        }
    }
    Ok(())
}
