//! All that helps to find a fault, in one file without secrets; for administrators to pass on.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::LogLine;
use crate::{
    accounts::Admin,
    app::App,
    clock::Timestamp,
    config::Setting,
    health::{self, Health},
    http::{Json, Problem},
    jobs::{self, JobsOverview},
    meetings, settings,
};

/// All that helps to find a fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct SupportBundle {
    /// Of Convoke.
    version: &'static str,
    /// System and processor.
    platform: String,
    made_at: Timestamp,
    /// When this process started.
    started_at: Timestamp,
    /// `sqlite` or `postgres`.
    database: &'static str,
    media: MediaInBundle,
    live_rooms: i64,
    live_participants: i64,
    health: Health,
    /// `null` where the database does not answer.
    #[schema(required = true)]
    jobs: Option<JobsOverview>,
    settings: Vec<Setting>,
    log: Vec<LogLine>,
}

/// The media server as this process knows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaInBundle {
    /// `built-in`, `livekit-server` or `external`.
    engine: String,
    #[schema(required = true)]
    version: Option<String>,
    /// `starting`, `ready` or `down`.
    status: &'static str,
    /// Why it is down.
    #[schema(required = true)]
    reason: Option<String>,
    /// Where media is announced.
    #[schema(required = true)]
    node_ip: Option<String>,
    #[schema(required = true)]
    udp_port: Option<u16>,
    #[schema(required = true)]
    tcp_port: Option<u16>,
}

/// All that helps to find a fault, without secrets. Names, addresses and what people are called may be in the log's lines.
#[utoipa::path(
    get, path = "/api/admin/support-bundle", tag = "admin", operation_id = "readSupportBundle",
    responses(
        (status = 200, body = SupportBundle),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(State(app): State<App>, _: Admin) -> Response {
    let status = app.livekit.status();
    let facts = app.livekit.facts();
    // A bundle is wanted most when something does not answer.
    let live = meetings::count_live(&app.db).await.unwrap_or_default();
    let settings = settings::over(&app, app.origin.settings.clone()).await;
    let bundle = SupportBundle {
        version: env!("CARGO_PKG_VERSION"),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        made_at: app.now(),
        started_at: app.started_at,
        database: app.db.backend(),
        media: MediaInBundle {
            engine: facts.engine.clone(),
            version: app.livekit.version(),
            status: status.as_str(),
            reason: status.reason().map(str::to_owned),
            node_ip: app.livekit.node_ip().map(|ip| ip.to_string()),
            udp_port: facts.udp_port,
            tcp_port: facts.tcp_port,
        },
        live_rooms: live.rooms,
        live_participants: live.participants,
        health: health::health(&app).await,
        jobs: jobs::overview(&app).await.ok(),
        settings: settings.unwrap_or_else(|_| app.origin.settings.clone()),
        log: app.origin.log.lines(),
    };
    let disposition = HeaderValue::from_static("attachment; filename=\"convoke-support.json\"");
    ([(header::CONTENT_DISPOSITION, disposition)], Json(bundle)).into_response()
}
