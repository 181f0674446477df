//! The server that makes recordings, as the media server calls it: calls that are passed on, and recordings that rooms
//! wish by themselves. It must not know rooms.

mod call;
mod failure;
mod launch;

use std::time::SystemTime;

use http_edge::outbound::{ClientError, Trust, direct};
use livekit_wire::{ApiKeys, egress::FORWARDER_WAITS};
use reqwest::Url;

pub use call::{Answer, StartError};
pub use launch::Launches;

/// Calls one server.
#[derive(Clone)]
pub struct EgressClient {
    http: reqwest::Client,
    url: Url,
    keys: ApiKeys,
    wall_clock: fn() -> SystemTime,
}

impl EgressClient {
    /// Calls nobody yet.
    pub fn new(
        url: Url,
        keys: ApiKeys,
        wall_clock: fn() -> SystemTime,
    ) -> Result<Self, ClientError> {
        let http = direct(&Trust::System)?
            .timeout(FORWARDER_WAITS)
            // A connection left from before a restart would lose a call that must not be made twice.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self {
            http,
            url,
            keys,
            wall_clock,
        })
    }
}
