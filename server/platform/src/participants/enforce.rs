//! Holds the record against whoever the media server reports in a room: it may have let in an old token.

use livekit_protocol as proto;

use super::{standing, store};
use crate::{
    app::App,
    db::DbError,
    livekit::{LiveKitError, identity::Identity, token::Permissions},
    rooms::RoomId,
};

/// Removes the unwelcome, and takes back permissions that a moderator took before.
/// What fails here is tried again with the next listing.
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
    let done = if standing::check_participant(&app.db, &name, &identity)
        .await?
        .is_some()
    {
        app.livekit.remove_participant(&name, &identity, now).await
    } else {
        let decided = store::permissions(&app.db, room, &identity.subject()).await?;
        let has = info.permission.as_ref().map(Permissions::from_livekit);
        match (decided, has) {
            (Some(decided), Some(has)) if decided != has => app
                .livekit
                .set_permission(&name, &identity, decided.to_livekit(), now)
                .await
                .map(|_| ()),
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
