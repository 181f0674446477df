//! Whether the client is still there, judged by what arrives: browsers check consent every few seconds even when
//! nothing else is sent, so silence means the path is gone, also for an ICE-lite server that sends no checks.

use std::time::{Duration, Instant};

use super::event::PeerEvent;

/// LiveKit's ICE disconnected timeout.
const DISCONNECTED: Duration = Duration::from_secs(10);
/// LiveKit's ICE failed timeout comes five seconds after.
const FAILED: Duration = Duration::from_secs(15);
/// For the first connection, from the first description on.
const NEVER_CONNECTED: Duration = Duration::from_secs(30);

/// Silence so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Liveness {
    described: Option<Instant>,
    heard: Option<Instant>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    New,
    Connected,
    Disconnected,
    Failed,
}

impl Liveness {
    /// A description was exchanged: the client should connect now.
    pub(super) fn described(&mut self, now: Instant) {
        self.described.get_or_insert(now);
    }

    /// ICE found a path.
    pub(super) fn connected(&mut self, now: Instant) -> Option<PeerEvent> {
        self.heard = Some(now);
        let was = std::mem::replace(&mut self.state, State::Connected);
        (was != State::Connected).then_some(PeerEvent::IceConnected)
    }

    /// An authentic datagram came in.
    pub(super) fn heard(&mut self, now: Instant) -> Option<PeerEvent> {
        match self.state {
            State::New => None,
            State::Connected => {
                self.heard = Some(now);
                None
            }
            State::Disconnected | State::Failed => self.connected(now),
        }
    }

    /// When silence changes the state.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::New => Some(self.described? + NEVER_CONNECTED),
            State::Connected => Some(self.heard? + DISCONNECTED),
            State::Disconnected => Some(self.heard? + FAILED),
            State::Failed => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<PeerEvent> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return None;
        }
        let (state, event) = match self.state {
            State::Connected => (State::Disconnected, PeerEvent::IceDisconnected),
            State::New | State::Disconnected | State::Failed => {
                (State::Failed, PeerEvent::IceFailed)
            }
        };
        self.state = state;
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_disconnects_then_fails_and_a_datagram_revives() {
        let start = Instant::now();
        let mut liveness = Liveness::default();
        liveness.described(start);
        assert!(matches!(
            liveness.connected(start),
            Some(PeerEvent::IceConnected)
        ));
        let disconnected = liveness.deadline().unwrap();
        assert!(matches!(
            liveness.handle_timeout(disconnected),
            Some(PeerEvent::IceDisconnected)
        ));
        let failed = liveness.deadline().unwrap();
        assert!(matches!(
            liveness.handle_timeout(failed),
            Some(PeerEvent::IceFailed)
        ));
        assert_eq!(liveness.deadline(), None);
        assert!(matches!(
            liveness.heard(failed),
            Some(PeerEvent::IceConnected)
        ));
    }

    #[test]
    fn a_connection_that_never_comes_up_fails_once() {
        let start = Instant::now();
        let mut liveness = Liveness::default();
        assert_eq!(liveness.deadline(), None);
        liveness.described(start);
        assert!(liveness.handle_timeout(start).is_none());
        assert!(matches!(
            liveness.handle_timeout(start + NEVER_CONNECTED),
            Some(PeerEvent::IceFailed)
        ));
        assert!(
            liveness
                .handle_timeout(start + NEVER_CONNECTED * 2)
                .is_none()
        );
    }
}
