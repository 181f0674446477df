//! `UpdateLayout`.

use livekit_wire::{
    proto::{EgressInfo, UpdateLayoutRequest},
    twirp::{Code, TwirpError},
};

use crate::{egresses::Egresses, info::has_ended, order::layout, record::Command};

/// The film is laid out so from now on.
pub async fn update_layout(
    egresses: &Egresses,
    request: UpdateLayoutRequest,
) -> Result<EgressInfo, TwirpError> {
    let egress = egresses.find(&request.egress_id)?;
    let info = egress.info();
    if has_ended(&info) {
        return Err(TwirpError::domain(
            Code::FailedPrecondition,
            "egress has ended",
        ));
    }
    egress.ask(Command::Layout(layout(&request.layout)?));
    Ok(info)
}
