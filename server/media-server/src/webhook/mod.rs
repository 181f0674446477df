//! Delivery of webhook events, ordered per room. It must not know what an event means.

mod deliver;
mod queue;

use std::{sync::Arc, time::SystemTime};

use http_edge::outbound::ClientError;
use livekit_protocol::WebhookEvent;
use livekit_wire::ApiKeys;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::config::WebHook;

pub use deliver::{Attempts, Receiver};
pub use queue::Deliveries;

/// Starts delivering `events` until their channel closes.
pub fn start(
    config: &WebHook,
    keys: &ApiKeys,
    events: UnboundedReceiver<WebhookEvent>,
    wall_clock: fn() -> SystemTime,
) -> Result<Deliveries, ClientError> {
    let Some(secret) = keys
        .secret(&config.api_key)
        .filter(|_| !config.urls.is_empty())
    else {
        return Ok(Deliveries::start(Vec::new(), config, events));
    };
    let client = deliver::client()?;
    let receivers = config
        .urls
        .iter()
        .map(|url| {
            Arc::new(Receiver {
                url: url.clone(),
                api_key: config.api_key.clone(),
                secret: secret.clone(),
                client: client.clone(),
                wall_clock,
                attempts: Attempts::default(),
            })
        })
        .collect();
    Ok(Deliveries::start(receivers, config, events))
}
