//! Recordings as people and the recorder see them: from the button to the row that says what became of it.

mod composing;
mod healing;
mod keeping;
mod lists;
mod roles;
mod sharing;
mod space;
mod starting;
mod storing;
mod tracks;

use livekit_protocol as proto;
use serde_json::{Value, json};

use crate::testing::{Answer, FakeLiveKit, TestApp, TestClient, TestRoom};

/// A room with a call in it, its owner, and a recorder.
pub struct Scene {
    pub app: TestApp,
    pub livekit: FakeLiveKit,
    pub ada: TestClient,
    pub room: TestRoom,
}

impl Scene {
    pub async fn start() -> Scene {
        Scene::of(TestApp::start_with_recorder().await).await
    }

    pub async fn of((app, livekit): (TestApp, FakeLiveKit)) -> Scene {
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        room.enter(&app, &livekit, &mut ada).await;
        Scene {
            app,
            livekit,
            ada,
            room,
        }
    }

    /// The owner presses the button.
    pub async fn record(&mut self) -> Answer {
        self.ada
            .post(&self.room.path("/recordings"), json!({}))
            .await
    }

    /// A recording that goes on.
    pub async fn recording(&mut self) -> Recorded {
        let answer = self.record().await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let info = self.livekit.recorder.activate(&self.app).await;
        Recorded {
            path: format!("/api/recordings/{}", answer.json["id"].as_str().unwrap()),
            info,
        }
    }

    /// The room's recordings, newest first.
    pub async fn list(&mut self) -> Vec<Value> {
        let answer = self.ada.get(&self.room.path("/recordings")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["items"].as_array().unwrap().clone()
    }

    /// The states of the room's recordings, newest first.
    pub async fn states(&mut self) -> Vec<String> {
        let list = self.list().await;
        list.iter()
            .map(|recording| recording["state"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A recording that goes on.
pub struct Recorded {
    pub path: String,
    pub info: proto::EgressInfo,
}
