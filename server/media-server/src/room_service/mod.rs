//! RoomService: one file per method, from its grants and limits to what it does with the room. That last part runs on the
//! room's thread; nothing here is called by a room.

mod agent_dispatch;
mod agents;
mod call;
pub(crate) mod create_room;
pub(crate) mod delete_room;
mod egress;
mod errors;
mod forward_participant;
pub(crate) mod get_participant;
mod grants;
mod ingress;
pub(crate) mod list_participants;
pub(crate) mod list_rooms;
mod move_participant;
mod mute_published_track;
mod not_connected;
mod perform_rpc;
pub(crate) mod remove_participant;
pub(crate) mod send_data;
mod sizes;
pub(crate) mod update_participant;
mod update_room_metadata;
mod update_subscriptions;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};

use crate::app::App;
use call::{Call, no_handler};

/// The Twirp services: RoomService itself, Egress, Ingress, agents, and those that need helpers this node does not have.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/twirp/livekit.RoomService/{method}", any(serve))
        .route("/twirp/livekit.Egress/{method}", any(egress::egress))
        .route(
            "/twirp/livekit.AgentDispatchService/{method}",
            any(agent_dispatch::serve),
        )
        .route("/twirp/livekit.Ingress/{method}", any(ingress::serve))
        .route("/twirp/convoke.Agents/{method}", any(agents::serve))
        .merge(not_connected::routes())
}

async fn serve(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let call = match Call::receive(app, request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match method.as_str() {
        "CreateRoom" => call.answer(create_room::create_room).await,
        "ListRooms" => call.answer(list_rooms::list_rooms).await,
        "DeleteRoom" => call.answer(delete_room::delete_room).await,
        "ListParticipants" => call.answer(list_participants::list_participants).await,
        "GetParticipant" => call.answer(get_participant::get_participant).await,
        "RemoveParticipant" => call.answer(remove_participant::remove_participant).await,
        "MutePublishedTrack" => {
            call.answer(mute_published_track::mute_published_track)
                .await
        }
        "UpdateParticipant" => call.answer(update_participant::update_participant).await,
        "UpdateSubscriptions" => {
            call.answer(update_subscriptions::update_subscriptions)
                .await
        }
        "SendData" => call.answer(send_data::send_data).await,
        "UpdateRoomMetadata" => {
            call.answer(update_room_metadata::update_room_metadata)
                .await
        }
        "ForwardParticipant" => call.answer(forward_participant::forward_participant).await,
        "MoveParticipant" => call.answer(move_participant::move_participant).await,
        "PerformRpc" => call.answer(perform_rpc::perform_rpc).await,
        _ => no_handler(&call).into_response(),
    }
}
