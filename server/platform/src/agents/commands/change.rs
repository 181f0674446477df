//! Starts, stops and scales a command; for administrators.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use super::{KeptCommand, keeper};
use crate::{
    accounts::Admin,
    app::App,
    audit::Actor,
    config::MOST_PROCESSES,
    happenings::{self, Happening},
    http::{Json, Path, Problem},
};

/// How many processes are wanted.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleCommand {
    #[garde(range(max = MOST_PROCESSES))]
    #[schema(schema_with = count)]
    count: u8,
}

fn count() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(MOST_PROCESSES))
        .build()
}

/// Has a command run again, with as many processes as are wanted.
#[utoipa::path(
    post, path = "/api/agents/commands/{name}/start", tag = "agents", operation_id = "startAgentCommand",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = KeptCommand),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn start(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(name): Path<String>,
) -> Result<Json<KeptCommand>, Problem> {
    changed(app, Actor::user(&admin.user), name, Change::Start).await
}

/// Tells all processes of a command to end, and starts none; also after a restart of this server.
#[utoipa::path(
    post, path = "/api/agents/commands/{name}/stop", tag = "agents", operation_id = "stopAgentCommand",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = KeptCommand),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn stop(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(name): Path<String>,
) -> Result<Json<KeptCommand>, Problem> {
    changed(app, Actor::user(&admin.user), name, Change::Stop).await
}

/// Changes how many processes a command has, until the configuration says another count.
#[utoipa::path(
    put, path = "/api/agents/commands/{name}/scale", tag = "agents", operation_id = "scaleAgentCommand",
    params(("name" = String, Path)), request_body = ScaleCommand,
    responses(
        (status = 200, body = KeptCommand),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn scale(
    State(app): State<App>,
    Admin(admin): Admin,
    Path(name): Path<String>,
    Json(input): Json<ScaleCommand>,
) -> Result<Json<KeptCommand>, Problem> {
    let change = Change::Scale(input.count);
    changed(app, Actor::user(&admin.user), name, change).await
}

enum Change {
    Start,
    Stop,
    Scale(u8),
}

async fn changed(
    app: App,
    by: Actor,
    name: String,
    change: Change,
) -> Result<Json<KeptCommand>, Problem> {
    // Whoever hangs up here has changed it all the same: that is on record.
    let done = tokio::spawn(async move {
        let keeper = keeper(&app)?;
        let mut overview = keeper.overview().into_iter();
        let before = overview.find(|command| command.name == name);
        let command = match change {
            Change::Start => keeper.start(&name)?,
            Change::Stop => keeper.stop(&name)?,
            Change::Scale(count) => keeper.scale(&name, count)?,
        };
        let wanted = |command: &KeptCommand| (command.count, command.stopped);
        if before.is_some_and(|before| wanted(&before) == wanted(&command)) {
            // It was so already.
            return Ok(Json(command));
        }
        let (name, count) = (name.as_str(), command.count);
        let told = match change {
            Change::Start => Happening::AgentCommandStarted { name, count },
            Change::Stop => Happening::AgentCommandStopped { name },
            Change::Scale(_) => Happening::AgentCommandScaled { name, count },
        };
        happenings::tell_alone(&app, Some(&by), None, &told).await?;
        Ok(Json(command))
    });
    done.await.map_err(|error| Problem::internal(&error))?
}
