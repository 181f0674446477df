//! Mutes a participant's microphone, or stops their camera or share: the media server stops forwarding.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use livekit_protocol as proto;
use serde::Deserialize;
use utoipa::ToSchema;

use super::target::{self, Target};
use crate::{
    app::App,
    clock::Timestamp,
    db::DbError,
    happenings::{self, Attendee, Happening},
    http::{Json, Path, Problem},
    livekit::{
        LiveKit, LiveKitError, identity::Identity, room_service::RoomName, track::TrackSource,
    },
    rooms::{Slug, caller::Caller, region},
};

/// What to silence.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    #[garde(skip)]
    pub(super) source: TrackSource,
}

/// Mutes every track of one source; the participant may unmute unless their permission says no.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/participants/{identity}/mute", tag = "participants",
    operation_id = "muteParticipant",
    params(("slug" = Slug, Path), ("identity" = Identity, Path)), request_body = Mute,
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn mute(
    State(app): State<App>,
    caller: Caller,
    Path((slug, identity)): Path<(Slug, Identity)>,
    Json(input): Json<Mute>,
) -> Result<StatusCode, Problem> {
    apply(&app, &caller, &slug, identity, input.source).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mutes one source of whoever has this identity, on all their devices.
pub async fn apply(
    app: &App,
    caller: &Caller,
    slug: &Slug,
    identity: Identity,
    source: TrackSource,
) -> Result<(), Problem> {
    let target = target::find(app, slug, caller, identity).await?;
    let connections = target.connections(app).await?;
    record(app, caller, &target, target.who(&connections), source).await?;
    let livekit = region::livekit_of(app, &target.name).await?;
    for info in &connections {
        silence(livekit, &target.name, info, source, app.now()).await?;
    }
    Ok(())
}

async fn record(
    app: &App,
    caller: &Caller,
    target: &Target,
    who: Attendee<'_>,
    source: TrackSource,
) -> Result<(), DbError> {
    let muted = Happening::ParticipantMuted { who, source };
    let (by, place) = (caller.actor(), target.room.known());
    happenings::tell_alone(app, Some(&by), Some(&place), &muted).await
}

/// Mutes the open tracks of one source; returns how many there were.
pub(super) async fn silence(
    livekit: &LiveKit,
    room: &RoomName,
    info: &proto::ParticipantInfo,
    source: TrackSource,
    now: Timestamp,
) -> Result<usize, LiveKitError> {
    let Ok(identity) = info.identity.parse::<Identity>() else {
        return Ok(0);
    };
    let open = info
        .tracks
        .iter()
        .filter(|track| !track.muted && TrackSource::of(track) == source);
    let mut muted = 0;
    for track in open {
        match livekit.mute_track(room, &identity, &track.sid, now).await {
            Ok(()) => muted += 1,
            // It ended by itself meanwhile.
            Err(LiveKitError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(muted)
}
