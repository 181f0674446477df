//! Entries, and waiting for something to come true.

use std::{
    sync::Once,
    time::{Duration, SystemTime},
};

use livekit_wire::{Identity, RoomName};
use matrix_rtc::{
    delayed_leave::{Delegation, Stored},
    ids::{DelayId, ServerName},
};
use tokio::time::{Instant, sleep};

pub fn room() -> RoomName {
    RoomName::parse("room").unwrap()
}

pub fn identity(name: &str) -> Identity {
    Identity::parse(name).unwrap()
}

pub fn stored(who: &str, delay_id: &str) -> Stored {
    Stored {
        delegation: Delegation {
            server_name: ServerName::parse("example.com").unwrap(),
            delay_id: DelayId::parse(delay_id).unwrap(),
            delay_timeout: Duration::from_secs(30),
            room: room(),
            identity: identity(who),
        },
        restarted_at: SystemTime::UNIX_EPOCH + Duration::from_hours(498_769),
    }
}

/// Waits until `condition` holds, and not for ever.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

pub fn install_rustls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
