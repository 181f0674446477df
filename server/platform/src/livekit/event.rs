//! LiveKit's webhooks, checked and decoded: JWT, body hash, protobuf JSON.

use livekit_api::webhooks::WebhookError;
use livekit_protocol as proto;
use thiserror::Error;

use super::LiveKit;

/// Why a webhook is turned away.
#[derive(Debug, Error)]
pub enum InvalidWebhook {
    #[error("the webhook's token is missing or not signed with our API key")]
    Unauthenticated,
    #[error("the webhook's body does not match the hash in its token")]
    WrongHash,
    #[error("the webhook's body is not a LiveKit event: {0}")]
    Malformed(String),
}

impl LiveKit {
    /// Checks and decodes a webhook; `authorization` with or without `Bearer`.
    pub fn receive_webhook(
        &self,
        body: &str,
        authorization: &str,
    ) -> Result<proto::WebhookEvent, InvalidWebhook> {
        let token = authorization
            .strip_prefix("Bearer ")
            .unwrap_or(authorization);
        self.webhooks
            .receive(body, token)
            .map_err(|error| match error {
                WebhookError::InvalidAuth(_) => InvalidWebhook::Unauthenticated,
                WebhookError::InvalidSignature | WebhookError::InvalidBase64(_) => {
                    InvalidWebhook::WrongHash
                }
                WebhookError::InvalidData(error) => InvalidWebhook::Malformed(error.to_string()),
            })
    }
}
