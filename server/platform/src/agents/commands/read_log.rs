//! Shows what a command's processes said last; for those who see the site.

use axum::extract::State;

use super::{CommandLine, keeper};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Path, Problem},
};

/// What a command's processes said last, the newest first: 500 lines of each.
#[utoipa::path(
    get, path = "/api/agents/commands/{name}/log", tag = "agents", operation_id = "readAgentCommandLog",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = Vec<CommandLine>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(
    State(app): State<App>,
    _: SeesSite,
    Path(name): Path<String>,
) -> Result<Json<Vec<CommandLine>>, Problem> {
    let mut lines = keeper(&app)?.log(&name)?;
    lines.reverse();
    Ok(Json(lines))
}
