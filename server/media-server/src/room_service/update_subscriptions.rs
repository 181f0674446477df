//! UpdateSubscriptions: subscribes or unsubscribes a participant on its behalf.

use livekit_wire::{
    RoomName,
    proto::{UpdateSubscriptionsRequest, UpdateSubscriptionsResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants};
use crate::http::App;

pub(super) async fn update_subscriptions(
    app: &App,
    grants: &Grants,
    request: UpdateSubscriptionsRequest,
) -> Result<UpdateSubscriptionsResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room.as_str());
    let identity = participant(request.identity.clone())?;
    app.engine
        .update_subscriptions(&room, identity, request)
        .await
        .map_err(twirp_error)?;
    Ok(UpdateSubscriptionsResponse {})
}
