//! From a request for the signal WebSocket to a `JoinRequest` of the rooms: the token's grants, the client's wishes and
//! the limits, checked in the original's order (service/rtcservice.go, service/utils.go).

use std::collections::HashMap;

use livekit_wire::{
    Identity, ParticipantSid, RoomName, VerifiedToken,
    connect::{ConnectParams, decode_join_request},
    proto,
};

use super::refusal::Refusal;
use crate::{
    app::App,
    config::Limit,
    ground::{JoinRefused, JoinRequest, Resume, SignalMode},
};

/// Which endpoint was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// `/rtc`: a `join_request` is possible.
    V0,
    /// `/rtc/v1`: a `join_request` is required.
    V1,
}

/// Checks everything that can be checked without joining. `strict` refuses parameters that joining would ignore.
pub(super) async fn check(
    app: &App,
    endpoint: Endpoint,
    params: ConnectParams,
    token: Option<VerifiedToken>,
    client_address: String,
    strict: bool,
) -> Result<JoinRequest, Refusal> {
    let mut token = token.ok_or(Refusal::NoPermission)?;
    let Some(grants) = token.claims.video.as_mut() else {
        return Err(Refusal::NoPermission);
    };

    let wishes = Wishes::read(endpoint, params, strict)?;
    if !grants.room_join {
        return Err(Refusal::MayNotJoin);
    }
    let mut identity = token.claims.identity.clone();
    if identity.is_empty() {
        return Err(Refusal::IdentityEmpty);
    }
    let longest = app.limit.max_participant_identity_length;
    if !Limit::allows(longest, identity.len()) {
        return Err(Refusal::IdentityTooLong(longest));
    }
    let room = RoomName::parse(grants.room.as_str()).map_err(|_| Refusal::NoRoomName)?;
    let longest = app.limit.max_room_name_length;
    if !Limit::allows(longest, room.as_str().len()) {
        return Err(Refusal::RoomNameTooLong(longest));
    }
    if let Some(suffix) = &wishes.publish {
        // A second connection of the same person that only publishes.
        if !grants.can_publish() {
            return Err(Refusal::NoPermission);
        }
        grants.can_subscribe = Some(false);
        // The token's subject stays as it is, and so does the refreshed token's: a second connection must not become
        // a person of its own, nor its reconnect a third.
        identity = format!("{identity}#{suffix}");
    }
    let may_describe_itself = grants.can_update_own_metadata();
    if !app.auto_create && !grants.room_create && !app.rooms.room_exists(&room).await {
        return Err(Refusal::Join(JoinRefused::RoomNotFound));
    }
    let describes_itself = !wishes.metadata.is_empty() || !wishes.attributes.is_empty();
    if describes_itself && !may_describe_itself {
        return Err(Refusal::NoPermission);
    }

    Ok(JoinRequest {
        room,
        identity: Identity::parse(identity).map_err(|_| Refusal::IdentityEmpty)?,
        token,
        mode: wishes.mode,
        client: proto::ClientInfo {
            address: client_address.clone(),
            ..wishes.client
        },
        client_address,
        auto_subscribe: wishes.auto_subscribe,
        adaptive_stream: wishes.adaptive_stream,
        reconnect: wishes.reconnect,
        publisher_offer: wishes.publisher_offer,
        add_track_requests: wishes.add_track_requests,
        // An empty value would delete what the token says, which only the server's API may do.
        attributes: wishes
            .attributes
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        metadata: wishes.metadata,
        sync_state: wishes.sync_state,
        disable_ice_lite: wishes.disable_ice_lite,
        subscriber_allow_pause: wishes.subscriber_allow_pause,
    })
}

/// What the client wants, whichever way it said it.
struct Wishes {
    mode: SignalMode,
    client: proto::ClientInfo,
    auto_subscribe: bool,
    adaptive_stream: bool,
    disable_ice_lite: bool,
    subscriber_allow_pause: Option<bool>,
    reconnect: Option<Resume>,
    publish: Option<String>,
    metadata: String,
    attributes: HashMap<String, String>,
    publisher_offer: Option<proto::SessionDescription>,
    add_track_requests: Vec<proto::AddTrackRequest>,
    sync_state: Option<proto::SyncState>,
}

impl Wishes {
    fn read(endpoint: Endpoint, params: ConnectParams, strict: bool) -> Result<Self, Refusal> {
        match (&params.join_request, endpoint) {
            (Some(packed), _) => Ok(Self::from_join_request(decode_join_request(packed)?)),
            (None, Endpoint::V1) => Err(Refusal::JoinRequestRequired),
            (None, Endpoint::V0) => Self::from_params(params, strict),
        }
    }

    fn from_join_request(request: proto::JoinRequest) -> Self {
        let settings = request.connection_settings.unwrap_or_default();
        let reason = request.reconnect_reason();
        Self {
            mode: SignalMode::Single,
            client: request.client_info.unwrap_or_default(),
            auto_subscribe: settings.auto_subscribe,
            adaptive_stream: settings.adaptive_stream,
            disable_ice_lite: settings.disable_ice_lite,
            subscriber_allow_pause: settings.subscriber_allow_pause,
            reconnect: request
                .reconnect
                .then(|| resume(request.participant_sid, reason)),
            publish: None,
            metadata: request.metadata,
            attributes: request.participant_attributes,
            publisher_offer: request.publisher_offer,
            add_track_requests: request.add_track_requests,
            sync_state: request.sync_state,
        }
    }

    fn from_params(params: ConnectParams, strict: bool) -> Result<Self, Refusal> {
        let attributes = match params.decode_attributes() {
            Ok(attributes) => attributes,
            Err(error) if strict => return Err(error.into()),
            Err(_) => HashMap::new(),
        };
        let sid = params.participant_sid.unwrap_or_default();
        Ok(Self {
            mode: SignalMode::Dual,
            client: params.client,
            auto_subscribe: params.auto_subscribe,
            adaptive_stream: params.adaptive_stream,
            disable_ice_lite: params.disable_ice_lite,
            subscriber_allow_pause: params.subscriber_allow_pause,
            reconnect: params
                .reconnect
                .then(|| resume(sid, params.reconnect_reason)),
            publish: params.publish,
            metadata: String::new(),
            attributes,
            publisher_offer: None,
            add_track_requests: Vec::new(),
            sync_state: None,
        })
    }
}

fn resume(sid: String, reason: proto::ReconnectReason) -> Resume {
    let participant_sid = (!sid.is_empty()).then(|| ParticipantSid::from_wire(sid));
    Resume {
        participant_sid,
        reason,
    }
}
