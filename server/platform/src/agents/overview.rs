//! Shows administrators workers, their jobs, and what went wrong.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Problem, SiteAddress},
    livekit::agents::{AgentJob, AgentTrouble, AgentWorker, AgentsReport, WorkersError},
    rooms::{Slug, named},
};

/// What goes on with agents.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentsOverview {
    /// Whether the media server tells of its workers; an official livekit-server does not, though it has them.
    supported: bool,
    /// `LIVEKIT_URL` of a worker.
    server_url: String,
    workers: Vec<AgentWorker>,
    /// Those that have not ended.
    jobs: Vec<JobInRoom>,
    /// What went wrong lately, the newest first.
    troubles: Vec<AgentTrouble>,
}

/// A job, and the link of its room.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobInRoom {
    #[serde(flatten)]
    job: AgentJob,
    /// `null`: the room is none of ours.
    #[schema(required = true)]
    link: Option<Slug>,
}

/// Workers, jobs and troubles of agents.
#[utoipa::path(
    get, path = "/api/agents", tag = "agents", operation_id = "readAgents",
    responses(
        (status = 200, body = AgentsOverview),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn overview(
    State(app): State<App>,
    site: SiteAddress,
    _: SeesSite,
) -> Result<Json<AgentsOverview>, Problem> {
    let (supported, found) = match app.livekit.workers(app.now()).await {
        Ok(found) => (true, found),
        Err(WorkersError::NotSupported) => (false, AgentsReport::default()),
        Err(error) => return Err(error.into()),
    };
    let names = found.jobs.iter().map(|job| job.room.as_str());
    let links = named::links(&app, names).await?;
    let jobs = found.jobs.into_iter().map(|job| JobInRoom {
        link: links.get(&job.room).cloned(),
        job,
    });
    let jobs = jobs.collect();
    Ok(Json(AgentsOverview {
        supported,
        server_url: site.socket_origin(),
        workers: found.workers,
        jobs,
        troubles: found.troubles,
    }))
}
