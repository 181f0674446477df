//! Shows administrators which of LiveKit's services the media server has.

use axum::extract::State;
use futures::join;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::SeesSite,
    app::App,
    clock::Timestamp,
    http::{Json, Problem},
    livekit::service::{Service, ServiceError},
};

/// One of LiveKit's services.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveKitService {
    pub service: Service,
    pub state: ServiceState,
    /// When it last had nobody to do the work; `null` where that has not been seen since somebody did.
    #[schema(required = true)]
    without_worker_since: Option<Timestamp>,
}

/// Whether a service can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    Ready,
    /// Its API answers; when it was last asked for something, nobody was there to do it.
    NoWorker,
    /// The media server reaches it over Redis alone, and has none.
    NeedsRedis,
    /// This media server has none.
    NotSupported,
    /// The media server itself does not answer.
    Unreachable,
}

/// Which of LiveKit's services the media server has. Each is asked now. Whether somebody does the work, LiveKit does not tell
/// before there is something to do: `no_worker` is what was seen last.
#[utoipa::path(
    get, path = "/api/livekit/services", tag = "admin", operation_id = "listLiveKitServices",
    responses(
        (status = 200, body = Vec<LiveKitService>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(State(app): State<App>, _: SeesSite) -> Json<Vec<LiveKitService>> {
    Json(services(&app).await.into())
}

/// Each asked now.
pub async fn services(app: &App) -> [LiveKitService; 3] {
    let now = app.now();
    let recorder = app.livekit.egress(app.recorder.as_ref());
    let (egress, ingress, sip) = join!(
        recorder.probe(now),
        app.livekit.probe_ingress(now),
        app.livekit.probe_sip(now)
    );
    [
        state_of(app, Service::Egress, &egress),
        state_of(app, Service::Ingress, &ingress),
        state_of(app, Service::Sip, &sip),
    ]
}

fn state_of(app: &App, service: Service, probed: &Result<(), ServiceError>) -> LiveKitService {
    let without_worker_since = app.livekit.without_worker_since(service);
    let state = match probed {
        Ok(()) if without_worker_since.is_some() => ServiceState::NoWorker,
        // What it refuses, it has read.
        Ok(()) | Err(ServiceError::NotFound | ServiceError::Refused(_)) => ServiceState::Ready,
        Err(ServiceError::NoWorker(_)) => ServiceState::NoWorker,
        Err(ServiceError::NeedsRedis(_)) => ServiceState::NeedsRedis,
        Err(ServiceError::NotSupported(_)) => ServiceState::NotSupported,
        Err(ServiceError::Media(_)) => ServiceState::Unreachable,
    };
    LiveKitService {
        service,
        state,
        without_worker_since,
    }
}
