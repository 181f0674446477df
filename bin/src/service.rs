//! Tells the system's service manager (systemd, `Type=notify`) how the site does: it answers, it is alive, it stops. Without
//! one nothing happens.

use std::{future::Future, time::Duration};

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

/// Says that the site answers, and from now on that it is alive, as often as the manager asks for; once `asked_to_stop`, that
/// it stops.
pub fn tell(url: &str, asked_to_stop: impl Future<Output = ()> + Send + 'static) {
    let status = format!("at {url}");
    say(&[NotifyState::Ready, NotifyState::Status(&status)]);
    tokio::spawn(async move {
        tokio::select! {
            () = asked_to_stop => {}
            () = keep_telling() => {}
        }
        say(&[NotifyState::Stopping]);
        // Draining may take longer than the manager waits for a word.
        keep_telling().await;
    });
}

/// Where the runtime stands still nothing is told, and the manager ends the process and starts it again.
async fn keep_telling() {
    let Some(patience) = sd_notify::watchdog_enabled().filter(|wait| *wait > Duration::ZERO) else {
        return std::future::pending().await;
    };
    let mut often = interval(patience / 3);
    often.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        often.tick().await;
        say(&[NotifyState::Watchdog]);
    }
}

fn say(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}
