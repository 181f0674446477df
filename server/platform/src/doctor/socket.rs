//! A WebSocket that says everything back: whether one gets through, and how long the way takes. It knows no room.

use std::time::Duration;

use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use tokio::time::timeout;

use crate::{
    app::App,
    http::{ClientIp, Problem},
};

/// A check says a few short words and goes.
const LONGEST: usize = 1024;
const MOST_WORDS: usize = 100;
const OPEN_FOR: Duration = Duration::from_secs(30);

/// Opens one.
pub async fn socket(
    State(app): State<App>,
    ip: ClientIp,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    app.auth.limits.connection_check(&app, ip).await?;
    let slot = app.long_lived.socket(ip.0)?;
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST);
    Ok(upgrade.on_upgrade(async move |socket| {
        // Whoever is still there then has forgotten it.
        let _ = timeout(OPEN_FOR, say_back(socket)).await;
        drop(slot);
    }))
}

async fn say_back(mut socket: WebSocket) {
    for _ in 0..MOST_WORDS {
        let Some(Ok(said)) = socket.recv().await else {
            return;
        };
        let back = match said {
            Message::Text(_) | Message::Binary(_) => socket.send(said).await,
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => return,
        };
        if back.is_err() {
            return;
        }
    }
}
