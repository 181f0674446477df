//! LiveKit's ingresses: streams that come into rooms from encoders. Whether a media server has them shows when it is asked.

use http::StatusCode;
use livekit_client::{Grant, ingress};
use livekit_protocol as proto;
use thiserror::Error;

use super::{
    LiveKit, LiveKitError,
    service::{Service, ServiceError, needs_redis},
};
use crate::{clock::Timestamp, http::Problem};

/// Why an ingress cannot be seen or changed.
#[derive(Debug, Error)]
pub enum IngressError {
    /// An official livekit-server without Redis has none.
    #[error("this media server has no ingress")]
    NotConnected,
    /// LiveKit has it, this server does not; in its words.
    #[error("{0}")]
    NotSupported(String),
    /// In the media server's words.
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    TooMany(String),
    #[error(transparent)]
    Media(LiveKitError),
}

impl From<LiveKitError> for IngressError {
    fn from(error: LiveKitError) -> IngressError {
        match error {
            LiveKitError::Refused { code, message } => match code.as_str() {
                "unimplemented" => IngressError::NotSupported(message),
                "invalid_argument" => IngressError::Invalid(message),
                "resource_exhausted" => IngressError::TooMany(message),
                "internal" if needs_redis(&message) => IngressError::NotConnected,
                _ => IngressError::Media(LiveKitError::Refused { code, message }),
            },
            error => IngressError::Media(error),
        }
    }
}

impl From<IngressError> for Problem {
    fn from(error: IngressError) -> Problem {
        match error {
            IngressError::NotConnected => ServiceError::NeedsRedis(Service::Ingress).into(),
            IngressError::NotSupported(says) => {
                Problem::new(StatusCode::NOT_IMPLEMENTED, "not_supported", says)
            }
            IngressError::Invalid(says) => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", says)
            }
            IngressError::TooMany(says) => {
                Problem::new(StatusCode::CONFLICT, "too_many_ingresses", says)
            }
            IngressError::Media(LiveKitError::NotFound) => Problem::not_found("ingress"),
            IngressError::Media(cause) => cause.into(),
        }
    }
}

impl LiveKit {
    /// All of them, with how each is doing.
    pub async fn ingresses(&self, now: Timestamp) -> Result<Vec<proto::IngressInfo>, IngressError> {
        let request = proto::ListIngressRequest::default();
        let listed = self.call(ingress::LIST_INGRESS, Grant::Ingress, &request, now);
        Ok(listed.await?.items)
    }

    /// Makes one.
    pub async fn create_ingress(
        &self,
        request: &proto::CreateIngressRequest,
        now: Timestamp,
    ) -> Result<proto::IngressInfo, IngressError> {
        let made = self.call(ingress::CREATE_INGRESS, Grant::Ingress, request, now);
        Ok(made.await?)
    }

    /// Changes what is not empty.
    pub async fn update_ingress(
        &self,
        request: &proto::UpdateIngressRequest,
        now: Timestamp,
    ) -> Result<proto::IngressInfo, IngressError> {
        let updated = self.call(ingress::UPDATE_INGRESS, Grant::Ingress, request, now);
        Ok(updated.await?)
    }

    /// Removes one, and whoever publishes by it.
    pub async fn delete_ingress(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<proto::IngressInfo, IngressError> {
        let request = proto::DeleteIngressRequest {
            ingress_id: id.to_owned(),
        };
        let deleted = self.call(ingress::DELETE_INGRESS, Grant::Ingress, &request, now);
        Ok(deleted.await?)
    }
}
