//! What a token must grant for a call: the same grants that a real server asks for. It must not know any method.

use std::time::SystemTime;

use http::{HeaderMap, header::AUTHORIZATION};
use livekit_wire::{
    Claims, TokenError, VideoGrants,
    token::{SipGrants, verify_any_key},
};
use prost_reflect::DynamicMessage;
use secrecy::SecretString;

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    RoomCreate,
    RoomList,
    RoomRecord,
    IngressAdmin,
    /// `roomAdmin`, of the room that the request speaks of.
    RoomAdmin,
    /// `destinationRoom` is where the request wants to go.
    DestinationRoom,
    SipAdmin,
    SipCall,
}

/// What a token lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    #[error("video.roomCreate")]
    RoomCreate,
    #[error("video.roomList")]
    RoomList,
    #[error("video.roomRecord")]
    RoomRecord,
    #[error("video.ingressAdmin")]
    IngressAdmin,
    #[error("video.roomAdmin")]
    RoomAdmin,
    #[error("video.room equal to the request's room")]
    Room,
    #[error("video.destinationRoom equal to the request's destination_room")]
    DestinationRoom,
    #[error("sip.admin")]
    SipAdmin,
    #[error("sip.call")]
    SipCall,
}

/// The claims of the token in the `Authorization` header.
pub(crate) fn claims(
    headers: &HeaderMap,
    secret: &SecretString,
    now: SystemTime,
) -> Result<Claims, TokenError> {
    Ok(verify_any_key(bearer(headers), secret, now)?.claims)
}

/// The token in the `Authorization` header; empty when there is none.
pub(crate) fn bearer(headers: &HeaderMap) -> &str {
    let value = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.strip_prefix("Bearer ").unwrap_or(value).trim()
}

/// Checks one condition; a request that could not be read speaks of no room.
pub(crate) fn check(
    grant: Grant,
    claims: &Claims,
    request: Option<&DynamicMessage>,
) -> Result<(), Missing> {
    let video = |has: fn(&VideoGrants) -> bool| claims.video.as_ref().is_some_and(has);
    let sip = |has: fn(&SipGrants) -> bool| claims.sip.as_ref().is_some_and(has);
    let (granted, missing) = match grant {
        Grant::RoomCreate => (video(|video| video.room_create), Missing::RoomCreate),
        Grant::RoomList => (video(|video| video.room_list), Missing::RoomList),
        Grant::RoomRecord => (video(|video| video.room_record), Missing::RoomRecord),
        Grant::IngressAdmin => (video(|video| video.ingress_admin), Missing::IngressAdmin),
        Grant::RoomAdmin if !video(|video| video.room_admin) => (false, Missing::RoomAdmin),
        Grant::RoomAdmin => {
            let named = claims.video.as_ref().map_or("", |video| &video.room);
            (suits(request, &["room", "room_name"], named), Missing::Room)
        }
        Grant::DestinationRoom => {
            let named = claims
                .video
                .as_ref()
                .map_or("", |video| &video.destination_room);
            (
                suits(request, &["destination_room"], named),
                Missing::DestinationRoom,
            )
        }
        Grant::SipAdmin => (sip(|sip| sip.admin), Missing::SipAdmin),
        Grant::SipCall => (sip(|sip| sip.call), Missing::SipCall),
    };
    if granted { Ok(()) } else { Err(missing) }
}

/// Whether the first of `fields` that says something in the request says `named`.
fn suits(request: Option<&DynamicMessage>, fields: &[&str], named: &str) -> bool {
    request
        .and_then(|request| {
            fields.iter().find_map(|field| {
                let value = request.get_field_by_name(field)?;
                value
                    .as_str()
                    .filter(|text| !text.is_empty())
                    .map(|text| text == named)
            })
        })
        .unwrap_or(true)
}
