//! Tokens for participants, and checking those of the SFU's webhooks.

use std::time::Duration;

use livekit_client::SignedWebhook;
use livekit_wire::{Claims, Identity, RoomName, TokenError, VideoGrants, token::SignError};

use super::LiveKit;

/// How long a client has to connect, and to reconnect without asking anew.
const JOIN_LIFETIME: Duration = Duration::from_hours(1);

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
        let endpoint = self.client.endpoint();
        endpoint.sign(&claims, (self.wall_clock)(), JOIN_LIFETIME)
    }

    /// Checks the token that came with a webhook.
    pub fn verify_webhook(&self, token: &str) -> Result<SignedWebhook, TokenError> {
        SignedWebhook::verify(token, &self.client.endpoint().keys, (self.wall_clock)())
    }
}
