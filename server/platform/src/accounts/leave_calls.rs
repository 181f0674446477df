//! Sends a user whose account or session ended out of every call, again and again until LiveKit agrees.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::UserId;
use crate::{
    app::App,
    jobs::{Job, JobError},
    livekit::{LiveKitError, identity::Identity, room_service::RoomName},
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
        for room in app.livekit.list_rooms(app.now()).await.map_err(again)? {
            let room = RoomName(room.name);
            let present = match app.livekit.list_participants(&room, app.now()).await {
                Ok(present) => present,
                // It ended meanwhile.
                Err(LiveKitError::NotFound) => continue,
                Err(error) => return Err(again(error)),
            };
            for participant in present {
                let Ok(identity) = participant.identity.parse::<Identity>() else {
                    continue;
                };
                let theirs = identity.user_id() == Some(user.as_str());
                if !theirs || !self.devices.has(identity.device()) {
                    continue;
                }
                match app
                    .livekit
                    .remove_participant(&room, &identity, app.now())
                    .await
                {
                    Ok(()) | Err(LiveKitError::NotFound) => {}
                    Err(error) => return Err(again(error)),
                }
            }
        }
        Ok(())
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn again(error: LiveKitError) -> JobError {
    JobError::Retry(error.to_string())
}
