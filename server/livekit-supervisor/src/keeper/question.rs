//! Whether a child has work that must not be cut.

use std::time::{Duration, SystemTime};

use livekit_client::{Grant, Probe, ProbeError, egress, room_service};
use livekit_wire::proto;

use super::protocol::{Question, Work};
use crate::supervisor::plain;

/// A child that takes longer does not say.
const PATIENCE: Duration = Duration::from_secs(5);

impl Question {
    /// How many people are in calls, or how many egresses are under way.
    pub async fn ask(&self) -> Result<u32, ProbeError> {
        let keys = livekit_wire::ApiKeys::one(self.api_key.clone(), self.api_secret.clone().into());
        let probe = Probe {
            endpoint: livekit_client::Endpoint {
                url: self.url.clone(),
                keys,
            },
            way: plain(),
            wall_clock,
            timeout: PATIENCE,
        };
        match self.work {
            Work::People => {
                let all = proto::ListRoomsRequest::default();
                let listed = probe.call(room_service::LIST_ROOMS, Grant::ListRooms, &all);
                let rooms = listed.await?.rooms.into_iter();
                Ok(rooms.map(|room| room.num_participants).sum())
            }
            Work::Egresses => {
                let active = proto::ListEgressRequest {
                    active: true,
                    ..proto::ListEgressRequest::default()
                };
                let listed = probe.call(egress::LIST_EGRESS, Grant::Record, &active);
                Ok(listed.await?.items.len().try_into().unwrap_or(u32::MAX))
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process of its own, which nobody hands a clock"
)]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}
