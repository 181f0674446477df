//! Has an agent come into every call of a room; for administrators.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use utoipa::{ToSchema, openapi::Object};

use super::{RoomAgent, RoomAgentId};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    db::DbError,
    happenings::{self, CalledAgent, Happening},
    http::{Json, Path, Problem, openapi},
    rooms::{
        Slug,
        caller::Caller,
        store::{self, RoomRow},
        view,
    },
};

/// In characters.
pub const LONGEST_AGENT_NAME: usize = 256;
/// In characters.
pub const LONGEST_METADATA: usize = 16 * 1024;
/// Agents of one room.
const MOST: usize = 16;

/// The field of an agent's name in requests.
pub fn agent_name() -> Object {
    openapi::text(0..=LONGEST_AGENT_NAME).build()
}

/// The field of what an agent is told in requests.
pub fn metadata() -> Object {
    openapi::text(0..=LONGEST_METADATA).build()
}

/// Which agent comes.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddRoomAgent {
    /// As its worker registers; empty: workers without a name.
    #[garde(length(chars, max = LONGEST_AGENT_NAME))]
    #[serde(default)]
    #[schema(schema_with = agent_name)]
    agent_name: String,
    /// What the agent is told, at every call.
    #[garde(length(chars, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    metadata: String,
}

/// Why no agent is added.
#[derive(Debug, Error)]
pub enum AddRoomAgentError {
    #[error("the room was deleted meanwhile")]
    NoRoom,
    #[error("it comes already")]
    Comes,
    #[error("the room has many agents")]
    TooMany,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<AddRoomAgentError> for Problem {
    fn from(error: AddRoomAgentError) -> Problem {
        match error {
            AddRoomAgentError::NoRoom => Problem::not_found("room"),
            AddRoomAgentError::Comes => Problem::new(
                StatusCode::CONFLICT,
                "already_added",
                "This agent comes into the room's calls already.",
            )
            .about("agent_name"),
            AddRoomAgentError::TooMany => Problem::new(
                StatusCode::CONFLICT,
                "too_many",
                format!("No more than {MOST} agents come into a room."),
            ),
            AddRoomAgentError::Internal(cause) => cause.into(),
        }
    }
}

/// Has an agent come into every call of a room that begins from now on. A call that is live goes on as it is.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/agents", tag = "agents", operation_id = "addRoomAgent",
    params(("slug" = Slug, Path)), request_body = AddRoomAgent,
    responses((status = 201, body = RoomAgent), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn add(
    State(app): State<App>,
    Admin(admin): Admin,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<AddRoomAgent>,
) -> Result<(StatusCode, Json<RoomAgent>), Problem> {
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    let agent = insert(&app, &Actor::user(&admin.user), &room, input).await?;
    Ok((StatusCode::CREATED, Json(agent)))
}

async fn insert(
    app: &App,
    by: &Actor,
    room: &RoomRow,
    input: AddRoomAgent,
) -> Result<RoomAgent, AddRoomAgentError> {
    let now = app.now();
    let agent = RoomAgent {
        id: RoomAgentId::new(&app.random, now),
        room: room.slug.clone(),
        room_name: room.name.to_string(),
        agent_name: input.agent_name,
        metadata: input.metadata,
        added_at: now,
    };
    let mut tx = app.db.begin().await?;
    // Whoever adds another one, or deletes the room, waits.
    let living = store::settings_to_change(&mut tx, room.id).await?;
    living.ok_or(AddRoomAgentError::NoRoom)?;
    if store::agents(&mut tx, room.id).await?.len() >= MOST {
        return Err(AddRoomAgentError::TooMany);
    }
    if !store::insert_agent(&mut tx, room.id, &agent).await? {
        return Err(AddRoomAgentError::Comes);
    }
    let added = Happening::RoomAgentAdded(CalledAgent {
        id: agent.id,
        agent_name: &agent.agent_name,
    });
    happenings::tell(app, &mut tx, Some(by), Some(&room.known()), &added).await?;
    tx.commit().await?;
    Ok(agent)
}
