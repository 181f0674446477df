//! The harness that drives the platform from outside: requests in, answers out, a stopped clock.

mod client;
mod clock;
mod database;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;

pub use client::{Answer, TestClient};
pub use clock::StoppedClock;

use crate::{
    app::App,
    background,
    config::{Config, Registration},
    jobs::Registry,
    livekit::endpoint::{Endpoint, Media, MediaFacts, MediaStatus},
    platform::Platform,
    random::Random,
};

/// The password of every account that the harness makes.
pub const PASSWORD: &str = "correct horse battery";

/// One platform on its own database: PostgreSQL when CONVOKE_TEST_POSTGRES_URL is set, else SQLite.
pub struct TestApp {
    pub platform: Platform,
    pub clock: Arc<StoppedClock>,
    /// What the platform believes of its media server.
    pub media_status: watch::Sender<MediaStatus>,
    router: axum::Router,
    _data: TempDir,
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
        // Several tests share the process: whoever is first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = TempDir::new().unwrap();
        let mut config = Config::default();
        config.server.data_dir = data.path().to_owned();
        config.auth.registration = Registration::Open;
        config.auth.sign_in_per_minute = 1000;
        config.auth.register_per_hour = 1000;
        config.auth.join_per_minute = 10_000;
        let mut endpoint = Endpoint {
            internal_url: "http://127.0.0.1:9".parse().unwrap(),
            api_key: "testkey".to_owned(),
            api_secret: SecretString::from("test-secret-test-secret-test-secret"),
            public_ws_url: None,
            skip_tls_verify: false,
        };
        change(&mut config, &mut endpoint);
        let (media_status, status) = watch::channel(MediaStatus::Ready);
        let media = Media {
            endpoint,
            status,
            facts: MediaFacts {
                engine: "test".to_owned(),
                ..MediaFacts::default()
            },
        };
        let clock = Arc::new(StoppedClock::new());
        let db = database::open(data.path()).await;
        let platform = Platform::assemble(
            config,
            media,
            db,
            clock.clone(),
            Random::seeded(1),
            registry,
        )
        .await
        .unwrap();
        TestApp {
            router: platform.router(),
            platform,
            clock,
            media_status,
            _data: data,
        }
    }

    /// What the platform's own code reaches.
    pub fn app(&self) -> &App {
        self.platform.app()
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
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
