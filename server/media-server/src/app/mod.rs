//! What every request may reach, whichever door it comes through. It must not know what the doors serve.

mod authorize;

use std::{sync::Arc, time::SystemTime};

use livekit_wire::ApiKeys;
use tokio_util::task::TaskTracker;

use crate::{
    agents::Agents,
    config::{Limit, Presets, Room},
    egress::EgressClient,
    ground::{AllTraffic, NodeInfo},
    ingress::Ingresses,
    shard::Rooms,
    whip::Publishers,
};

pub use authorize::Unauthorized;

/// What every request may reach.
#[derive(Clone)]
pub struct App {
    /// The rooms.
    pub rooms: Rooms,
    /// Keys that tokens may be signed with.
    pub keys: ApiKeys,
    /// Sizes beyond which requests are refused.
    pub limit: Limit,
    /// Whether joining opens a room.
    pub auto_create: bool,
    /// Rooms that are opened by a name.
    pub presets: Presets,
    /// The time tokens are checked against.
    pub wall_clock: fn() -> SystemTime,
    /// The server that makes recordings.
    pub egress: Option<EgressClient>,
    /// Where workers and rooms meet.
    pub agents: Agents,
    /// Stream keys, and who publishes by them.
    pub ingresses: Ingresses,
    /// Those that publish over HTTP.
    pub publishers: Publishers,
    /// This server.
    pub node: NodeInfo,
    /// What has been moved.
    pub traffic: AllTraffic,
    /// Open WebSockets of clients and workers, and publishers over HTTP: a server that stops waits until each has sent what it had to send.
    pub connections: TaskTracker,
}

impl App {
    /// An app over running rooms.
    pub fn new(
        rooms: Rooms,
        keys: ApiKeys,
        limit: Limit,
        room: &Room,
        egress: Option<EgressClient>,
        (agents, ingresses, node, traffic): (Agents, Ingresses, NodeInfo, AllTraffic),
        wall_clock: fn() -> SystemTime,
    ) -> Arc<Self> {
        Arc::new(Self {
            rooms,
            keys,
            limit,
            auto_create: room.auto_create,
            presets: room.room_configurations.clone(),
            wall_clock,
            egress,
            agents,
            ingresses,
            publishers: Publishers::default(),
            node,
            traffic,
            connections: TaskTracker::new(),
        })
    }
}
