//! Sends a user whose account or session ended out of every call, again and again until LiveKit agrees.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::UserId;
use crate::{
    app::App,
    jobs::{Job, JobError},
};

/// Sends one user out of every call.
#[derive(Debug, Serialize, Deserialize)]
pub struct LeaveCalls {
    pub user: UserId,
    #[serde(default)]
    pub devices: Devices,
}

/// From where.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Devices {
    #[default]
    All,
    Only(String),
    AllBut(String),
}

impl Devices {
    fn has(&self, device: Option<&str>) -> bool {
        match self {
            Devices::All => true,
            Devices::Only(one) => device == Some(one),
            Devices::AllBut(one) => device != Some(one),
        }
    }
}

impl Job for LeaveCalls {
    const NAME: &'static str = "users.leave_calls";

    async fn run(self, app: &App, _: &CancellationToken) -> Result<(), JobError> {
        let user = self.user.to_string();
        let everybody = app.everybody().await;
        for (livekit, present) in &everybody.present {
            let identity = &present.identity;
            let theirs = identity.user_id() == Some(user.as_str());
            if theirs && self.devices.has(identity.device()) {
                livekit.send_out(&present.room, identity, app.now()).await?;
            }
        }
        Ok(everybody.complete()?)
    }
}
