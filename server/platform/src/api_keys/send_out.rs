//! Sends whom a revoked key let into rooms out of them, until LiveKit agrees.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{model::ApiKeyId, store};
use crate::{
    app::App,
    jobs::{Job, JobError},
    livekit::agents::WorkersError,
};

/// Sends everybody out whom one key let in.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendOut {
    pub api_key: ApiKeyId,
}

impl Job for SendOut {
    const NAME: &'static str = "api_keys.send_out";

    async fn run(self, app: &App, _: &CancellationToken) -> Result<(), JobError> {
        if let Some(api_key) = store::find(&app.db, self.api_key).await? {
            match app.livekit.close_workers(&api_key.key, app.now()).await {
                // Their sockets end here, see the gateway.
                Ok(()) | Err(WorkersError::NotSupported) => {}
                Err(WorkersError::Media(error)) => return Err(error.into()),
            }
        }
        // Of those who are in calls now: whom a key ever let in are many more.
        let everybody = app.everybody().await;
        for (livekit, present) in &everybody.present {
            let (room, identity) = (&present.room, &present.identity);
            let place = (room.0.as_str(), present.info.identity.as_str());
            if store::is_let_in(&app.db, self.api_key, place).await? {
                livekit.send_out(room, identity, app.now()).await?;
            }
        }
        Ok(everybody.complete()?)
    }
}
