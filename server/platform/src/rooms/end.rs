//! Ends a room's call for everybody.

use axum::extract::State;
use http::StatusCode;
use thiserror::Error;

use super::{
    caller::Caller,
    model::{RoomId, Slug},
    region,
    store::{self, KnownRoom},
    view,
};
use crate::{
    app::App,
    db::DbError,
    happenings::{self, Happening},
    http::{Path, Problem},
    livekit::LiveKitError,
};

/// Why a call does not end.
#[derive(Debug, Error)]
pub enum EndRoomError {
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<EndRoomError> for Problem {
    fn from(error: EndRoomError) -> Problem {
        match error {
            EndRoomError::Media(cause) => cause.into(),
            EndRoomError::Internal(cause) => cause.into(),
        }
    }
}

/// Ends the call: everybody leaves, and tokens handed out before are worthless.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/end", tag = "rooms", operation_id = "endCall",
    params(("slug" = Slug, Path)),
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
) -> Result<StatusCode, Problem> {
    let room = view::find_moderated(&app, &slug, &caller).await?.room;
    apply(&app, &caller, &room.known()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws the tokens that were handed out, and ends the call if there is one.
pub async fn apply(app: &App, caller: &Caller, room: &KnownRoom) -> Result<(), EndRoomError> {
    let mut tx = app.db.begin().await?;
    let generation = store::next_generation(&mut tx, room.id).await?;
    // Tokens without a generation count whole seconds: those of this very second are withdrawn too.
    let next_second = app.now().as_seconds() + 1;
    store::withdraw_tokens(&mut tx, room.id, generation, next_second).await?;
    let by = caller.actor();
    happenings::tell(app, &mut tx, Some(&by), Some(room), &Happening::CallEnded).await?;
    tx.commit().await?;
    send_everybody_out(app, room.id).await
}

/// Ends the call on the media server; one that is not live has ended already.
pub(super) async fn send_everybody_out(app: &App, room: RoomId) -> Result<(), EndRoomError> {
    let name = room.livekit_name();
    let livekit = region::livekit_of(app, &name).await?;
    match livekit.delete_room(&name, app.now()).await {
        Ok(()) | Err(LiveKitError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
