//! Makes the media server keep to what is on record about somebody in a call: it may have let in an old token.

use livekit_protocol as proto;

use super::{
    judge::{self, Case},
    store,
};
use crate::{
    app::App,
    db::DbError,
    livekit::{LiveKit, LiveKitError, identity::Identity, token::Permissions, track::TrackSource},
};

/// A track that its publisher may not send, under the name of one that it may: no client does so by mistake.
fn disguised(info: &proto::ParticipantInfo) -> Option<&proto::TrackInfo> {
    let permissions = Permissions::from_livekit(info.permission.as_ref()?);
    info.tracks.iter().find(|track| {
        let source = TrackSource::of(track);
        !source.is_named_by(track.source()) && !source.is_allowed_by(permissions)
    })
}

/// Of whom `livekit` has in the room's call: removes the unwelcome and those who publish what they may not by another name, and takes back permissions that a
/// moderator took before. What fails here is tried again with the next listing.
pub async fn enforce(
    app: &App,
    livekit: &LiveKit,
    case: &Case,
    identity: &Identity,
    info: &proto::ParticipantInfo,
) -> Result<(), DbError> {
    let room = case.room;
    let name = room.livekit_name();
    let now = app.now();
    let unwelcome = judge::judge_participant(case, identity, info);
    let done = if let Some(reason) = unwelcome {
        tracing::info!(%room, %identity, %reason, "somebody who may not be in the call is sent out");
        livekit.put_out(&name, identity, info, now).await
    } else if let Some(track) = disguised(info) {
        tracing::warn!(%room, %identity, track = track.sid, "a track is not what it is called");
        livekit.put_out(&name, identity, info, now).await
    } else {
        let decided = store::permissions(&app.db, room, &identity.subject()).await?;
        // What it gives out next replaces a token from before the decision.
        let generation = store::tokens_from(&app.db, room, &identity.subject()).await?;
        let has = info.permission.as_ref().map(Permissions::from_livekit);
        match (decided, has) {
            // What was decided before they moderated does not hold them, as when they join.
            (Some(decided), Some(has)) if decided != has && !case.moderates => livekit
                .set_permission(&name, identity, decided.to_livekit(), generation, now)
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
