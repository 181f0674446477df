//! The way into a room: a signal socket, the server's word that we are in, and the first peer connection.

use livekit_protocol as proto;
use proto::{leave_request::Action, signal_response::Message as Response};
use str0m::media::MediaKind;
use url::Url;

use crate::{
    connection::{Change, Connection, ConnectionError, way_to_server},
    options::{JoinOptions, SignalMode},
    signal::{Opening, Resume, Signal, SignalError},
};

/// M-lines of each kind that a client offers at first, as LiveKit's do.
const FIRST_LINES: usize = 3;

/// Why somebody is not (or no longer) in the room.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The signal socket.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// The peer connection.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The server is not reachable from any address of ours.
    #[error("cannot find the way to {0}")]
    Unreachable(Url),
    /// The server said no.
    #[error("the server did not let us join: {0:?}")]
    Refused(proto::DisconnectReason),
    /// The server's first message was neither yes nor no.
    #[error("the server did not begin with a join")]
    Unexpected,
}

impl JoinError {
    /// Whether the same question would get the same answer: the token is not good.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Signal(
                SignalError::Refused {
                    status: 400 | 401 | 403,
                    ..
                } | SignalError::Url(_)
            )
        )
    }
}

/// Everything of a fresh stay.
pub(crate) struct Entrance {
    pub signal: Signal,
    pub join: Box<proto::JoinResponse>,
    /// Receives, and sends as well with [`SignalMode::Single`].
    pub primary: Connection,
}

/// Enters.
pub(crate) async fn enter(
    server: &Url,
    token: String,
    options: &JoinOptions,
) -> Result<Entrance, JoinError> {
    let local = way_to_server(server)
        .await
        .ok_or_else(|| JoinError::Unreachable(server.clone()))?;
    let mut primary = Connection::open(local, options.transport, options.receive).await?;
    let offer = match options.signal {
        SignalMode::Dual => None,
        SignalMode::Single => {
            for kind in [MediaKind::Audio, MediaKind::Video] {
                for _ in 0..FIRST_LINES {
                    primary.want(Change::Receive(kind));
                }
            }
            primary.want(Change::Data);
            primary.offer().map(|offer| offer.description)
        }
    };
    let opening = Opening {
        mode: options.signal,
        token,
        auto_subscribe: options.auto_subscribe,
        offer,
        resume: None,
    };
    let mut signal = Signal::connect(server, &opening).await?;
    match signal.receive_soon().await? {
        Response::Join(join) => {
            heed(&mut signal, join.ping_timeout);
            Ok(Entrance {
                signal,
                join: Box::new(join),
                primary,
            })
        }
        Response::Leave(leave) => Err(JoinError::Refused(leave.reason())),
        _ => Err(JoinError::Unexpected),
    }
}

/// How a server answers one who wants to come back to a stay.
pub(crate) enum Return {
    /// The stay goes on.
    Resumed(Signal),
    /// The server does not know the stay (any more).
    Unknown,
    /// The server wants us out.
    Out(proto::DisconnectReason),
}

/// Comes back to a stay.
pub(crate) async fn come_back(
    server: &Url,
    token: String,
    options: &JoinOptions,
    resume: Resume,
    ping_timeout: i32,
) -> Result<Return, JoinError> {
    let opening = Opening {
        mode: options.signal,
        token,
        auto_subscribe: options.auto_subscribe,
        offer: None,
        resume: Some(resume),
    };
    let mut signal = Signal::connect(server, &opening).await?;
    match signal.receive_soon().await? {
        Response::Reconnect(_) => {
            heed(&mut signal, ping_timeout);
            Ok(Return::Resumed(signal))
        }
        Response::Leave(leave) => Ok(match leave.action() {
            Action::Disconnect
                if !leave.can_reconnect
                    && leave.reason() != proto::DisconnectReason::StateMismatch =>
            {
                Return::Out(leave.reason())
            }
            Action::Disconnect | Action::Resume | Action::Reconnect => Return::Unknown,
        }),
        _ => Ok(Return::Unknown),
    }
}

fn heed(signal: &mut Signal, ping_timeout: i32) {
    if let Ok(seconds @ 1..) = u64::try_from(ping_timeout) {
        signal.expect_words_within(std::time::Duration::from_secs(seconds));
    }
}
