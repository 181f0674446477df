//! The light view of an RTP packet that forwarding needs, on its way in and out; payloads are borrowed, never copied.

use std::time::{Instant, SystemTime};

use str0m::rtp::Vp8Patch;

/// A packet as the publisher sent it.
#[derive(Debug, Clone, Copy)]
pub struct UpRtp<'a> {
    /// Simulcast stream, low to high (rid q, h, f are 0, 1, 2); 0 for audio, SVC and single streams.
    pub stream: u8,
    /// Extended sequence number (str0m's `seq_no`).
    pub seq: u64,
    /// Extended RTP time in the codec's clock (str0m's `time.numer()`).
    pub time: u64,
    /// RTP marker bit.
    pub marker: bool,
    /// RTP payload; empty for a padding-only packet.
    pub payload: &'a [u8],
    /// Raw dependency descriptor header extension.
    pub dependency_descriptor: Option<&'a [u8]>,
    /// When the packet came in.
    pub arrived: Instant,
}

/// The clock reading of a sender report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport {
    /// The publisher's wall clock.
    pub ntp: SystemTime,
    /// The same moment in extended RTP time.
    pub rtp: u64,
}

/// What to write to one subscriber; the payload is the upstream packet's own, patched while it is serialised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownPacket {
    /// Extended sequence number; the first one is below 32768, so the rollover counter starts at 0.
    pub seq: u64,
    /// RTP timestamp.
    pub time: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// Bytes to replace in a VP8 payload descriptor.
    pub vp8_patch: Option<Vp8Patch>,
    /// The subscriber starts to see another spatial layer with this packet (also on the very first one).
    pub switched: bool,
}
