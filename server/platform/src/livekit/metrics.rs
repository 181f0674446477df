//! What the media server counts, where it tells: the built-in one does, to whoever may list rooms.

use livekit_client::Grant;
use livekit_wire::quality::ConnectionTotals;

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

    /// What went through each participant's connection; `None` where it does not tell.
    pub async fn connection_totals(
        &self,
        now: Timestamp,
    ) -> Result<Option<Vec<ConnectionTotals>>, LiveKitError> {
        let client = &self.client;
        Ok(client
            .connection_totals(Grant::ListRooms, now.into())
            .await?)
    }
}
