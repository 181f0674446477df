//! Lists the commands of this server; for those who see the site.

use axum::extract::State;

use super::{KeepsCommands, KeptCommand, keeper};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Problem},
};

/// The commands that this server keeps alive, as its configuration names them, with their processes.
#[utoipa::path(
    get, path = "/api/agents/commands", tag = "agents", operation_id = "listAgentCommands",
    responses(
        (status = 200, body = Vec<KeptCommand>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(State(app): State<App>, _: SeesSite) -> Json<Vec<KeptCommand>> {
    let all = keeper(&app).map(KeepsCommands::overview);
    Json(all.unwrap_or_default())
}
