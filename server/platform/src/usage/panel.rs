//! Shows how this server is doing now: its machine, its media server, its ports.

use std::time::SystemTime;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::SeesRooms,
    app::App,
    certificates,
    clock::Timestamp,
    http::{Json, Problem},
    livekit::MediaStatus,
    storage,
};

/// Tells until when the site's certificate is good; `None` where it has none of its own.
pub type CertificateEnd = Box<dyn Fn() -> Option<SystemTime> + Send + Sync>;

/// How this server is doing now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerMetrics {
    /// When it was looked; `null`: not since it started.
    #[schema(required = true)]
    seen_at: Option<Timestamp>,
    /// When this process started.
    started_at: Timestamp,
    site: ProcessMetrics,
    media: MediaMetrics,
    /// Ports that people must reach, as far as they are ours.
    ports: Vec<OpenPort>,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// Bytes that are free where the data folder is.
    #[schema(required = true)]
    data_free_bytes: Option<u64>,
    /// Bytes that are free where films are kept, if that is a disk.
    #[schema(required = true)]
    films_free_bytes: Option<u64>,
    /// Until when the site's own certificate is good; `null`: it has none.
    #[schema(required = true)]
    certificate_ends_at: Option<Timestamp>,
}

/// What a process takes from its machine; `null` where the system does not tell.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ProcessMetrics {
    /// Of one core, lately.
    #[schema(required = true)]
    cpu_percent: Option<f64>,
    #[schema(required = true)]
    memory_bytes: Option<u64>,
    #[schema(required = true)]
    open_files: Option<u64>,
    #[schema(required = true)]
    most_files: Option<u64>,
}

/// The media server; what only the built-in one tells is `null` with others.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaMetrics {
    ready: bool,
    /// How long it took to answer when it was last asked.
    #[schema(required = true)]
    latency_ms: Option<f64>,
    /// Of one core, lately.
    #[schema(required = true)]
    cpu_percent: Option<f64>,
    #[schema(required = true)]
    memory_bytes: Option<f64>,
    /// Datagrams that it dropped since its start because it could not keep up.
    #[schema(required = true)]
    dropped_datagrams: Option<f64>,
}

/// A port that people must reach.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenPort {
    port: u16,
    protocol: PortProtocol,
    carries: PortUse,
}

/// What the port is one of.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortProtocol {
    Udp,
    Tcp,
}

/// What comes by a port.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortUse {
    /// Pages, the API, signal, and TURN over TLS where that has no port of its own.
    Site,
    Media,
    Turn,
    TurnTls,
    Rtmp,
}

fn ports(app: &App) -> Vec<OpenPort> {
    use PortProtocol::{Tcp, Udp};
    let facts = app.livekit.facts();
    let turn = facts.turn_ports;
    [
        (Some(app.config.server.port), Tcp, PortUse::Site),
        (facts.udp_port, Udp, PortUse::Media),
        (facts.second_udp_port, Udp, PortUse::Media),
        (facts.tcp_port, Tcp, PortUse::Media),
        (turn.udp, Udp, PortUse::Turn),
        (turn.tcp, Tcp, PortUse::Turn),
        (turn.tls, Tcp, PortUse::TurnTls),
        (app.livekit.rtmp_port(), Tcp, PortUse::Rtmp),
    ]
    .into_iter()
    .filter_map(|(port, protocol, carries)| {
        Some(OpenPort {
            port: port?,
            protocol,
            carries,
        })
    })
    .collect()
}

/// How this server is doing now.
#[utoipa::path(
    get, path = "/api/metrics", tag = "admin", operation_id = "readMetrics",
    responses((status = 200, body = ServerMetrics), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn panel(
    State(app): State<App>,
    _: SeesRooms,
) -> Result<Json<ServerMetrics>, Problem> {
    let look = app.vitals.now(app.now());
    let media = look.and_then(|look| look.media);
    Ok(Json(ServerMetrics {
        seen_at: look.map(|look| look.at),
        started_at: app.started_at,
        site: look.map_or_else(ProcessMetrics::default, |look| ProcessMetrics {
            cpu_percent: look.cpu_percent,
            memory_bytes: look.usage.memory_bytes,
            open_files: look.usage.open_fds,
            most_files: look.usage.max_fds,
        }),
        media: MediaMetrics {
            ready: app.livekit.status() == MediaStatus::Ready,
            latency_ms: look
                .and_then(|look| look.latency)
                .map(|latency| latency.as_secs_f64() * 1e3),
            cpu_percent: media.and_then(|media| media.cpu_percent),
            memory_bytes: media.and_then(|media| media.memory_bytes),
            dropped_datagrams: media.map(|media| media.dropped_datagrams),
        },
        ports: ports(&app),
        database: app.db.backend(),
        data_free_bytes: storage::free_bytes(&app.config.server.data_dir),
        films_free_bytes: app.stores.films_free_bytes(),
        certificate_ends_at: certificates::ends_at(&app),
    }))
}
