//! Asks for an agent in a room; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    clock::Timestamp,
    happenings::{self, Dispatched, Happening},
    http::{Json, Problem, SiteAddress},
    rooms::{
        self,
        agents::add::{LONGEST_AGENT_NAME, LONGEST_METADATA, agent_name, metadata},
        named::{self, LONGEST_ROOM},
        region,
    },
};

/// Whom to send where.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchAgent {
    /// The link of one of our rooms, or a room's name on the media server.
    #[garde(length(chars, min = 1, max = LONGEST_ROOM))]
    #[schema(schema_with = named::schema)]
    room: String,
    /// As its worker registered; empty: workers without a name.
    #[garde(length(chars, max = LONGEST_AGENT_NAME))]
    #[serde(default)]
    #[schema(schema_with = agent_name)]
    agent_name: String,
    /// What the agent is told.
    #[garde(length(chars, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    metadata: String,
}

/// The wish for an agent in a room.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentDispatch {
    /// `AD_…`
    pub id: String,
    pub agent_name: String,
    /// The room's name on the media server.
    pub room: String,
    pub metadata: String,
    pub created_at: Timestamp,
    /// How many jobs came of it so far; none while no worker can take one.
    pub jobs: usize,
}

impl From<livekit_protocol::AgentDispatch> for AgentDispatch {
    fn from(dispatch: livekit_protocol::AgentDispatch) -> AgentDispatch {
        let state = dispatch.state.unwrap_or_default();
        AgentDispatch {
            id: dispatch.id,
            agent_name: dispatch.agent_name,
            room: dispatch.room,
            metadata: dispatch.metadata,
            // Nanoseconds there.
            created_at: Timestamp(state.created_at / 1_000_000),
            jobs: state.jobs.len(),
        }
    }
}

/// Asks for an agent in a room, which is opened where it is not live.
#[utoipa::path(
    post, path = "/api/agents/dispatches", tag = "agents", operation_id = "dispatchAgent",
    request_body = DispatchAgent,
    responses(
        (status = 201, body = AgentDispatch),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn dispatch(
    State(app): State<App>,
    Admin(admin): Admin,
    site: SiteAddress,
    Json(input): Json<DispatchAgent>,
) -> Result<(StatusCode, Json<AgentDispatch>), Problem> {
    let room = named::find(&app, &site, "room", &input.room).await?;
    // One of ours is opened with its own agents, before the dispatch opens it without.
    region::refuse_elsewhere(&app, &room).await?;
    rooms::open_by_name(&app, &room).await?;
    let made = app
        .livekit
        .dispatch_agent(&room, &input.agent_name, &input.metadata, app.now());
    let made = made.await?;
    let happening = Happening::AgentDispatched(Dispatched {
        id: &made.id,
        agent_name: &made.agent_name,
        room: &made.room,
    });
    let by = Actor::user(&admin.user);
    happenings::tell_alone(&app, Some(&by), None, &happening).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
