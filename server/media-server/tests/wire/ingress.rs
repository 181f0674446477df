//! Ingresses: made with LiveKit's Rust SDK, used by an encoder, told by webhooks, kept over a restart.

use livekit_api::services::ingress::{CreateIngressOptions, IngressClient, IngressListFilter};
use livekit_api::services::room::RoomClient;
use livekit_protocol::{
    IngressInfo, IngressInput, TrackSource, ingress_state::Status, participant_info::Kind,
};
use reqwest::{Client, Method, Response};
use tokio::time::{Duration, sleep, timeout};

use crate::{
    encoder::Encoder,
    harness::{KEY, SECRET, TestServer, admin_token},
};

const PATIENCE: Duration = Duration::from_secs(30);

struct House {
    folder: tempfile::TempDir,
    server: TestServer,
}

impl House {
    async fn start() -> House {
        let folder = tempfile::tempdir().unwrap();
        let server = Self::server(&folder).await;
        House { folder, server }
    }

    async fn server(folder: &tempfile::TempDir) -> TestServer {
        let file = folder.path().join("ingresses.json");
        let yaml = format!(
            "ingress: {{whip_base_url: 'https://meet.example.org/w', state_file: '{}'}}\n",
            file.display()
        );
        TestServer::with(&yaml).await
    }

    /// A process that is killed leaves the folder as it is; this one is let end, which writes nothing more.
    async fn restart(self) -> House {
        self.server.stop().await;
        let server = Self::server(&self.folder).await;
        let folder = self.folder;
        House { folder, server }
    }

    fn client(&self) -> IngressClient {
        IngressClient::with_api_key(&self.server.url(""), KEY, SECRET)
    }

    async fn make(&self, name: &str) -> IngressInfo {
        let options = CreateIngressOptions {
            name: name.to_owned(),
            room_name: "r".to_owned(),
            participant_identity: format!("identity of {name}"),
            participant_name: format!("name of {name}"),
            ..CreateIngressOptions::default()
        };
        let client = self.client();
        let made = client.create_ingress(IngressInput::WhipInput, options);
        made.await.unwrap()
    }

    async fn only(&self) -> IngressInfo {
        let mut all = self
            .client()
            .list_ingress(IngressListFilter::All)
            .await
            .unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    async fn until(&self, status: Status) -> IngressInfo {
        let seen = async {
            loop {
                let info = self.only().await;
                if info.state.as_ref().unwrap().status() == status {
                    return info;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, seen).await.unwrap()
    }

    async fn ask(&self, method: Method, path: &str, bearer: Option<&str>, body: &str) -> Response {
        let mut request = Client::new()
            .request(method, self.server.url(path))
            .header("content-type", "application/sdp")
            .body(body.to_owned());
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        request.send().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_publishes_by_a_stream_key_alone() {
    let house = House::start().await;
    let made = house.make("stage").await;
    assert_eq!(made.url, "https://meet.example.org/w");
    let key = made.stream_key.as_str();
    // As OBS does it, and with the key in the address.
    for (path, bearer) in [("/w".to_owned(), Some(key)), (format!("/w/{key}"), None)] {
        let (encoder, offer) = Encoder::new().await;
        let created = house.ask(Method::POST, &path, bearer, &offer).await;
        assert_eq!(created.status(), 201);
        let location = created.headers()["location"].to_str().unwrap().to_owned();
        let media = encoder.run(&created.text().await.unwrap());
        let info = house.until(Status::EndpointPublishing).await;
        let state = info.state.unwrap();
        assert_eq!((state.tracks.len(), state.ended_at), (2, 0));
        assert!(state.room_id.starts_with("RM_") && state.started_at > 0);
        assert_eq!(location, format!("/w/{key}/{}", state.resource_id));
        let rooms = RoomClient::with_api_key(&house.server.url(""), KEY, SECRET);
        let [seen] = &rooms.list_participants("r").await.unwrap()[..] else {
            panic!("one")
        };
        assert_eq!(
            (seen.kind(), seen.identity.as_str(), seen.name.as_str()),
            (Kind::Ingress, "identity of stage", "name of stage")
        );
        assert!(
            seen.tracks
                .iter()
                .any(|track| track.source() == TrackSource::Camera)
        );
        let ended = house.ask(Method::DELETE, &location, None, "").await;
        assert_eq!(ended.status(), 200);
        let info = house.until(Status::EndpointInactive).await;
        assert!(info.state.unwrap().ended_at > 0);
        assert_eq!(rooms.list_participants("r").await.unwrap().len(), 0);
        media.abort();
    }
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_wrong_or_switched_off_lets_nobody_in() {
    let house = House::start().await;
    let made = house.make("stage").await;
    let key = made.stream_key.as_str();
    let (_, offer) = Encoder::new().await;
    for (path, bearer, status) in [
        ("/w", None, 401),
        ("/w", Some("nonsense"), 404),
        ("/w/nonsense", Some(key), 404),
    ] {
        let refused = house.ask(Method::POST, path, bearer, &offer).await;
        assert_eq!(refused.status(), status, "{path}");
    }
    let refused = house.ask(Method::POST, "/w", Some(key), "nonsense").await;
    assert_eq!(refused.status(), 400);
    // LiveKit's Rust SDK cannot say this.
    let off = Client::new()
        .post(house.server.url("/twirp/livekit.Ingress/UpdateIngress"))
        .bearer_auth(admin_token("r"))
        .json(&serde_json::json!({"ingress_id": made.ingress_id, "enabled": false}))
        .send();
    let off: serde_json::Value = off.await.unwrap().json().await.unwrap();
    assert_eq!(off["enabled"], false, "{off}");
    let refused = house.ask(Method::POST, "/w", Some(key), &offer).await;
    assert_eq!(refused.status(), 403);
    let refused = house
        .ask(Method::DELETE, &format!("/w/{key}/PA_1"), None, "")
        .await;
    assert_eq!(refused.status(), 404);
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ingress_takes_its_publisher_with_it() {
    let house = House::start().await;
    let made = house.make("stage").await;
    let (encoder, offer) = Encoder::new().await;
    let created = house
        .ask(Method::POST, "/w", Some(&made.stream_key), &offer)
        .await;
    let media = encoder.run(&created.text().await.unwrap());
    house.until(Status::EndpointPublishing).await;
    let deleted = house
        .client()
        .delete_ingress(&made.ingress_id)
        .await
        .unwrap();
    assert_eq!(deleted.state.unwrap().status(), Status::EndpointInactive);
    let rooms = RoomClient::with_api_key(&house.server.url(""), KEY, SECRET);
    assert_eq!(rooms.list_participants("r").await.unwrap().len(), 0);
    let refused = house
        .ask(Method::POST, "/w", Some(&made.stream_key), &offer)
        .await;
    assert_eq!(refused.status(), 404);
    media.abort();
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingress_and_its_key_outlive_the_server() {
    let house = House::start().await;
    let made = house.make("stage").await;
    let (encoder, offer) = Encoder::new().await;
    let created = house
        .ask(Method::POST, "/w", Some(&made.stream_key), &offer)
        .await;
    let media = encoder.run(&created.text().await.unwrap());
    house.until(Status::EndpointPublishing).await;
    let house = house.restart().await;
    media.abort();
    let kept = house.only().await;
    assert_eq!(
        (&kept.stream_key, kept.state.unwrap().status()),
        (&made.stream_key, Status::EndpointInactive)
    );
    let (encoder, offer) = Encoder::new().await;
    let created = house
        .ask(Method::POST, "/w", Some(&made.stream_key), &offer)
        .await;
    assert_eq!(created.status(), 201);
    let media = encoder.run(&created.text().await.unwrap());
    house.until(Status::EndpointPublishing).await;
    media.abort();
    house.server.stop().await;
}
