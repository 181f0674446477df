//! LiveKit's data channels over str0m's: labels, limits, and what waits for a client to take it.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use bytes::Bytes;
use str0m::Rtc;
use str0m::channel::{ChannelConfig, ChannelId, Reliability};

use super::error::SendDataError;
use super::event::DataChannel;
use super::sdp::Sdp;

/// `a=max-message-size`, and the largest message LiveKit clients send.
pub(super) const MAX_MESSAGE: u32 = 65_535;
/// What a client takes that does not say (RFC 8841 section 6.1).
const DEFAULT_REMOTE_MAX_MESSAGE: usize = 65_536;
/// What a client is taken to take before its description has come; browsers say so.
const USUAL_REMOTE_MAX_MESSAGE: usize = 262_144;
/// Nothing larger is sent to a client that claims to take everything.
const MAX_SENT_MESSAGE: usize = 1 << 20;
/// Bytes str0m may hold for all channels of a connection.
pub(super) const MAX_BUFFERED: usize = 4 << 20;
/// Reliable bytes str0m is given at a time: the rest is for the other channels, which would be late behind more.
const MAX_RELIABLE_BUFFERED: usize = 2 << 20;
/// A lossy message is late when this much of its channel is still on the way.
const MAX_LOSSY_BUFFERED: usize = 256 << 10;
/// Reliable bytes that may wait for the client to open its channel, or to take what came before.
pub(super) const MAX_WAITING: usize = 16 << 20;

/// The data channels of one connection.
#[derive(Debug)]
pub(super) struct DataChannels {
    labels: HashMap<ChannelId, DataChannel>,
    open: HashMap<DataChannel, ChannelId>,
    waiting: VecDeque<Bytes>,
    backlog: Backlog,
    remote_max_message: usize,
}

/// Reliable messages that the client has not taken yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Bytes that wait here; what is on its way already does not count.
    pub bytes: usize,
    /// Since when nothing of it has gone on its way.
    pub stuck_since: Option<Instant>,
    /// The client has opened its reliable channel once.
    pub was_open: bool,
}

impl Backlog {
    /// Whether a message of this length may join it.
    pub const fn takes(&self, length: usize) -> bool {
        self.bytes == 0 || self.bytes + length <= MAX_WAITING
    }
}

/// How a channel that we open is configured.
pub(super) fn config(channel: DataChannel) -> ChannelConfig {
    let (ordered, reliability) = match channel {
        DataChannel::Reliable => (true, Reliability::Reliable),
        DataChannel::Lossy | DataChannel::DataTrack => {
            (false, Reliability::MaxRetransmits { retransmits: 0 })
        }
    };
    ChannelConfig {
        label: channel.label().to_owned(),
        ordered,
        reliability,
        ..ChannelConfig::default()
    }
}

impl Default for DataChannels {
    fn default() -> Self {
        Self {
            labels: HashMap::new(),
            open: HashMap::new(),
            waiting: VecDeque::new(),
            backlog: Backlog::default(),
            remote_max_message: USUAL_REMOTE_MAX_MESSAGE,
        }
    }
}

impl DataChannels {
    /// Notes how large a message the client takes.
    pub(super) fn described(&mut self, description: &Sdp) {
        let told = description
            .sections
            .iter()
            .find(|section| section.kind == "application" && !section.is_rejected())
            .map(|section| section.value("max-message-size"));
        let Some(told) = told else { return };
        self.remote_max_message = match told.map(str::parse) {
            Some(Ok(0)) => MAX_SENT_MESSAGE,
            Some(Ok(size)) => MAX_SENT_MESSAGE.min(size),
            Some(Err(_)) | None => DEFAULT_REMOTE_MAX_MESSAGE,
        };
    }

    /// The largest message the client takes.
    pub(super) const fn remote_max_message(&self) -> usize {
        self.remote_max_message
    }

    /// What waits for the client.
    pub(super) const fn backlog(&self) -> Backlog {
        self.backlog
    }

    /// Gives up on what waits.
    pub(super) fn forget_waiting(&mut self) {
        self.waiting.clear();
        self.backlog.bytes = 0;
        self.backlog.stuck_since = None;
    }

    /// A channel opened; LiveKit's own are kept, others ignored.
    pub(super) fn opened(&mut self, id: ChannelId, label: &str) -> Option<DataChannel> {
        let channel = DataChannel::from_label(label)?;
        self.labels.insert(id, channel);
        self.open.insert(channel, id);
        self.backlog.was_open |= channel == DataChannel::Reliable;
        Some(channel)
    }

    pub(super) fn closed(&mut self, id: ChannelId) {
        if let Some(channel) = self.labels.remove(&id)
            && self.open.get(&channel) == Some(&id)
        {
            self.open.remove(&channel);
        }
    }

    pub(super) fn label(&self, id: ChannelId) -> Option<DataChannel> {
        self.labels.get(&id).copied()
    }

    pub(super) fn send(
        &mut self,
        rtc: &mut Rtc,
        channel: DataChannel,
        payload: &Bytes,
        now: Instant,
    ) -> Result<(), SendDataError> {
        if payload.len() > self.remote_max_message {
            return Err(SendDataError::TooLarge);
        }
        if channel == DataChannel::Reliable {
            let sent =
                self.waiting.is_empty() && matches!(self.write(rtc, channel, payload), Ok(true));
            return if sent {
                Ok(())
            } else {
                self.wait(payload, now)
            };
        }
        if !self.open.contains_key(&channel) {
            return Err(SendDataError::NotOpen);
        }
        if self.write(rtc, channel, payload)? {
            Ok(())
        } else {
            Err(SendDataError::Full)
        }
    }

    /// Sends on what waits, as far as the client takes it; whether there was anything.
    pub(super) fn flush(&mut self, rtc: &mut Rtc, now: Instant) -> bool {
        let mut moved = false;
        while let Some(payload) = self.waiting.front().cloned() {
            if payload.len() > self.remote_max_message {
                tracing::warn!(
                    length = payload.len(),
                    most = self.remote_max_message,
                    "the client turns out to take no message of this length"
                );
            } else if matches!(self.write(rtc, DataChannel::Reliable, &payload), Ok(true)) {
                moved = true;
            } else {
                break;
            }
            self.waiting.pop_front();
            self.backlog.bytes -= payload.len();
            self.backlog.stuck_since = (!self.waiting.is_empty()).then_some(now);
        }
        moved
    }

    /// Whether the channel is open and had room for the message.
    fn write(
        &self,
        rtc: &mut Rtc,
        channel: DataChannel,
        payload: &[u8],
    ) -> Result<bool, SendDataError> {
        let Some(mut open) = self.open.get(&channel).and_then(|id| rtc.channel(*id)) else {
            return Ok(false);
        };
        let buffered = open.buffered_amount();
        let full = match channel {
            DataChannel::Reliable => {
                buffered > 0 && buffered + payload.len() > MAX_RELIABLE_BUFFERED
            }
            DataChannel::Lossy | DataChannel::DataTrack => buffered > MAX_LOSSY_BUFFERED,
        };
        if full {
            return Ok(false);
        }
        open.write(true, payload)
            .map_err(|_| SendDataError::NotOpen)
    }

    /// Reliable messages are not lost between the join and the opening of the channel, nor behind a slow network.
    fn wait(&mut self, payload: &Bytes, now: Instant) -> Result<(), SendDataError> {
        if !self.backlog.takes(payload.len()) {
            return Err(SendDataError::Full);
        }
        self.backlog.bytes += payload.len();
        self.backlog.stuck_since.get_or_insert(now);
        self.waiting.push_back(payload.clone());
        Ok(())
    }
}
