//! LiveKit's Rust SDK (`livekit-api`, unmodified) uses a site as its LiveKit server, with a key that its administrator made.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use livekit_api::{
    access_token::{AccessToken, VideoGrants},
    services::{
        ServiceError,
        egress::{EgressClient, EgressListFilter, EgressListOptions},
        ingress::{CreateIngressOptions, IngressClient, IngressListFilter},
        room::{CreateRoomOptions, RoomClient},
        sip::SIPClient,
    },
};
use livekit_protocol::IngressInput;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running site; ended when dropped.
struct Site {
    child: Child,
    url: String,
    http: Client,
    token: String,
    _folder: TempDir,
}

impl Site {
    async fn start() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_convoke"))
            .env_clear()
            .env("PATH", "")
            .arg("serve")
            .arg("--data-dir")
            .arg(folder.path())
            .env("CONVOKE_SERVER__HOST", "127.0.0.1")
            .env("CONVOKE_SERVER__PORT", "0")
            .env("CONVOKE_LIVEKIT__ENGINE", "built-in")
            .env("CONVOKE_LIVEKIT__NODE_IP", "127.0.0.1")
            .env("CONVOKE_LIVEKIT__PORTS__UDP", "0")
            .env("CONVOKE_LIVEKIT__PORTS__TCP", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = || lines.next().unwrap().unwrap();
        let port = said().rsplit_once(':').unwrap().1.to_owned();
        let setup = said().split_once("token=").unwrap().1.to_owned();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut site = Site {
            child,
            url: format!("http://127.0.0.1:{port}"),
            http: Client::builder().timeout(PATIENCE).build().unwrap(),
            token: String::new(),
            _folder: folder,
        };
        let account = json!({"email": "admin@example.org", "password": "correct horse battery"});
        let with = |more: Value| {
            let mut body = account.clone();
            body.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            body
        };
        site.post("auth/setup", with(json!({"name": "Ada", "token": setup})))
            .await;
        let signed_in = site
            .post("auth/sign-in", with(json!({"bearer": true})))
            .await;
        site.token = signed_in["token"].as_str().unwrap().to_owned();
        site.until_media_is_ready().await;
        site
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/api/{path}", self.url));
        let answer = request.bearer_auth(&self.token).json(&body).send().await;
        answer.unwrap().json().await.unwrap()
    }

    async fn until_media_is_ready(&self) {
        for _ in 0..400 {
            let site = self.http.get(format!("{}/api/site", self.url)).send().await;
            if site.unwrap().json::<Value>().await.unwrap()["media"] == "ready" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the media server is not ready");
    }

    /// Key and secret.
    async fn api_key(&self, grants: &[&str], rooms: Value) -> (String, String) {
        let wish = json!({"name": "Rust", "grants": grants, "rooms": rooms});
        let made = self.post("api-keys", wish).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("key"), text("secret"))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // The children go with it, also those that have work.
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let _ = self.child.wait();
    }
}

fn code(error: ServiceError) -> String {
    match error {
        ServiceError::Twirp(livekit_api::services::TwirpError::Twirp(error)) => error.code,
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn the_rust_sdk_makes_lists_and_ends_what_its_key_allows() {
    let site = Site::start().await;
    let grants = [
        "room_create",
        "room_list",
        "room_admin",
        "room_join",
        "room_record",
        "ingress_admin",
    ];
    let (key, secret) = site.api_key(&grants, Value::Null).await;
    let rooms = RoomClient::with_api_key(&site.url, &key, &secret);
    let options = CreateRoomOptions {
        metadata: "from Rust".to_owned(),
        max_participants: 7,
        ..CreateRoomOptions::default()
    };
    let made = rooms.create_room("rust-hall", options).await.unwrap();
    assert!(made.sid.starts_with("RM_"), "{made:?}");
    assert_eq!(
        (made.metadata.as_str(), made.max_participants),
        ("from Rust", 7)
    );
    let listed = rooms
        .list_rooms(vec!["rust-hall".to_owned()])
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    let updated = rooms
        .update_room_metadata("rust-hall", "other")
        .await
        .unwrap();
    assert_eq!(updated.metadata, "other");
    assert!(
        rooms
            .list_participants("rust-hall")
            .await
            .unwrap()
            .is_empty()
    );
    let nobody = rooms.get_participant("rust-hall", "nobody").await;
    assert_eq!(code(nobody.unwrap_err()), "not_found");
    rooms.delete_room("rust-hall").await.unwrap();
    assert!(
        rooms
            .list_rooms(vec!["rust-hall".to_owned()])
            .await
            .unwrap()
            .is_empty()
    );

    let ingress = IngressClient::with_api_key(&site.url, &key, &secret);
    let options = CreateIngressOptions {
        name: "Stage".to_owned(),
        room_name: "rust-hall".to_owned(),
        participant_identity: "stage".to_owned(),
        ..CreateIngressOptions::default()
    };
    let stream = ingress
        .create_ingress(IngressInput::WhipInput, options)
        .await
        .unwrap();
    assert!(!stream.stream_key.is_empty());
    let listed = ingress.list_ingress(IngressListFilter::All).await.unwrap();
    assert_eq!(listed.len(), 1);
    ingress.delete_ingress(&stream.ingress_id).await.unwrap();

    let egress = EgressClient::with_api_key(&site.url, &key, &secret);
    let all = EgressListOptions {
        filter: EgressListFilter::All,
        active: false,
        page_token: None,
    };
    assert!(egress.list_egress(all).await.unwrap().is_empty());

    let sip = SIPClient::with_api_key(&site.url, &key, &secret);
    #[expect(deprecated, reason = "the SDK's oldest call must be refused as well")]
    let trunks = sip
        .list_sip_trunk(livekit_api::services::sip::ListSIPTrunkFilter::All)
        .await;
    assert_eq!(code(trunks.unwrap_err()), "permission_denied");
}

#[tokio::test]
async fn a_key_for_some_rooms_reaches_no_other_and_a_wrong_secret_none() {
    let site = Site::start().await;
    let grants = ["room_create", "room_list", "room_admin", "room_join"];
    let (key, secret) = site.api_key(&grants, json!(["lab-*"])).await;
    let rooms = RoomClient::with_api_key(&site.url, &key, &secret);
    rooms
        .create_room("lab-1", CreateRoomOptions::default())
        .await
        .unwrap();
    let outside = rooms
        .create_room("hall", CreateRoomOptions::default())
        .await;
    assert_eq!(code(outside.unwrap_err()), "permission_denied");
    let stranger =
        RoomClient::with_api_key(&site.url, &key, "another-secret-of-thirty-two-bytes!!");
    assert_eq!(
        code(stranger.list_rooms(vec![]).await.unwrap_err()),
        "unauthenticated"
    );

    let token = |room: &str, key: &str, secret: &str| {
        let grants = VideoGrants {
            room_join: true,
            room: room.to_owned(),
            ..VideoGrants::default()
        };
        let token = AccessToken::with_api_key(key, secret)
            .with_identity("rust")
            .with_grants(grants);
        token.to_jwt().unwrap()
    };
    for (room, secret, status) in [
        ("lab-1", secret.as_str(), 200),
        ("hall", &secret, 403),
        ("lab-1", "another-secret-of-thirty-two-bytes!!", 401),
    ] {
        let url = format!(
            "{}/rtc/validate?access_token={}",
            site.url,
            token(room, &key, secret)
        );
        let answer = site.http.get(url).send().await.unwrap();
        assert_eq!(
            answer.status().as_u16(),
            status,
            "{room}: {}",
            answer.text().await.unwrap()
        );
    }
}
