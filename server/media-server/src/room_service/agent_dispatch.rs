//! AgentDispatchService: agents for a room that is open, or opened by the wish (pkg/service/agent_dispatch_service.go).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use livekit_wire::{
    RoomName,
    proto::{
        AgentDispatch, CreateAgentDispatchRequest, DeleteAgentDispatchRequest,
        ListAgentDispatchRequest, ListAgentDispatchResponse,
    },
    twirp::{Code, TwirpError},
};

use super::{
    agents::twirp_error as no_such,
    call::{Call, no_handler},
    errors::twirp_error,
    grants::Grants,
    sizes,
};
use crate::{agents::is_deployment, app::App, room::RoomOptions};

pub(super) async fn serve(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let call = match Call::receive(app, request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match method.as_str() {
        "CreateDispatch" => call.answer(create).await,
        "DeleteDispatch" => call.answer(delete).await,
        "ListDispatch" => call.answer(list).await,
        _ => no_handler(&call).into_response(),
    }
}

async fn create(
    app: &App,
    grants: &Grants,
    request: CreateAgentDispatchRequest,
) -> Result<AgentDispatch, TwirpError> {
    grants.ensure_admin(&request.room)?;
    if !is_deployment(&request.deployment) {
        let msg = "deployment is too long or has a reserved character";
        return Err(TwirpError::domain(Code::InvalidArgument, msg));
    }
    sizes::check_metadata(&app.limit, &request.metadata)?;
    sizes::check_attributes(&app.limit, &request.attributes)?;
    let name = RoomName::new(request.room.as_str());
    let auto_create = app.auto_create;
    let opened = app.rooms.at_place(&name, move |place| {
        if auto_create {
            place.room_or_open(RoomOptions::default())?;
        }
        Ok(())
    });
    opened.await.map_err(twirp_error)?;
    let dispatch = AgentDispatch {
        agent_name: request.agent_name,
        room: request.room,
        metadata: request.metadata,
        restart_policy: request.restart_policy,
        deployment: request.deployment,
        attributes: request.attributes,
        ..AgentDispatch::default()
    };
    app.agents.dispatch(dispatch).await.map_err(no_such)
}

async fn delete(
    app: &App,
    grants: &Grants,
    request: DeleteAgentDispatchRequest,
) -> Result<AgentDispatch, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let deleted = app.agents.delete_dispatch(room, request.dispatch_id);
    deleted.await.map_err(no_such)
}

async fn list(
    app: &App,
    grants: &Grants,
    request: ListAgentDispatchRequest,
) -> Result<ListAgentDispatchResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room);
    let listed = app.agents.list_dispatches(room, request.dispatch_id);
    Ok(ListAgentDispatchResponse {
        agent_dispatches: listed.await.map_err(no_such)?,
    })
}
