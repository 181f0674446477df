//! LiveKit's data channels over str0m's: labels, limits, and what waits for a channel to open.

use std::collections::{HashMap, VecDeque};

use str0m::Rtc;
use str0m::channel::{ChannelConfig, ChannelId, Reliability};

use super::error::SendDataError;
use super::event::DataChannel;

/// `a=max-message-size`, and the largest message LiveKit clients send.
pub(super) const MAX_MESSAGE: u32 = 65_535;
/// Bytes str0m may hold for all channels of a connection.
pub(super) const MAX_BUFFERED: usize = 4 << 20;
/// A lossy message is late when this much of its channel is still on the way.
const MAX_LOSSY_BUFFERED: usize = 256 << 10;
/// Reliable bytes that may wait for the client to open its channel.
const MAX_WAITING: usize = 1 << 20;

/// The data channels of one connection.
#[derive(Debug, Default)]
pub(super) struct DataChannels {
    labels: HashMap<ChannelId, DataChannel>,
    open: HashMap<DataChannel, ChannelId>,
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
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

impl DataChannels {
    /// A channel opened; LiveKit's own are kept, others ignored.
    pub(super) fn opened(
        &mut self,
        rtc: &mut Rtc,
        id: ChannelId,
        label: &str,
    ) -> Option<DataChannel> {
        let channel = DataChannel::from_label(label)?;
        self.labels.insert(id, channel);
        self.open.insert(channel, id);
        if channel == DataChannel::Reliable {
            self.waiting_bytes = 0;
            for payload in std::mem::take(&mut self.waiting) {
                // Nothing has been written before, so the buffer holds all that was allowed to wait.
                if self.send(rtc, channel, &payload).is_err() {
                    break;
                }
            }
        }
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
        payload: &[u8],
    ) -> Result<(), SendDataError> {
        if payload.len() > MAX_MESSAGE as usize {
            return Err(SendDataError::TooLarge);
        }
        let open = self.open.get(&channel).and_then(|id| rtc.channel(*id));
        let Some(mut open) = open else {
            return self.wait(channel, payload);
        };
        if channel != DataChannel::Reliable && open.buffered_amount() > MAX_LOSSY_BUFFERED {
            return Err(SendDataError::Full);
        }
        match open.write(true, payload) {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendDataError::Full),
            Err(_) => Err(SendDataError::NotOpen),
        }
    }

    /// Reliable messages sent between the join and the opening of the channel are not lost.
    fn wait(&mut self, channel: DataChannel, payload: &[u8]) -> Result<(), SendDataError> {
        if channel != DataChannel::Reliable || self.waiting_bytes + payload.len() > MAX_WAITING {
            return Err(SendDataError::NotOpen);
        }
        self.waiting_bytes += payload.len();
        self.waiting.push_back(payload.to_vec());
        Ok(())
    }
}
