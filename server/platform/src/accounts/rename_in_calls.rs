//! Shows a user's new name in the calls they are in, again and again until LiveKit agrees.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{UserId, store};
use crate::{
    app::App,
    jobs::{Job, JobError},
    livekit::LiveKitError,
};

/// Gives one user the name of the account in every call.
#[derive(Debug, Serialize, Deserialize)]
pub struct RenameInCalls {
    pub user: UserId,
}

impl Job for RenameInCalls {
    const NAME: &'static str = "users.rename_in_calls";

    async fn run(self, app: &App, _: &CancellationToken) -> Result<(), JobError> {
        // Read now: of two changes the later one counts, whichever job comes last.
        let Some(name) = store::name(&app.db, self.user).await? else {
            return Ok(());
        };
        let (id, name) = (self.user.to_string(), name.as_str());
        let everybody = app.everybody().await;
        for (livekit, present) in &everybody.present {
            let identity = &present.identity;
            if identity.user_id() != Some(id.as_str()) || present.info.name == name {
                continue;
            }
            let room = &present.room;
            match livekit.set_name(room, identity, name, app.now()).await {
                // Who has left has no name to change.
                Ok(_) | Err(LiveKitError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(everybody.complete()?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn a_new_name_is_shown_in_the_calls_one_is_in_and_on_nobody_else() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let entered = room.enter(&app, &livekit, &mut ada).await;
        room.enter(&app, &livekit, &mut app.browser()).await;
        let renamed = ada.patch("/api/auth/me", json!({"name": "Ada L."})).await;
        assert_eq!(renamed.status, 200);
        let user = ada.user_id.parse().unwrap();
        let stop = CancellationToken::new();
        RenameInCalls { user }.run(app.app(), &stop).await.unwrap();
        let people = ada.get(&room.path("/participants")).await.json;
        for person in people["items"].as_array().unwrap() {
            let hers = person["identity"] == entered.identity.as_str();
            assert_eq!(hers, person["name"] == "Ada L.", "{people}");
        }
        assert_eq!(livekit.calls("UpdateParticipant").len(), 1);
        // Again, as jobs may: nothing is left to do.
        RenameInCalls { user }.run(app.app(), &stop).await.unwrap();
        assert_eq!(livekit.calls("UpdateParticipant").len(), 1);
    }
}
