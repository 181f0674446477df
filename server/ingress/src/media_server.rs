//! The media server's word on one encoder: a WebSocket that is open for as long as the encoder publishes. It must not know what
//! the encoder sends.

use std::{
    io,
    time::{Duration, SystemTime},
};

use futures::{SinkExt, StreamExt};
use http::{HeaderValue, header::AUTHORIZATION};
use livekit_client::{Endpoint, Grant};
use livekit_wire::{
    proto::IngressInfo,
    relay::{self, FromRelay, ToRelay},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const SAID_WITHIN: Duration = Duration::from_secs(5);
const TOKEN_LIFE: Duration = Duration::from_mins(1);

/// Why an encoder is not let in.
#[derive(Debug, thiserror::Error)]
pub enum NotLetIn {
    /// In the media server's words.
    #[error("{0}")]
    Refused(String),
    /// It cannot be asked.
    #[error("the media server does not answer")]
    Unreachable(String),
}

/// An encoder that has been let in.
pub struct LetIn {
    pub ingress: IngressInfo,
    /// Joins the ingress's room.
    pub token: String,
    pub word: Word,
}

/// What the media server is told of it.
pub struct Word {
    socket: WebSocketStream<TcpStream>,
}

/// Asks whether the encoder with this key may publish.
pub async fn let_in(
    endpoint: &Endpoint,
    now: SystemTime,
    stream_key: String,
) -> Result<LetIn, NotLetIn> {
    let asked = timeout(ANSWER_WITHIN, ask(endpoint, now, stream_key));
    let silent = || NotLetIn::Unreachable("it is silent".to_owned());
    asked.await.unwrap_or_else(|_| Err(silent()))
}

async fn ask(endpoint: &Endpoint, now: SystemTime, stream_key: String) -> Result<LetIn, NotLetIn> {
    let unreachable = |error: &dyn ToString| NotLetIn::Unreachable(error.to_string());
    let url = &endpoint.url;
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or_default();
    let tcp = TcpStream::connect((host, port)).await;
    let tcp = tcp.map_err(|error| unreachable(&error))?;
    let address = format!(
        "ws://{}:{port}{}",
        url.host_str().unwrap_or_default(),
        relay::PATH
    );
    let mut request = address
        .into_client_request()
        .map_err(|error| unreachable(&error))?;
    let token = endpoint.sign(&Grant::Ingress.claims(), now, TOKEN_LIFE);
    let token = token.map_err(|error| unreachable(&error))?;
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|error| unreachable(&error))?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, bearer);
    let (socket, _) = client_async(request, tcp)
        .await
        .map_err(|error| unreachable(&error))?;
    let mut word = Word { socket };
    word.say(&FromRelay::Encoder { stream_key })
        .await
        .map_err(|error| unreachable(&error))?;
    match word.hear().await {
        Some(ToRelay::Accepted { ingress, token }) => Ok(LetIn {
            ingress: *ingress,
            token,
            word,
        }),
        Some(ToRelay::Refused { reason }) => Err(NotLetIn::Refused(reason)),
        None => Err(unreachable(&"it closed the socket")),
    }
}

impl Word {
    /// Its media is in the room.
    pub async fn publishing(&mut self) {
        // A server that is gone closes the socket, which ends the encoder.
        if let Err(error) = self.say(&FromRelay::Publishing).await {
            tracing::debug!(%error, "the media server is gone");
        }
    }

    /// It publishes no more; says so and goes.
    pub async fn ended(mut self, error: Option<String>) {
        let said = async {
            self.say(&FromRelay::Ended { error }).await?;
            self.socket.close(None).await?;
            Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
        };
        // A server that is gone knows.
        let _ = timeout(SAID_WITHIN, said).await;
    }

    /// Returns when the media server wants the encoder to end, or is gone.
    pub async fn closed(&mut self) {
        while self.hear().await.is_some() {}
    }

    async fn say(&mut self, word: &FromRelay) -> io::Result<()> {
        let text = serde_json::to_string(word)?;
        let said = timeout(SAID_WITHIN, self.socket.send(Message::Text(text.into())));
        let said = said.await.map_err(|_| io::ErrorKind::TimedOut)?;
        said.map_err(|error| match error {
            tungstenite::Error::Io(error) => error,
            error => io::Error::other(error),
        })
    }

    async fn hear(&mut self) -> Option<ToRelay> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => return serde_json::from_str(&text).ok(),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Binary(_) | Message::Frame(_) | Message::Close(_) => return None,
            }
        }
    }
}
