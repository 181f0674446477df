//! Tokens for participants and for our own calls, and checking those of the SFU's webhooks.

use std::time::Duration;

use livekit_wire::{
    Claims, Identity, RoomName, TokenError, VideoGrants,
    token::{SignError, sign, verify},
};

use super::LiveKit;

/// How long a client has to connect, and to reconnect without asking anew.
const JOIN_LIFETIME: Duration = Duration::from_hours(1);
const CALL_LIFETIME: Duration = Duration::from_mins(1);

impl LiveKit {
    /// Lets its holder join `room` as `identity`. It does not open the room.
    pub fn join_token(&self, room: &RoomName, identity: &Identity) -> Result<String, SignError> {
        let claims = Claims {
            identity: identity.into(),
            video: Some(VideoGrants {
                room_join: true,
                room: room.into(),
                can_publish: Some(true),
                can_subscribe: Some(true),
                can_update_own_metadata: self.can_update_own_metadata.then_some(true),
                ..VideoGrants::default()
            }),
            ..Claims::default()
        };
        self.sign(&claims, JOIN_LIFETIME)
    }

    /// What a token of the SFU says.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        Ok(verify(token, &self.keys, (self.wall_clock)())?.claims)
    }

    /// Lets us call one method.
    pub(super) fn call_token(&self, grants: VideoGrants) -> Result<String, SignError> {
        let claims = Claims {
            video: Some(grants),
            ..Claims::default()
        };
        self.sign(&claims, CALL_LIFETIME)
    }

    fn sign(&self, claims: &Claims, lifetime: Duration) -> Result<String, SignError> {
        let (key, secret) = self.keys.first();
        sign(claims, key, secret, (self.wall_clock)(), lifetime)
    }
}
