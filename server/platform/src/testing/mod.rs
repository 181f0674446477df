//! The harness that drives the platform from outside: requests in, answers out, a stopped clock.

pub mod client;
mod clock;
pub mod database;
pub mod livekit;
pub mod pebble;
pub mod recorder;
mod relay;
pub mod s3;
pub mod years;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime},
};

use secrecy::SecretString;
use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use client::{Answer, TestClient};
pub use clock::StoppedClock;
pub use livekit::FakeLiveKit;
pub use recorder::FakeRecorder;
pub use relay::Relay;

use crate::{
    app::App,
    background,
    config::{Config, RecordingEngine, Registration},
    db::Database,
    events,
    jobs::Registry,
    livekit::endpoint::{
        BuiltInRecorder, Endpoint, Media, MediaFacts, MediaStatus, Rtmp, SideStatus,
    },
    platform::{ClaimedDatabase, Platform},
    random::Random,
    system::Origin,
};

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "correct horse battery";

/// One platform on its own database: PostgreSQL when CONVOKE_TEST_POSTGRES_URL is set, else SQLite.
pub struct TestApp {
    pub platform: Platform,
    pub clock: Arc<StoppedClock>,
    /// What the platform believes of its media server.
    pub media_status: watch::Sender<MediaStatus>,
    /// And of the processes beside that one.
    pub recorder_status: watch::Sender<SideStatus>,
    pub rtmp_status: watch::Sender<SideStatus>,
    pub node_ip_found: watch::Sender<Option<IpAddr>>,
    /// When the media server last ended unasked.
    pub media_ended: watch::Sender<Option<SystemTime>>,
    pub media_outdated: watch::Sender<bool>,
    router: axum::Router,
    _delivering: DropGuard,
    data: TempDir,
}

impl TestApp {
    /// Starts with the defaults, open registration and generous rate limits.
    pub async fn start() -> TestApp {
        TestApp::start_with(|_, _| {}).await
    }

    /// Starts with what `change` makes of the configuration and the endpoint.
    pub async fn start_with(change: impl FnOnce(&mut Config, &mut Endpoint)) -> TestApp {
        TestApp::start_with_jobs(change, background::registry()).await
    }

    /// Starts with other kinds of jobs than the product's.
    pub async fn start_with_jobs(
        change: impl FnOnce(&mut Config, &mut Endpoint),
        registry: Registry,
    ) -> TestApp {
        let data = TempDir::new().unwrap();
        let db = database::open(data.path()).await;
        Box::pin(TestApp::start_on(data, db, change, registry)).await
    }

    /// Ends, and starts again on its database.
    pub async fn restart(self) -> TestApp {
        let db = self.app().db.clone();
        TestApp::start_on(self.data, db, |_, _| {}, background::registry()).await
    }

    /// Starts on this database.
    pub async fn start_on(
        data: TempDir,
        db: Database,
        change: impl FnOnce(&mut Config, &mut Endpoint),
        registry: Registry,
    ) -> TestApp {
        // Several tests share the process: whoever is first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = Config::default();
        config.server.data_dir = data.path().to_owned();
        config.auth.registration = Registration::Open;
        config.auth.sign_in_per_minute = 1000;
        config.auth.register_per_hour = 1000;
        config.auth.join_per_minute = 10_000;
        let mut endpoint = Endpoint {
            internal_url: "http://127.0.0.1:9".parse().unwrap(),
            api_key: livekit::API_KEY.to_owned(),
            api_secret: SecretString::from(livekit::API_SECRET),
            public_ws_url: None,
            skip_tls_verify: false,
        };
        change(&mut config, &mut endpoint);
        let (_, settings) = Config::load_with_settings(None, []).unwrap();
        let origin = Origin {
            settings,
            ..Origin::default()
        };
        let has_recorder = config.recordings.engine == RecordingEngine::BuiltIn;
        let (recorder_status, status) = watch::channel(SideStatus::Ready);
        let built_in = has_recorder.then(|| BuiltInRecorder {
            endpoint: endpoint.clone(),
            ffmpeg: None,
            status,
        });
        let (rtmp_status, rtmp) = watch::channel(SideStatus::Ready);
        let (media_status, status) = watch::channel(MediaStatus::Ready);
        let (node_ip_found, node_ip) = watch::channel(None);
        let (media_ended, ended) = watch::channel(None);
        let (media_outdated, outdated) = watch::channel(false);
        let media = Media {
            endpoint,
            status,
            ended,
            starts_anew: false,
            outdated,
            node_ip,
            facts: MediaFacts {
                engine: "test".to_owned(),
                ..MediaFacts::default()
            },
            version: watch::channel(Some("1.2.3".to_owned())).1,
            recorder: built_in,
            rtmp: Rtmp::Here {
                port: 1935,
                status: rtmp,
            },
            regions: Vec::new(),
        };
        let clock = Arc::new(StoppedClock::new());
        let platform = Platform::assemble(
            (config, origin),
            media,
            ClaimedDatabase::uncontested(db),
            clock.clone(),
            Random::seeded(1),
            registry,
        )
        .await
        .unwrap();
        let stop = CancellationToken::new();
        let app = platform.app().clone();
        let stopped = stop.clone();
        tokio::spawn(async move { events::deliver(&app.db, &app.events, &stopped).await });
        TestApp {
            router: platform.router(),
            _delivering: stop.drop_guard(),
            platform,
            clock,
            media_status,
            recorder_status,
            rtmp_status,
            node_ip_found,
            media_ended,
            media_outdated,
            data,
        }
    }

    /// Starts with a media server that records what it is asked.
    pub async fn start_with_livekit() -> (TestApp, FakeLiveKit) {
        let livekit = FakeLiveKit::start().await;
        (TestApp::start_beside(&livekit).await, livekit)
    }

    /// Starts with this endpoint as its media server.
    pub async fn start_beside(livekit: &FakeLiveKit) -> TestApp {
        let url = livekit.url.clone();
        TestApp::start_with(|_, endpoint| endpoint.internal_url = url).await
    }

    /// Starts with a recorder beside the media server.
    pub async fn start_with_recorder() -> (TestApp, FakeLiveKit) {
        TestApp::start_with_recorder_and(|_| {}).await
    }

    /// Starts with a recorder beside the media server, and what `change` makes of the configuration.
    pub async fn start_with_recorder_and(
        change: impl FnOnce(&mut Config),
    ) -> (TestApp, FakeLiveKit) {
        let livekit = FakeLiveKit::start().await;
        let url = livekit.url.clone();
        let app = TestApp::start_with(|config, endpoint| {
            config.recordings.engine = RecordingEngine::BuiltIn;
            config.recordings.reserve_gb = 0;
            change(config);
            endpoint.internal_url = url;
        });
        (app.await, livekit)
    }

    /// Serves the public site on a loopback port; its address, such as `127.0.0.1:4711`.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = self
            .router
            .clone()
            .into_make_service_with_connect_info::<SocketAddr>();
        // Ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        address
    }

    /// What the platform's own code reaches.
    pub fn app(&self) -> &App {
        self.platform.app()
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// The same browser, here.
    pub fn browser_of(&self, other: &TestClient) -> TestClient {
        other.on(self.router.clone())
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> TestClient {
        TestClient::new(self.router.clone())
    }

    /// A browser on the loopback listener of the media child.
    pub fn internal(&self) -> TestClient {
        TestClient::new(self.platform.internal_router())
    }

    /// A browser signed in as the first administrator, `admin@example.org`.
    pub async fn admin(&self) -> TestClient {
        let link = self.platform.setup_link().unwrap();
        let token = link.split_once("token=").unwrap().1.to_owned();
        let mut browser = self.browser();
        let answer = browser
            .post(
                "/api/auth/setup",
                json!({
                    "token": token, "email": "admin@example.org", "name": "Admin",
                    "password": PASSWORD,
                }),
            )
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        browser.user_id = answer.json["user"]["id"].as_str().unwrap().to_owned();
        browser
    }

    /// A browser signed in as a new user `<name>@example.org`; registration must be open.
    pub async fn user(&self, name: &str) -> TestClient {
        let mut browser = self.browser();
        let answer = browser
            .post(
                "/api/auth/register",
                json!({
                    "email": format!("{name}@example.org"), "name": name, "password": PASSWORD,
                }),
            )
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        browser.user_id = answer.json["user"]["id"].as_str().unwrap().to_owned();
        browser
    }
}

/// A room made by a test.
#[derive(Debug, Clone)]
pub struct TestRoom {
    pub slug: String,
    /// Also its name on the media server.
    pub id: String,
}

impl TestRoom {
    /// `owner` makes a room with these settings.
    pub async fn create(owner: &mut TestClient, mut settings: serde_json::Value) -> TestRoom {
        settings["name"] = json!("Standup");
        let answer = owner.post("/api/rooms", settings).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let text = |key: &str| answer.json[key].as_str().unwrap().to_owned();
        TestRoom {
            slug: text("slug"),
            id: text("id"),
        }
    }

    /// A room of Ada's beside a media server.
    pub async fn start() -> (TestApp, FakeLiveKit, TestClient, TestRoom) {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        (app, livekit, ada, room)
    }

    /// Its meetings, as its owner sees them.
    pub async fn meetings(&self, owner: &mut TestClient) -> Vec<serde_json::Value> {
        let answer = owner.get(&self.path("/meetings")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json["items"].as_array().unwrap().clone()
    }

    /// How many are in its call, as its owner sees it.
    pub async fn live(&self, owner: &mut TestClient) -> i64 {
        let room = owner.get(&self.path("")).await.json;
        room["live"]["participants"].as_i64().unwrap()
    }

    /// Its path in the API, and what follows.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/rooms/{}{rest}", self.slug)
    }

    /// Asks to join under a name.
    pub async fn join(&self, who: &mut TestClient, name: &str) -> Answer {
        who.post(&self.path("/join"), json!({ "name": name })).await
    }

    /// Joins: the media server has them in the room, and says so.
    pub async fn enter(
        &self,
        app: &TestApp,
        livekit: &FakeLiveKit,
        who: &mut TestClient,
    ) -> Entered {
        let answer = self.join(who, "Guest").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json["token"].as_str().unwrap();
        self.enter_beside(app, livekit, token, "").await
    }

    /// Uses a token on the media server itself, where no signal proxy stands; `suffix` as its `publish=…` makes it.
    pub async fn enter_beside(
        &self,
        app: &TestApp,
        livekit: &FakeLiveKit,
        token: &str,
        suffix: &str,
    ) -> Entered {
        let claims = livekit::claims(token);
        let identity = format!("{}{suffix}", claims.sub);
        let now = app.app().now();
        let info = livekit.enter_with(&self.id, &identity, claims.attributes, now);
        let event = livekit.event("participant_joined", &self.id, Some(&info), now);
        assert_eq!(livekit::deliver(app, &event).await.status, 200);
        Entered {
            token: token.to_owned(),
            identity,
            info,
        }
    }
}

/// Somebody in a call.
#[derive(Debug, Clone)]
pub struct Entered {
    pub identity: String,
    pub token: String,
    pub info: livekit_protocol::ParticipantInfo,
}
