//! The Start methods: they differ in what they record.

use livekit_wire::{
    proto::EgressInfo,
    twirp::{Code, TwirpError},
};

use crate::{
    egresses::{Egresses, NotStarted},
    order::StartRequest,
};

/// Starts what the request orders.
pub async fn start<Request: StartRequest>(
    egresses: &Egresses,
    request: Request,
) -> Result<EgressInfo, TwirpError> {
    egresses.start(request.order()?).await.map_err(Into::into)
}

impl From<NotStarted> for TwirpError {
    fn from(error: NotStarted) -> TwirpError {
        let code = match &error {
            NotStarted::NoRoom => Code::NotFound,
            NotStarted::Busy
            | NotStarted::NoSpace
            | NotStarted::Unreachable(_)
            | NotStarted::Ending => Code::Unavailable,
            NotStarted::NoFfmpeg(_) => Code::FailedPrecondition,
            NotStarted::Disk(_) => Code::Internal,
        };
        TwirpError::domain(code, error)
    }
}
