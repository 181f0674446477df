//! What can be asked of a publisher over HTTP while it publishes. It must not know its session.

use livekit_wire::{Identity, ParticipantSid, RoomName};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::peer::{IceCredentials, IceFragment};

/// Asks of one publisher that may wait.
const ASKS: usize = 8;

/// One publisher. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// The participant that it is.
    pub sid: ParticipantSid,
    /// Its room.
    pub room: RoomName,
    /// Its name there.
    pub identity: Identity,
    asks: mpsc::Sender<Ask>,
    ended: CancellationToken,
}

/// Something its session is to do.
#[derive(Debug)]
pub(super) enum Ask {
    /// Take candidates.
    Trickle {
        etag: String,
        fragment: IceFragment,
        reply: oneshot::Sender<Result<(), NotTrickled>>,
    },
    /// Restart ICE.
    Restart {
        credentials: IceCredentials,
        candidates: Vec<String>,
        reply: oneshot::Sender<Result<Restarted, NotRestarted>>,
    },
    /// Leave.
    End { reply: oneshot::Sender<()> },
}

/// The other side of an ICE restart.
#[derive(Debug)]
pub struct Restarted {
    /// `application/trickle-ice-sdpfrag`.
    pub fragment: String,
    /// The new generation; without quotes.
    pub etag: String,
}

/// Why candidates are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTrickled {
    /// It does not publish any more.
    #[error("the session has ended")]
    Ended,
    /// They are of another generation than `If-Match` or their own credentials say.
    #[error("the ICE session is another by now")]
    OtherGeneration,
    /// The credentials are not those of the offer.
    #[error("ice-ufrag is not the one of the offer; a restart needs If-Match: *")]
    OtherCredentials,
}

/// Why ICE is not restarted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRestarted {
    /// It does not publish any more.
    #[error("the session has ended")]
    Ended,
    /// The offer with the new credentials cannot be answered.
    #[error("ICE cannot be restarted with these credentials")]
    Refused,
}

impl Publisher {
    pub(super) fn new(
        sid: ParticipantSid,
        room: RoomName,
        identity: Identity,
    ) -> (Self, mpsc::Receiver<Ask>) {
        let (asks, inbox) = mpsc::channel(ASKS);
        let publisher = Self {
            sid,
            room,
            identity,
            asks,
            ended: CancellationToken::new(),
        };
        (publisher, inbox)
    }

    pub(super) fn end_mark(&self) -> CancellationToken {
        self.ended.clone()
    }

    /// Takes candidates of the generation `etag`.
    pub async fn trickle(&self, etag: String, fragment: IceFragment) -> Result<(), NotTrickled> {
        self.ask(|reply| Ask::Trickle {
            etag,
            fragment,
            reply,
        })
        .await
        .unwrap_or(Err(NotTrickled::Ended))
    }

    /// Restarts ICE with the client's new credentials.
    pub async fn restart(
        &self,
        credentials: IceCredentials,
        candidates: Vec<String>,
    ) -> Result<Restarted, NotRestarted> {
        self.ask(|reply| Ask::Restart {
            credentials,
            candidates,
            reply,
        })
        .await
        .unwrap_or(Err(NotRestarted::Ended))
    }

    /// Makes it leave; returns when it has.
    pub async fn end(&self) {
        // One that has ended already needs no asking.
        let _ = self.ask(|reply| Ask::End { reply }).await;
        self.ended().await;
    }

    /// Returns when it publishes no more, whoever ended it.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.ok()?;
        answer.await.ok()
    }
}
