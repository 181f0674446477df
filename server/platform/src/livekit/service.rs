//! The services of LiveKit that not every media server has: which are there, and how one that is not is told from a refusal.

use http::StatusCode;
use livekit_client::{CallError, Grant, Method, ingress, sip};
use livekit_protocol as proto;
use prost::Message;
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    LiveKit, LiveKitError,
    error::{is_unknown_method, media_refused},
};
use crate::{clock::Timestamp, http::Problem};

/// A service beside rooms; LiveKit's own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    Egress,
    Ingress,
    Sip,
}

impl Service {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Service::Egress => "Egress",
            Service::Ingress => "Ingress",
            Service::Sip => "SIP",
        }
    }
}

/// Why a service did not do what it was asked.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// The built-in media server has none, and an older livekit-server none of this name.
    #[error("this media server has no {}", .0.name())]
    NotSupported(Service),
    /// livekit-server reaches its services over Redis alone.
    #[error("{} needs Redis on the media server", .0.name())]
    NeedsRedis(Service),
    /// The API answers, and nobody is there to do the work.
    #[error("no {} service answers the media server", .0.name())]
    NoWorker(Service),
    /// There is nothing with this id.
    #[error("not found")]
    NotFound,
    /// It says something of what was asked for.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Media(LiveKitError),
}

/// What livekit-server says where it has no Redis (`pkg/service/errors.go`: `ErrSIPNotConnected` and its kin).
pub(super) fn needs_redis(message: &str) -> bool {
    message.contains("redis required")
}

/// What psrpc says when no worker takes a request.
const NO_WORKER: &str = "no response from servers";

impl ServiceError {
    fn of(service: Service, is_built_in: bool, error: CallError) -> ServiceError {
        if is_unknown_method(&error) {
            return ServiceError::NotSupported(service);
        }
        if let CallError::Refused(refusal) = &error {
            if needs_redis(&refusal.message) {
                return if is_built_in {
                    ServiceError::NotSupported(service)
                } else {
                    ServiceError::NeedsRedis(service)
                };
            }
            if refusal.message.contains(NO_WORKER) {
                return ServiceError::NoWorker(service);
            }
        }
        match LiveKitError::from(error) {
            LiveKitError::NotFound => ServiceError::NotFound,
            error => match error.of_request() {
                Some(message) => ServiceError::Refused(message.to_owned()),
                None => ServiceError::Media(error),
            },
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Problem {
        match error {
            ServiceError::NotSupported(service) => Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "not_supported",
                format!(
                    "This media server has no {}; an official livekit-server with Redis has.",
                    service.name()
                ),
            ),
            ServiceError::NeedsRedis(service) => Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "needs_redis",
                format!(
                    "{} needs a Redis that the media server and LiveKit's {} service share: set livekit.redis.",
                    service.name(),
                    service.name()
                ),
            ),
            ServiceError::NoWorker(service) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no_worker",
                format!(
                    "No {} service answers. Start LiveKit's, with the media server's Redis and key.",
                    service.name()
                ),
            ),
            ServiceError::NotFound => Problem::not_found("entry on the media server"),
            ServiceError::Refused(message) => media_refused(&message),
            ServiceError::Media(cause) => cause.into(),
        }
    }
}

impl LiveKit {
    /// Calls a method of one of the services.
    pub(super) async fn ask<Request: Message, Answer: Message + Default>(
        &self,
        service: Service,
        method: Method<Request, Answer>,
        grant: Grant<'_>,
        request: &Request,
        now: Timestamp,
    ) -> Result<Answer, ServiceError> {
        let called = self.client.call(method, grant, request, now.into());
        called
            .await
            .map_err(|error| self.service_error(service, error))
    }

    /// The same, where a worker has to do something first.
    pub(super) async fn have_done<Request: Message, Answer: Message + Default>(
        &self,
        service: Service,
        method: Method<Request, Answer>,
        grant: Grant<'_>,
        request: &Request,
        now: Timestamp,
    ) -> Result<Answer, ServiceError> {
        let called = self.programs.call(method, grant, request, now.into());
        let done = called
            .await
            .map_err(|error| self.service_error(service, error));
        self.note_worker(service, done.as_ref().err(), now);
        done
    }

    /// Keeps in mind whether somebody was there to do what was asked of a service.
    pub(super) fn note_worker(
        &self,
        service: Service,
        error: Option<&ServiceError>,
        now: Timestamp,
    ) {
        match error {
            None => drop(self.without_worker.lock().remove(&service)),
            Some(ServiceError::NoWorker(_)) => {
                self.without_worker.lock().insert(service, now);
            }
            Some(_) => {}
        }
    }

    /// When a service last had nobody to do the work; `None` where that has not been seen since somebody did.
    pub fn without_worker_since(&self, service: Service) -> Option<Timestamp> {
        self.without_worker.lock().get(&service).copied()
    }

    /// Whether Ingress answers: it lists what it has.
    pub async fn probe_ingress(&self, now: Timestamp) -> Result<(), ServiceError> {
        let request = proto::ListIngressRequest::default();
        let method = ingress::LIST_INGRESS;
        let listed = self.ask(Service::Ingress, method, Grant::Ingress, &request, now);
        listed.await.map(drop)
    }

    /// Whether SIP answers: it lists what it has.
    pub async fn probe_sip(&self, now: Timestamp) -> Result<(), ServiceError> {
        let request = proto::ListSipDispatchRuleRequest::default();
        let method = sip::LIST_SIP_DISPATCH_RULE;
        let listed = self.ask(Service::Sip, method, Grant::SipTrunks, &request, now);
        listed.await.map(drop)
    }

    pub(super) fn service_error(&self, service: Service, error: CallError) -> ServiceError {
        ServiceError::of(service, self.facts.engine == "built-in", error)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use livekit_client::Refusal;

    use super::*;

    fn refused(code: &str, message: &str) -> CallError {
        CallError::Refused(Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            word: code.to_owned(),
            message: message.to_owned(),
            meta: BTreeMap::new(),
        })
    }

    #[test]
    fn a_service_that_is_away_is_told_from_one_that_refuses() {
        let told = |is_built_in, error| {
            let error = ServiceError::of(Service::Sip, is_built_in, error);
            Problem::from(error).code()
        };
        let needs_redis = || refused("internal", "sip not connected (redis required)");
        assert_eq!(told(false, needs_redis()), "needs_redis");
        assert_eq!(told(true, needs_redis()), "not_supported");
        let bare = CallError::Status {
            method: "m",
            status: StatusCode::NOT_FOUND,
        };
        assert_eq!(told(false, bare), "not_supported");
        assert_eq!(told(false, refused("bad_route", "")), "not_supported");
        let nobody = refused("unavailable", "no response from servers");
        assert_eq!(told(false, nobody), "no_worker");
        assert_eq!(
            told(false, refused("unavailable", "gone")),
            "media_unavailable"
        );
        assert_eq!(told(false, refused("not_found", "no trunk")), "not_found");
        let taken = refused("already_exists", "the number is in use");
        assert_eq!(told(false, taken), "media_refused");
        assert_eq!(told(false, refused("internal", "boom")), "media_failed");
    }
}
