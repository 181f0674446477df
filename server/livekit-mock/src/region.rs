//! One simulated region: what it shares with the others, and which answer a path gets.

use std::{sync::Arc, time::SystemTime};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    advertise::TwirpPrefix,
    call,
    control::{self, Control, ControlError},
    methods::Methods,
    regions, signal,
};

/// Says which region served; blank when it failed.
pub(crate) const REGION_HEADER: HeaderName = HeaderName::from_static("x-lk-mock-region");

/// What all regions share; nothing in it changes but the default control.
pub(crate) struct Mock {
    pub(crate) methods: Methods,
    pub(crate) api_secret: SecretString,
    pub(crate) twirp_prefix: TwirpPrefix,
    /// The regions' URLs, by index.
    pub(crate) urls: Vec<String>,
    pub(crate) clock: fn() -> SystemTime,
    pub(crate) default_control: watch::Receiver<Control>,
    /// The end of everything that outlives a request.
    pub(crate) stop: CancellationToken,
    pub(crate) running: TaskTracker,
}

/// One listener.
#[derive(Clone)]
pub(crate) struct Region {
    pub(crate) index: u32,
    pub(crate) mock: Arc<Mock>,
}

/// The connection is to be closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dropped, as asked")]
pub(crate) struct Dropped;

impl Region {
    /// Its name in `/settings/regions`.
    pub(crate) fn name(&self) -> String {
        name(self.index)
    }

    /// Its index, as the good answers carry it.
    pub(crate) fn header(&self) -> (HeaderName, HeaderValue) {
        (REGION_HEADER, HeaderValue::from(self.index))
    }

    /// What this request asks of the mock.
    pub(crate) fn control(&self, headers: &HeaderMap) -> Result<Control, ControlError> {
        let requested = control::requested(headers)?;
        Ok(requested.unwrap_or_else(|| self.mock.default_control.borrow().clone()))
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Result<Response, Dropped> {
        let path = request.uri().path();
        match path {
            "/settings/regions" => Ok(regions::list(self, request.headers())),
            "/rtc/validate" | "/rtc/v1/validate" => Ok(signal::validate(self, &request)),
            "/rtc" | "/rtc/v1" => Ok(signal::connect(self, request).await),
            _ => {
                if let Some(key) = self.mock.twirp_prefix.call(path) {
                    let key = key.to_owned();
                    return call::answer(self, &key, request).await;
                }
                Ok(match path {
                    "/" | "/_test/health" => "ok".into_response(),
                    _ => (StatusCode::NOT_FOUND, "404 page not found").into_response(),
                })
            }
        }
    }
}

/// The name of the region of this index.
pub(crate) fn name(index: impl std::fmt::Display) -> String {
    format!("region-{index}")
}
