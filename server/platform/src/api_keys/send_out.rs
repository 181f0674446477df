//! Sends whom a revoked key let into rooms out of them, until LiveKit agrees.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{
    model::ApiKeyId,
    store::{self, LetIn},
};
use crate::{
    app::App,
    jobs::{Job, JobError},
    livekit::{LiveKitError, identity::Identity, room_service::RoomName},
};

const AT_ONCE: i64 = 100;

/// Sends everybody out whom one key let in.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendOut {
    pub api_key: ApiKeyId,
}

impl Job for SendOut {
    const NAME: &'static str = "api_keys.send_out";

    async fn run(self, app: &App, _: &CancellationToken) -> Result<(), JobError> {
        let mut last = LetIn {
            room: String::new(),
            identity: String::new(),
        };
        loop {
            let some = store::let_in(&app.db, self.api_key, &last, AT_ONCE).await?;
            for LetIn { room, identity } in &some {
                send_out(app, room, identity).await?;
            }
            match some.into_iter().next_back() {
                Some(newest) => last = newest,
                None => return Ok(()),
            }
        }
    }
}

async fn send_out(app: &App, room: &str, identity: &str) -> Result<(), JobError> {
    let Ok(identity) = identity.parse::<Identity>() else {
        return Ok(());
    };
    let room = RoomName(room.to_owned());
    match app
        .livekit
        .remove_participant(&room, &identity, app.now())
        .await
    {
        Ok(()) | Err(LiveKitError::NotFound) => Ok(()),
        Err(error) => Err(JobError::Retry(error.to_string())),
    }
}
