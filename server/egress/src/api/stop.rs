//! `StopEgress`.

use livekit_wire::{
    proto::{EgressInfo, EgressStatus, StopEgressRequest},
    twirp::{Code, TwirpError},
};

use crate::egresses::Egresses;

/// Asks the egress to end and answers what it is now: the film comes later.
pub async fn stop(
    egresses: &Egresses,
    request: StopEgressRequest,
) -> Result<EgressInfo, TwirpError> {
    let egress = egresses.find(&request.egress_id)?;
    let mut info = egress.info();
    match info.status() {
        EgressStatus::EgressStarting | EgressStatus::EgressActive => {}
        status @ (EgressStatus::EgressEnding
        | EgressStatus::EgressComplete
        | EgressStatus::EgressFailed
        | EgressStatus::EgressAborted
        | EgressStatus::EgressLimitReached) => {
            let status = status.as_str_name();
            return Err(TwirpError::domain(
                Code::FailedPrecondition,
                format!("egress with status {status} cannot be stopped"),
            ));
        }
    }
    egresses.stop(&egress);
    info.set_status(EgressStatus::EgressEnding);
    Ok(info)
}
