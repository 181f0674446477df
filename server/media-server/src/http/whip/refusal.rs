//! Why a request of a publisher is refused: RFC 9725's statuses, RFC 9457's body with the original's `error` beside it.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};
use serde_json::json;

use super::super::refusal::Refusal;
use crate::{
    ground::JoinRefused,
    ingress::NotPublished,
    whip::{NotRestarted, NotStarted, NotTrickled},
};

/// Every refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum WhipRefusal {
    /// The token, or what it grants.
    #[error(transparent)]
    Join(#[from] Refusal),
    /// Not the type of the body that is meant.
    #[error("the content type must be {0}")]
    ContentType(&'static str),
    /// A body beyond the limit.
    #[error("the body is too large")]
    TooLarge,
    /// Not an offer.
    #[error("not a usable SDP offer: {0}")]
    Offer(String),
    /// Not a fragment.
    #[error("not a usable SDP fragment: {0}")]
    Fragment(String),
    /// An offer of somebody who only receives.
    #[error("the offer publishes nothing")]
    NothingToPublish,
    /// The rooms do not take it.
    #[error(transparent)]
    Start(NotStarted),
    /// Neither a key in the address nor one in a header.
    #[error("a stream key is needed, in Authorization: Bearer")]
    NoKey,
    /// The ingress does not let it in.
    #[error(transparent)]
    Publish(#[from] NotPublished),
    /// No such publisher, or not this token's.
    #[error("no such session")]
    NotFound,
    /// PATCH without a generation.
    #[error("If-Match is required")]
    NoGeneration,
    /// Candidates are not taken.
    #[error(transparent)]
    Trickle(#[from] NotTrickled),
    /// ICE is not restarted.
    #[error(transparent)]
    Restart(#[from] NotRestarted),
}

impl WhipRefusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Join(refusal) => refusal.status(),
            Self::Start(refused) | Self::Publish(NotPublished::Start(refused)) => match refused {
                NotStarted::Refused(refused) => Refusal::Join(refused.clone()).status(),
                NotStarted::TurnedAway => StatusCode::UNPROCESSABLE_ENTITY,
                NotStarted::NoAnswer => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::NoKey => StatusCode::UNAUTHORIZED,
            // As LiveKit's ingress service has it.
            Self::Publish(NotPublished::Disabled) => StatusCode::FORBIDDEN,
            Self::Publish(NotPublished::Room(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Publish(NotPublished::Taken) => StatusCode::CONFLICT,
            Self::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Offer(_)
            | Self::Fragment(_)
            | Self::NothingToPublish
            | Self::Publish(NotPublished::NoRoom)
            | Self::Trickle(NotTrickled::OtherCredentials) => StatusCode::BAD_REQUEST,
            Self::Restart(NotRestarted::Refused) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotFound
            | Self::Publish(NotPublished::NoSuchKey | NotPublished::OtherInput)
            | Self::Trickle(NotTrickled::Ended)
            | Self::Restart(NotRestarted::Ended) => StatusCode::NOT_FOUND,
            Self::NoGeneration => StatusCode::PRECONDITION_REQUIRED,
            Self::Trickle(NotTrickled::OtherGeneration) => StatusCode::PRECONDITION_FAILED,
        }
    }
}

impl From<NotStarted> for WhipRefusal {
    fn from(error: NotStarted) -> Self {
        Self::Start(error)
    }
}

impl From<JoinRefused> for WhipRefusal {
    fn from(refused: JoinRefused) -> Self {
        Self::Join(Refusal::Join(refused))
    }
}

impl IntoResponse for WhipRefusal {
    fn into_response(self) -> Response {
        let status = self.status();
        tracing::info!(status = status.as_u16(), reason = %self, "publisher refused");
        let body = json!({
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": self.to_string(),
            "error": self.to_string(),
        });
        (
            status,
            [(CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    }
}
