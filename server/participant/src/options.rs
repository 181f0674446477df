//! How to take part: what the caller chooses once, before it joins.

use std::time::Duration;

/// Which of LiveKit's two signal protocols to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignalMode {
    /// `/rtc/v1`: one peer connection, on which the client offers.
    Single,
    /// `/rtc`: one peer connection for each direction; every server knows it.
    #[default]
    Dual,
}

/// How media travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// ICE over UDP.
    #[default]
    Udp,
    /// ICE over TCP, to the server's passive candidate.
    Tcp,
}

/// What becomes of media that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Receive {
    /// Packets are counted and forgotten: for load.
    #[default]
    Count,
    /// Frames are put together and told as [`Event::Frame`](crate::Event::Frame).
    Frames,
}

/// How to take part.
#[derive(Debug, Clone)]
pub struct JoinOptions {
    /// The signal protocol.
    pub signal: SignalMode,
    /// Subscribe to every track; otherwise only to those of [`Participant::set_subscribed`](crate::Participant::set_subscribed).
    pub auto_subscribe: bool,
    /// How media travels.
    pub transport: Transport,
    /// What becomes of media that arrives.
    pub receive: Receive,
    /// A lost connection is given up after so long without success.
    pub give_up_after: Duration,
    /// So many bytes of frames wait for a slow reader; what comes on top is dropped.
    pub unread_bytes: usize,
}

impl Default for JoinOptions {
    fn default() -> Self {
        Self {
            signal: SignalMode::default(),
            auto_subscribe: true,
            transport: Transport::default(),
            receive: Receive::default(),
            give_up_after: Duration::from_mins(1),
            unread_bytes: 32 << 20,
        }
    }
}
