//! Two `convoke serve` on one PostgreSQL: what happens on one is told by the other, whoever is killed. Runs where
//! CONVOKE_TEST_POSTGRES_URL names a server (`make test-postgres`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::time::timeout;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(20);

/// One of the servers; killed at once when dropped.
struct Replica {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Replica {
    fn start(database: &Url) -> Replica {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_convoke"))
            .env_clear()
            .arg("serve")
            .arg("--data-dir")
            .arg(folder.path())
            .env("CONVOKE_SERVER__HOST", "127.0.0.1")
            .env("CONVOKE_SERVER__PORT", "0")
            .env("CONVOKE_AUTH__REGISTRATION", "open")
            .env("CONVOKE_DATABASE__URL", database.as_str())
            .env("CONVOKE_DATABASE__MAX_CONNECTIONS", "8")
            // Nobody is there: what is told here needs no media server, and no recorder.
            .env("CONVOKE_RECORDINGS__ENABLED", "false")
            .env("CONVOKE_LIVEKIT__EXTERNAL", "true")
            .env("CONVOKE_LIVEKIT__HOST", "ws://127.0.0.1:9")
            .env("CONVOKE_LIVEKIT__INTERNAL_HOST", "http://127.0.0.1:9")
            .env("CONVOKE_LIVEKIT__API_KEY", "key")
            .env("CONVOKE_LIVEKIT__API_SECRET", "1".repeat(32))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let at = lines.next().unwrap().unwrap();
        let port = at.rsplit_once(':').unwrap().1;
        Replica {
            url: format!("http://127.0.0.1:{port}"),
            child,
            _folder: folder,
        }
    }

    /// Without a word, as the kernel does when memory is short.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody signed in; the database knows them on both servers.
struct Person {
    client: Client,
    token: String,
}

impl Person {
    async fn register(at: &Replica) -> Person {
        let client = Client::builder().build().unwrap();
        let email = "ada@example.org";
        let password = "correct horse battery";
        let register = json!({"email": email, "name": "Ada", "password": password});
        let url = format!("{}/api/auth/register", at.url);
        let made = client
            .post(url)
            .header("x-convoke-csrf", "1")
            .json(&register);
        assert_eq!(made.send().await.unwrap().status(), 201);
        let sign_in = json!({"email": email, "password": password, "bearer": true});
        let url = format!("{}/api/auth/sign-in", at.url);
        let answer: Value = answer(client.post(url).json(&sign_in)).await;
        let token = answer["token"].as_str().unwrap().to_owned();
        Person { client, token }
    }

    fn post(&self, at: &Replica, path: &str, body: &Value) -> RequestBuilder {
        let url = format!("{}{path}", at.url);
        self.client.post(url).bearer_auth(&self.token).json(body)
    }

    async fn make_room(&self, at: &Replica, name: &str) -> String {
        let room = answer(self.post(at, "/api/rooms", &json!({"name": name}))).await;
        room["slug"].as_str().unwrap().to_owned()
    }

    async fn lock(&self, at: &Replica, room: &str, locked: bool) {
        let url = format!("{}/api/rooms/{room}/lock", at.url);
        let lock = self.client.put(url).bearer_auth(&self.token);
        answer(lock.json(&json!({"locked": locked}))).await;
    }

    async fn me(&self, at: &Replica) -> u16 {
        let url = format!("{}/api/auth/me", at.url);
        let me = self.client.get(url).bearer_auth(&self.token);
        me.send().await.unwrap().status().as_u16()
    }

    async fn watch(&self, at: &Replica, last: Option<&str>) -> Events {
        let url = format!("{}/api/events", at.url);
        let mut request = self.client.get(url).bearer_auth(&self.token);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Events {
            response,
            text: String::new(),
        }
    }
}

async fn answer(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let (status, body) = (response.status(), response.json().await.unwrap());
    assert!(status.is_success(), "{status}: {body}");
    body
}

/// An open stream.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    /// Kind, id and room of the next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<(String, String, String)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| {
                    let mut lines = event.lines();
                    let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    found.unwrap_or_default().to_owned()
                };
                let data: Value = serde_json::from_str(&field("data")).unwrap_or_default();
                let room = data["room"].as_str().unwrap_or_default().to_owned();
                let told = (field("event"), field("id"), room);
                // What a server says of its media server is its own.
                if !told.0.is_empty() && told.0 != "media.status" {
                    return Some(told);
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.unwrap();
            self.text += std::str::from_utf8(&chunk.ok()??).unwrap();
        }
    }

    async fn of_room(&mut self, kind: &str, room: &str) -> String {
        let (heard, id, about) = self.next().await.unwrap();
        assert_eq!((heard.as_str(), about.as_str()), (kind, room));
        id
    }
}

/// A database of its own, on a throw-away server that is deleted as a whole.
async fn database(named: &str) -> Option<Url> {
    let Ok(url) = env::var("CONVOKE_TEST_POSTGRES_URL") else {
        eprintln!("skipped: two servers on one PostgreSQL (CONVOKE_TEST_POSTGRES_URL is not set)");
        return None;
    };
    let name = format!("convoke_{named}_{}", std::process::id());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let mut url: Url = url.parse().unwrap();
    url.set_path(&name);
    Some(url)
}

#[tokio::test]
async fn what_happens_on_one_server_is_told_by_the_other_whoever_is_killed() {
    let Some(database) = database("replicas").await else {
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut one = Replica::start(&database);
    let mut other = Replica::start(&database);
    let ada = Person::register(&one).await;
    let room = ada.make_room(&one, "Standup").await;

    let mut here = ada.watch(&one, None).await;
    let mut there = ada.watch(&other, None).await;
    ada.lock(&one, &room, true).await;
    let id = here.of_room("room.updated", &room).await;
    assert_eq!(there.of_room("room.updated", &room).await, id);
    ada.lock(&other, &room, false).await;
    here.of_room("room.updated", &room).await;
    let last = there.of_room("room.updated", &room).await;

    // Killed as soon as it has answered: what was committed is told all the same.
    ada.lock(&one, &room, true).await;
    one.kill();
    let locked = there.of_room("room.updated", &room).await;
    other.kill();
    assert_eq!(there.next().await, None);

    // Nobody was there to hear it. Whoever comes back hears it after the restart.
    let other = Replica::start(&database);
    ada.lock(&other, &room, false).await;
    let one = Replica::start(&database);
    let mut back = ada.watch(&one, Some(&last)).await;
    assert_eq!(back.of_room("room.updated", &room).await, locked);
    back.of_room("room.updated", &room).await;

    // Signed out on one, silent on the other, which had read the session a moment ago.
    assert_eq!(ada.me(&one).await, 200);
    let out = ada.post(&other, "/api/auth/sign-out", &json!(null));
    assert_eq!(out.send().await.unwrap().status(), 204);
    assert_eq!(back.next().await, None);
    assert_eq!(ada.me(&one).await, 401);
}

#[tokio::test]
async fn who_tries_passwords_gains_nothing_by_a_second_server() {
    let Some(database) = database("limits").await else {
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let replicas = [Replica::start(&database), Replica::start(&database)];
    let client = Client::builder().build().unwrap();
    let wrong = json!({"email": "ada@example.org", "password": "not hers", "bearer": true});
    let mut tried = Vec::new();
    for number in 0..14 {
        let url = format!("{}/api/auth/sign-in", replicas[number % 2].url);
        let answer = client.post(url).json(&wrong).send().await.unwrap();
        tried.push(answer.status().as_u16());
    }
    // Ten a minute, on whichever server; an eleventh after six seconds of a slow machine.
    let let_in = tried.iter().filter(|status| **status == 401).count();
    assert!((10..=12).contains(&let_in), "{tried:?}");
    assert_eq!(tried.last(), Some(&429));
}
