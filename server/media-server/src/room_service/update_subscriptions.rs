//! UpdateSubscriptions: subscribes or unsubscribes a participant on its behalf.

use livekit_wire::{
    Identity, RoomName,
    proto::{UpdateSubscriptionsRequest, UpdateSubscriptionsResponse},
    twirp::TwirpError,
};

use super::{errors::twirp_error, get_participant::participant, grants::Grants};
use crate::{
    app::App,
    ground::{Now, RoomError},
    room::Room,
};

pub(super) async fn update_subscriptions(
    app: &App,
    grants: &Grants,
    request: UpdateSubscriptionsRequest,
) -> Result<UpdateSubscriptionsResponse, TwirpError> {
    grants.ensure_admin(&request.room)?;
    let room = RoomName::new(request.room.as_str());
    let identity = participant(request.identity.clone())?;
    app.rooms
        .on_room(&room, move |room, now| {
            update(room, &identity, &request, now)
        })
        .await
        .map_err(twirp_error)?;
    Ok(UpdateSubscriptionsResponse {})
}

pub(crate) fn update(
    room: &mut Room,
    identity: &Identity,
    request: &UpdateSubscriptionsRequest,
    now: Now,
) -> Result<(), RoomError> {
    let key = room.key_of(identity.as_str())?;
    room.update_subscriptions(
        key,
        &request.track_sids,
        &request.participant_tracks,
        request.subscribe,
        now,
    );
    Ok(())
}
