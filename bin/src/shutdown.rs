//! Turns the signals that ask a process to end into one token.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What people and service managers ask of this process.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Cancelled at the first SIGTERM or SIGINT.
    pub to_end: CancellationToken,
    by_hand: Arc<AtomicBool>,
}

impl Asked {
    /// Whether somebody pressed Ctrl-C, which is meant for everything that this process started.
    pub fn by_hand(&self) -> bool {
        self.by_hand.load(Ordering::Acquire)
    }
}

/// Cancelled at the first SIGTERM or SIGINT; a second one ends the process at once.
pub fn requested() -> std::io::Result<CancellationToken> {
    Ok(asked()?.to_end)
}

/// The same, for whoever wants to know which of the two it was.
pub fn asked() -> std::io::Result<Asked> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let asked = Asked {
        to_end: CancellationToken::new(),
        by_hand: Arc::default(),
    };
    let told = asked.clone();
    tokio::spawn(async move {
        loop {
            let (name, by_hand) = tokio::select! {
                _ = terminate.recv() => ("SIGTERM", false),
                _ = interrupt.recv() => ("SIGINT", true),
            };
            if told.to_end.is_cancelled() {
                tracing::warn!(signal = name, "asked to end twice: ending now");
                exit_now();
            }
            tracing::info!(signal = name, "shutting down");
            told.by_hand.store(by_hand, Ordering::Release);
            told.to_end.cancel();
        }
    });
    Ok(asked)
}

#[expect(
    clippy::disallowed_methods,
    reason = "asked twice: whoever asks does not want to wait for anything"
)]
fn exit_now() -> ! {
    std::process::exit(1)
}
