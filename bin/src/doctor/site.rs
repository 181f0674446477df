//! What the running site says of itself, and what comes back through the address that people open.

use std::time::Duration;

use doctor::facts::{Front, Running, WebhookFault};
use livekit_supervisor::ApiKeys;
use livekit_wire::{Claims, token::sign};
use serde_json::Value;
use tokio::time::Instant;

use super::ask::{Client, Door};
use crate::clock::wall_clock;

/// The site waits this long between the two pieces of its body, less some: what comes closer together was held back.
const APART: Duration = Duration::from_millis(700);

/// Asks the site on this machine.
pub async fn running(client: &Client) -> Option<Running> {
    let told = json(client, "/api/connectivity").await?;
    let health = json(client, "/health/ready").await.unwrap_or_default();
    let port = |name: &str| {
        let port = told[name].as_u64()?;
        u16::try_from(port).ok()
    };
    let checks = health["checks"].as_object();
    let failed = checks.into_iter().flatten().filter_map(|(part, check)| {
        let bad = check["status"] == "fail";
        let why = check["detail"].as_str().unwrap_or("it does not say why");
        bad.then(|| (part.clone(), why.to_owned()))
    });
    Some(Running {
        media: told["media"].as_str()?.to_owned(),
        troubles: failed.collect(),
        udp: port("udp_port"),
        second_udp: port("second_udp_port"),
        tcp: port("tcp_port"),
        node_ip: told["node_ip"].as_str().and_then(|ip| ip.parse().ok()),
    })
}

async fn json(client: &Client, path: &str) -> Option<Value> {
    let answer = client.get(Door::Own, path).await.ok()?;
    answer.json().await.ok()
}

/// Goes through the public address, if the site runs that it should lead to.
pub async fn front(client: &Client, runs: bool) -> Option<Front> {
    if !runs || !client.has(Door::Public) {
        return None;
    }
    let (pieces, socket) = tokio::join!(
        pieces(client),
        client.socket(Door::Public, "/api/doctor/socket"),
    );
    Some(Front { socket, ..pieces })
}

/// A body that is sent in two pieces: whether it comes so, and what its first line says.
async fn pieces(client: &Client) -> Front {
    let mut front = Front {
        page: Err(String::new()),
        is_convoke: false,
        socket: Ok(()),
        held_back: None,
        turn: None,
        https_seen: None,
    };
    let mut answer = match client.get(Door::Public, "/api/doctor/pieces").await {
        Ok(answer) => answer,
        Err(why) => {
            front.page = Err(why);
            return front;
        }
    };
    front.page = Ok(answer.status().as_u16());
    let (mut body, mut first_at) = (Vec::new(), None);
    while let Ok(Some(piece)) = answer.chunk().await {
        body.extend_from_slice(&piece);
        first_at.get_or_insert_with(Instant::now);
    }
    let first = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let said: Value = serde_json::from_slice(first).unwrap_or_default();
    front.is_convoke = said["product"] == "convoke";
    if front.is_convoke {
        front.https_seen = said["https"].as_bool();
        front.held_back = first_at.map(|at| at.elapsed() < APART);
    }
    front
}

/// Sends a signed webhook that says nothing: of a room that is nobody's.
pub async fn webhook(
    client: &Client,
    runs: bool,
    keys: Option<&ApiKeys>,
) -> Option<Result<(), WebhookFault>> {
    let keys = keys.filter(|_| runs)?;
    let door = if client.has(Door::Public) {
        Door::Public
    } else {
        Door::Own
    };
    let body = r#"{"event":"room_started","room":{"name":"doctor"}}"#;
    let claims = Claims::of_body(body);
    let secret = &keys.api_secret;
    let life = Duration::from_mins(1);
    let token = sign(&claims, &keys.api_key, secret, wall_clock(), life).ok()?;
    let headers = [
        ("content-type", "application/webhook+json"),
        ("authorization", token.as_str()),
    ];
    let path = "/api/livekit/webhook";
    let sent = client.send(door, reqwest::Method::POST, path, &headers, body.into());
    Some(match sent.await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) if answer.status() == 401 => Err(WebhookFault::KeyRefused),
        Ok(answer) => Err(WebhookFault::Lost(format!("status {}", answer.status()))),
        // No way back in from inside says nothing about others.
        Err(_) if door == Door::Public => {
            let sent = client.send(
                Door::Own,
                reqwest::Method::POST,
                path,
                &headers,
                body.into(),
            );
            match sent.await {
                Ok(answer) if answer.status() == 401 => Err(WebhookFault::KeyRefused),
                _ => return None,
            }
        }
        Err(why) => Err(WebhookFault::Lost(why)),
    })
}
