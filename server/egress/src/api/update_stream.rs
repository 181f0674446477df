//! `UpdateStream`.

use livekit_wire::{
    proto::{EgressInfo, EgressStatus, UpdateStreamRequest},
    twirp::{Code, TwirpError},
};

use crate::{egresses::Egresses, order::StreamOrder};

/// Sends the live stream to more addresses, or to fewer.
pub async fn update_stream(
    egresses: &Egresses,
    request: UpdateStreamRequest,
) -> Result<EgressInfo, TwirpError> {
    let add = request.add_output_urls.iter();
    let add = add.map(|url| StreamOrder::parse(url));
    let add = add.collect::<Result<Vec<_>, _>>()?;
    let egress = egresses.find(&request.egress_id)?;
    match egress.info().status() {
        EgressStatus::EgressStarting | EgressStatus::EgressActive => {}
        status @ (EgressStatus::EgressEnding
        | EgressStatus::EgressComplete
        | EgressStatus::EgressFailed
        | EgressStatus::EgressAborted
        | EgressStatus::EgressLimitReached) => {
            let status = status.as_str_name();
            return Err(TwirpError::domain(
                Code::FailedPrecondition,
                format!("egress with status {status} cannot be updated"),
            ));
        }
    }
    egresses.update_stream(&egress, &add, &request.remove_output_urls)
}
