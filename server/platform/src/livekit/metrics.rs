//! What the media server counts, where it tells: the built-in one does, at `/metrics`, to whoever may list rooms.

use livekit_client::Grant;

use super::{LiveKit, LiveKitError};
use crate::clock::Timestamp;

impl LiveKit {
    /// Its numbers in the OpenMetrics format; `None` where it has none that can be read.
    pub async fn metrics(&self, now: Timestamp) -> Result<Option<String>, LiveKitError> {
        Ok(self
            .client
            .open_metrics(Grant::ListRooms, now.into())
            .await?)
    }
}
