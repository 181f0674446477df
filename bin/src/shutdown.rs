//! Turns the signals that ask a process to end into one token.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancelled at the first SIGTERM or SIGINT; a second one ends the process at once.
pub fn requested() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let asked = token.clone();
    tokio::spawn(async move {
        loop {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            if asked.is_cancelled() {
                tracing::warn!(signal = name, "asked to end twice: ending now");
                exit_now();
            }
            tracing::info!(signal = name, "shutting down");
            asked.cancel();
        }
    });
    Ok(token)
}

#[expect(
    clippy::disallowed_methods,
    reason = "asked twice: whoever asks does not want to wait for anything"
)]
fn exit_now() -> ! {
    std::process::exit(1)
}
