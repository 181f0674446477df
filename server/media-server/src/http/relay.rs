//! `/ingress/relay`: the WebSocket of one encoder of the ingress process. It must not know ingresses from inside.

use std::sync::Arc;

use axum::{
    extract::{
        FromRequestParts, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use livekit_wire::relay::{FromRelay, ToRelay};
use tokio::time::{Duration, timeout};

use super::refusal::Refusal;
use crate::{app::App, ingress::Relayed};

const SOCKET_BUFFER: usize = 4 << 10;
const LONGEST_WORD: usize = 16 << 10;
const FIRST_WORD_WITHIN: Duration = Duration::from_secs(10);
const SAID_WITHIN: Duration = Duration::from_secs(5);
/// The ingress process is given so long to say how an encoder ended that was told to.
const LAST_WORD_WITHIN: Duration = Duration::from_secs(5);
const LOST: &str = "the ingress process ended";

pub(super) async fn relay(State(app): State<Arc<App>>, mut parts: Parts) -> Response {
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app).await;
    let Ok(upgrade) = upgrade else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Err(refusal) = allowed(&app, &parts) {
        return refusal.into_response();
    }
    let connection = app.connections.token();
    upgrade
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(SOCKET_BUFFER)
        .max_message_size(LONGEST_WORD)
        .max_frame_size(LONGEST_WORD)
        .on_upgrade(move |socket| async move {
            serve(&app, socket).await;
            drop(connection);
        })
}

/// Whoever tends ingresses.
fn allowed(app: &App, parts: &Parts) -> Result<(), Refusal> {
    let token = app.authorize(&parts.headers, None)?;
    let video = token.and_then(|token| token.claims.video);
    if video.is_some_and(|video| video.ingress_admin) {
        Ok(())
    } else {
        Err(Refusal::MayNotJoin)
    }
}

async fn serve(app: &App, mut socket: WebSocket) {
    let first = timeout(FIRST_WORD_WITHIN, hear(&mut socket)).await;
    let Ok(Some(FromRelay::Encoder { stream_key })) = first else {
        return;
    };
    let let_in = app.ingresses.relay(&app.rooms, &app.keys, &stream_key);
    let (relayed, pass) = match let_in.await {
        Ok(let_in) => let_in,
        Err(error) => {
            let reason = error.to_string();
            say(&mut socket, &ToRelay::Refused { reason }).await;
            return;
        }
    };
    let accepted = ToRelay::Accepted {
        ingress: Box::new(pass.ingress),
        token: pass.token,
    };
    let error = if say(&mut socket, &accepted).await {
        follow(app, &mut socket, &relayed).await
    } else {
        Some(LOST.to_owned())
    };
    app.ingresses.relay_ended(&relayed, &app.rooms, error).await;
}

/// Notes how the encoder is doing until it ends; what went wrong, if something did.
async fn follow(app: &App, socket: &mut WebSocket, relayed: &Relayed) -> Option<String> {
    loop {
        let word = tokio::select! {
            word = hear(socket) => word,
            () = relayed.stopped() => {
                // A peer that is gone needs no goodbye.
                let _ = timeout(SAID_WITHIN, socket.send(Message::Close(None))).await;
                // It has left the room before it closes its side.
                let last = async { while hear(socket).await.is_some() {} };
                let _ = timeout(LAST_WORD_WITHIN, last).await;
                return None;
            }
        };
        match word {
            Some(FromRelay::Publishing) => {
                app.ingresses.relay_publishes(relayed, &app.rooms).await;
            }
            Some(FromRelay::Ended { error }) => return error,
            // It says who the encoder is but once.
            Some(FromRelay::Encoder { .. }) | None => return Some(LOST.to_owned()),
        }
    }
}

async fn hear(socket: &mut WebSocket) -> Option<FromRelay> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => return serde_json::from_str(&text).ok(),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Close(_) => return None,
        }
    }
}

/// Whether it could be said.
async fn say(socket: &mut WebSocket, word: &ToRelay) -> bool {
    let Ok(text) = serde_json::to_string(word) else {
        return false;
    };
    let said = timeout(SAID_WITHIN, socket.send(Message::Text(text.into())));
    matches!(said.await, Ok(Ok(())))
}
