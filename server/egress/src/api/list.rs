//! `ListEgress`.

use livekit_wire::{
    proto::{EgressInfo, ListEgressRequest, ListEgressResponse},
    twirp::TwirpError,
};

use crate::{egresses::Egresses, info::has_ended};

/// Everything that goes on, and what ended within the last day.
pub async fn list(
    egresses: &Egresses,
    request: ListEgressRequest,
) -> Result<ListEgressResponse, TwirpError> {
    let wanted = |info: &EgressInfo| {
        (request.room_name.is_empty() || info.room_name == request.room_name)
            && (request.egress_id.is_empty() || info.egress_id == request.egress_id)
            && !(request.active && has_ended(info))
    };
    let items = egresses.listed().into_iter().filter(wanted).collect();
    Ok(ListEgressResponse {
        items,
        ..ListEgressResponse::default()
    })
}
