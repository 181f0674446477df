//! What every request may reach.

use std::sync::Arc;

use http_edge::metrics::{Metrics, Requests};

use crate::{
    access::FullAccess, delayed_leave::Leaves, homeserver::Homeservers, livekit::LiveKit,
    open_rooms::OpenRooms, rate_limit::RateLimit, sources::Random,
};

/// The parts of a running service.
pub struct App {
    /// The SFU.
    pub livekit: Arc<LiveKit>,
    /// Those who vouch for users.
    pub homeservers: Arc<Homeservers>,
    /// Rooms that are to be there.
    pub rooms: OpenRooms,
    /// Leave events that were handed over.
    pub delayed_leaves: Leaves,
    /// Whose users may open rooms.
    pub full_access: FullAccess,
    /// How often one client may ask.
    pub rate_limit: RateLimit,
    /// What is counted.
    pub metrics: Metrics,
    /// The requests in it.
    pub requests: Requests,
    /// For request ids.
    pub random: Random,
}
