//! LiveKit's Egress over Twirp, a file per method, and the finished files. It must not know how an egress is made.

mod call;
mod files;
mod list;
mod start;
mod stop;
mod tracks;
mod update_layout;
mod update_stream;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{any, get},
};
use livekit_wire::{
    proto::{
        ParticipantEgressRequest, RoomCompositeEgressRequest, StartEgressRequest,
        TrackCompositeEgressRequest, TrackEgressRequest, WebEgressRequest,
    },
    twirp::{Code, TwirpError},
};

use crate::egresses::Egresses;
use call::Call;

/// Everything that is served.
pub fn router(egresses: Arc<Egresses>) -> Router {
    Router::new()
        .route("/", get(health))
        .route("/twirp/livekit.Egress/{method}", any(serve))
        .route("/egress/{id}", axum::routing::delete(files::remove))
        .route("/egress/{id}/files/{*name}", get(files::read))
        .route("/egress/{id}/preview", get(files::preview))
        .route("/egress/{id}/tracks", get(tracks::list))
        .route("/egress/{id}/tracks/{name}", get(tracks::read))
        .with_state(egresses)
}

async fn health() -> StatusCode {
    StatusCode::OK
}

async fn serve(
    State(egresses): State<Arc<Egresses>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let call = match Call::receive(&egresses, request).await {
        Ok(call) => call,
        Err(error) => return error.into_response(),
    };
    let egresses = &*egresses;
    match method.as_str() {
        "StartRoomCompositeEgress" => {
            call.answer(egresses, start::start::<RoomCompositeEgressRequest>)
                .await
        }
        "StartParticipantEgress" => {
            call.answer(egresses, start::start::<ParticipantEgressRequest>)
                .await
        }
        "StartTrackCompositeEgress" => {
            call.answer(egresses, start::start::<TrackCompositeEgressRequest>)
                .await
        }
        "StartTrackEgress" => {
            call.answer(egresses, start::start::<TrackEgressRequest>)
                .await
        }
        "StopEgress" => call.answer(egresses, stop::stop).await,
        "ListEgress" => call.answer(egresses, list::list).await,
        "UpdateLayout" => call.answer(egresses, update_layout::update_layout).await,
        "StartWebEgress" => call.answer(egresses, refuse::<WebEgressRequest>).await,
        "StartEgress" => {
            call.answer(egresses, start::start::<StartEgressRequest>)
                .await
        }
        "UpdateStream" => call.answer(egresses, update_stream::update_stream).await,
        _ => call.no_handler(),
    }
}

async fn refuse<Request>(
    _: &Egresses,
    _: Request,
) -> Result<livekit_wire::proto::EgressInfo, TwirpError> {
    Err(TwirpError::new(
        Code::InvalidArgument,
        "this kind of egress is not supported by the built-in egress",
    ))
}
