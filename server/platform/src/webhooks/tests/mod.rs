//! Webhooks from outside: what happens, what a receiver gets, and what becomes of it when the receiver is no good.

mod failing;
mod handling;
mod sending;
mod surviving;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{deliver::deliver, feed::feed};
use crate::testing::{TestApp, TestClient, TestRoom};

/// What a receiver got.
#[derive(Debug, Clone)]
struct Got {
    id: String,
    timestamp: i64,
    signatures: String,
    text: String,
    body: Value,
}

impl Got {
    fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }
}

#[derive(Default)]
struct Script {
    got: Vec<Got>,
    /// What is answered to the next requests; then 200.
    answers: Vec<(u16, &'static [(&'static str, &'static str)])>,
    /// What is answered when none of `answers` is left.
    always: Option<u16>,
}

/// A receiver that does what a test says.
#[derive(Clone)]
struct Receiver {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Receiver {
    async fn start() -> Receiver {
        async fn take(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
            let (parts, body) = request.into_parts();
            let text = body.collect().await.unwrap().to_bytes();
            let header = |name: &str| parts.headers[name].to_str().unwrap().to_owned();
            let mut script = script.lock();
            script.got.push(Got {
                id: header("webhook-id"),
                timestamp: header("webhook-timestamp").parse().unwrap(),
                signatures: header("webhook-signature"),
                body: serde_json::from_slice(&text).unwrap(),
                text: String::from_utf8(text.to_vec()).unwrap(),
            });
            let always = script.always.unwrap_or(200);
            let (status, headers) = if script.answers.is_empty() {
                (always, [].as_slice())
            } else {
                script.answers.remove(0)
            };
            let status = http::StatusCode::from_u16(status).unwrap();
            let mut response = (status, "thanks ".repeat(1000)).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        let script: Arc<Mutex<Script>> = Arc::default();
        let router = Router::new().fallback(take).with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { address, script }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?token=hush", self.address)
    }

    fn got(&self) -> Vec<Got> {
        self.script.lock().got.clone()
    }

    fn kinds(&self) -> Vec<String> {
        self.got().iter().map(|got| got.kind().to_owned()).collect()
    }

    fn ids(&self) -> Vec<String> {
        self.got().into_iter().map(|got| got.id).collect()
    }
}

struct Scene {
    app: TestApp,
    admin: TestClient,
    receiver: Receiver,
}

impl Scene {
    async fn start() -> Scene {
        let app = TestApp::start_with(|config, _| {
            config.webhooks.allow_private_addresses = true;
            config.auth.session_days = 365;
        });
        let app = app.await;
        Scene {
            admin: app.admin().await,
            app,
            receiver: Receiver::start().await,
        }
    }

    /// Makes a webhook; its path and its secret.
    async fn webhook(&mut self, mut input: Value) -> (String, String) {
        input["url"] = json!(self.receiver.url());
        let answer = self.admin.post("/api/webhooks", input).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let text = |name: &str| answer.json[name].as_str().unwrap().to_owned();
        (format!("/api/webhooks/{}", text("id")), text("secret"))
    }

    async fn room(&mut self) -> TestRoom {
        TestRoom::create(&mut self.admin, json!({})).await
    }

    /// Renames the room: one event.
    async fn rename(&mut self, room: &TestRoom, name: &str) {
        self.app.advance(Duration::from_millis(1));
        let answer = self
            .admin
            .patch(&room.path(""), json!({ "name": name }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// What the background does.
    async fn work(&self) {
        feed(self.app.app()).await.unwrap();
        deliver(self.app.app()).await;
    }

    async fn read(&mut self, path: &str) -> Value {
        let answer = self.admin.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json
    }

    async fn log(&mut self, webhook: &str, query: &str) -> Vec<Value> {
        let page = self.read(&format!("{webhook}/deliveries{query}")).await;
        page["items"].as_array().unwrap().clone()
    }
}
