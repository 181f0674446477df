//! LiveKit as the platform sees it: an endpoint that speaks Twirp, tokens, webhooks and the signal socket.
//! It must not know rooms, users or the database.

pub mod agents;
pub mod any_room;
pub mod client_sdk;
mod clients;
pub mod connection_check;
pub mod connectivity;
pub mod egress;
pub mod egress_calls;
pub mod endpoint;
pub mod error;
pub mod identity;
mod in_calls;
pub mod ingress;
mod metrics;
pub mod regions;
pub mod room_service;
pub mod service;
pub mod signal_proxy;
pub mod sip;
#[cfg(test)]
mod tests;
pub mod token;
pub mod track;

use std::{collections::BTreeMap, net::IpAddr, time::SystemTime};

use http_edge::outbound::ClientError;
use livekit_client::{
    CallError, Client, ForeignAnswer, ForeignCall, Grant, InvalidWebhook, Method, SignalProxy,
    SignedWebhook, receive_webhook,
};
use livekit_protocol as proto;
use parking_lot::Mutex;
use prost::Message;
use tokio::sync::watch;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use endpoint::{BuiltInRecorder, Endpoint, Media, MediaFacts, MediaStatus, Rtmp, SideStatus};
pub use error::LiveKitError;
pub use regions::{InRegion, RegionMedia, Regions};

use crate::{app::App, clock::Timestamp};

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(connectivity::connectivity))
        .routes(routes!(connection_check::start))
}

/// The LiveKit endpoint with its clients.
pub struct LiveKit {
    endpoint: Endpoint,
    facts: MediaFacts,
    rtmp: Rtmp,
    version: watch::Receiver<Option<String>>,
    status: watch::Receiver<MediaStatus>,
    node_ip: watch::Receiver<Option<IpAddr>>,
    ended: watch::Receiver<Option<SystemTime>>,
    starts_anew: bool,
    outdated: watch::Receiver<bool>,
    client: Client,
    programs: Client,
    signal: SignalProxy,
    /// Services that nobody did the work of when they were last asked to, and since when.
    without_worker: Mutex<BTreeMap<service::Service, Timestamp>>,
}

impl LiveKit {
    /// Makes the clients; opens no connection.
    pub fn new(media: Media) -> Result<LiveKit, ClientError> {
        let skip_tls_verify = media.endpoint.skip_tls_verify;
        let api = clients::api(skip_tls_verify)?;
        let signal = clients::signal(skip_tls_verify)?;
        let endpoint = clients::address(&media.endpoint);
        Ok(LiveKit {
            client: Client::new(endpoint.clone(), api),
            programs: Client::new(endpoint.clone(), clients::programs(skip_tls_verify)?),
            signal: SignalProxy::new(endpoint, signal),
            endpoint: media.endpoint,
            facts: media.facts,
            rtmp: media.rtmp,
            version: media.version,
            status: media.status,
            node_ip: media.node_ip,
            ended: media.ended,
            starts_anew: media.starts_anew,
            outdated: media.outdated,
            without_worker: Mutex::default(),
        })
    }

    /// Verifies and reads a webhook; `authorization` with or without `Bearer`.
    pub fn receive_webhook(
        &self,
        body: &[u8],
        authorization: &str,
        now: Timestamp,
    ) -> Result<proto::WebhookEvent, InvalidWebhook> {
        let keys = &self.client.endpoint().keys;
        receive_webhook(authorization, body, keys, now.into())
    }

    /// Whether somebody who has the media server's key signed this body.
    pub fn has_signed(&self, body: &[u8], authorization: &str, now: Timestamp) -> bool {
        let keys = &self.client.endpoint().keys;
        SignedWebhook::verify(authorization, keys, now.into())
            .is_ok_and(|signed| signed.signs(body))
    }

    async fn call<Request: Message, Answer: Message + Default>(
        &self,
        method: Method<Request, Answer>,
        grant: Grant<'_>,
        request: &Request,
        now: Timestamp,
    ) -> Result<Answer, LiveKitError> {
        Ok(self.client.call(method, grant, request, now.into()).await?)
    }

    /// Passes on what a program asks, under a token that the media server believes.
    pub async fn pass_on(&self, call: ForeignCall<'_>) -> Result<ForeignAnswer, CallError> {
        self.programs.pass_on(call).await
    }

    /// Where encoders bring RTMP to a process of this site.
    pub fn rtmp_port(&self) -> Option<u16> {
        match self.rtmp {
            Rtmp::Here { port, .. } => Some(port),
            Rtmp::Off | Rtmp::Elsewhere | Rtmp::NoFfmpeg { .. } => None,
        }
    }

    /// How the media server is doing.
    pub fn status(&self) -> MediaStatus {
        self.status.borrow().clone()
    }

    /// Follows how the media server is doing.
    pub fn watch_status(&self) -> watch::Receiver<MediaStatus> {
        self.status.clone()
    }

    /// When the media server last ended without being asked to.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended.borrow().map(Timestamp::from)
    }

    /// Follows when the media server ends without being asked to.
    pub fn watch_ended(&self) -> watch::Receiver<Option<SystemTime>> {
        self.ended.clone()
    }

    /// Whether calls from before this process are over.
    pub fn starts_anew(&self) -> bool {
        self.starts_anew
    }

    /// Whether it is one from before that waits to be replaced until nobody is in a call.
    pub fn is_outdated(&self) -> bool {
        *self.outdated.borrow()
    }

    /// Where and with which key it answers.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Address that its candidates name now.
    pub fn node_ip(&self) -> Option<IpAddr> {
        *self.node_ip.borrow()
    }

    /// Its version, where it has told it.
    pub fn version(&self) -> Option<String> {
        self.version.borrow().clone()
    }

    /// What is known of it.
    pub fn facts(&self) -> &MediaFacts {
        &self.facts
    }

    /// Whether encoders can bring RTMP.
    pub fn rtmp(&self) -> &Rtmp {
        &self.rtmp
    }
}
