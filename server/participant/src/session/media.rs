//! Peer connections of a session: what arrives on them, and whether they are alive.

use std::time::Duration;

use livekit_protocol as proto;
use str0m::media::{MediaData, Mid};
use tokio::time::Instant;

use super::Session;
use crate::{
    connection::{Change, Connection, ConnectionError, Happened, now, way_to_server},
    event::{Codec, Event, Frame, LeaveReason, SenderReport},
    join::JoinError,
    options::{Receive, SignalMode},
};
use proto::signal_request::Message as Request;

/// LiveKit gives a peer connection so long to come up.
pub(super) const MEDIA_WITHIN: Duration = Duration::from_secs(15);
/// ICE may come back by itself for so long.
const ICE_PATIENCE: Duration = Duration::from_secs(5);

/// Which peer connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that receives.
    Primary,
    /// The one that only sends, with [`SignalMode::Dual`].
    Publisher,
}

pub(super) struct Peer {
    pub connection: Connection,
    /// Something is done about it if it is not connected by then.
    pub late_at: Option<Instant>,
}

/// The number nearest to `frame` that ends in `report`'s 32 bits: a report that came before the first packet was extended
/// by nothing.
fn near(frame: u64, report: u64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "these 32 bits are the RTP time"
    )]
    let apart = (report as u32).wrapping_sub(frame as u32).cast_signed();
    frame.saturating_add_signed(apart.into())
}

impl Session {
    pub(super) fn happened(&mut self, side: Side, happened: Result<Happened, ConnectionError>) {
        match happened {
            Ok(Happened::Connected) => self.media_connected(side),
            Ok(Happened::Disconnected) => {
                if let Some(peer) = self.peer(side) {
                    peer.late_at.get_or_insert(Instant::now() + ICE_PATIENCE);
                }
            }
            Ok(Happened::Rtp(packet)) => {
                let header = &packet.header;
                let (ssrc, sequence) = (*header.ssrc, *packet.seq_no);
                self.counter
                    .count(ssrc, sequence, packet.payload.len(), header.marker);
                self.received.send_replace(self.counter.total());
            }
            Ok(Happened::Frame(data)) => self.frame(&data),
            Ok(Happened::KeyframeAsked(mid, rid)) => self.publications.keyframe_asked(mid, rid),
            Err(error) => self.media_failed(error),
        }
    }

    fn frame(&mut self, data: &MediaData) {
        let Some(track) = self.subscriptions.track(&data.mid.to_string()) else {
            return;
        };
        let Some(codec) = Codec::from_str0m(data.params.spec().codec) else {
            return;
        };
        let frame = Frame {
            track: track.to_owned(),
            codec,
            clock_rate: data.time.denom(),
            rtp_time: data.time.numer(),
            arrived: data.network_time,
            report: data
                .last_sender_info
                // Before it has sent anything, a sender reports a time that means nothing.
                .filter(|info| info.sender_packet_count > 0)
                .map(|info| SenderReport {
                    ntp: info.ntp_time,
                    rtp_time: near(data.time.numer(), info.rtp_time.numer()),
                }),
            keyframe: !codec.is_video() || data.is_keyframe(),
            contiguous: data.contiguous,
            data: data.data.to_vec(),
        };
        self.counter.frame(frame.data.len());
        self.received.send_replace(self.counter.total());
        self.teller.frame(frame);
    }

    fn media_connected(&mut self, side: Side) {
        if let Some(peer) = self.peer(side) {
            peer.late_at = None;
        }
        if side == Side::Primary {
            self.connected.send_replace(true);
        }
        if side == self.sending_side() {
            self.publications.connected();
        }
        self.calm_down();
    }

    pub(super) fn peer(&mut self, side: Side) -> Option<&mut Peer> {
        match side {
            Side::Primary => Some(&mut self.primary),
            Side::Publisher => self.publisher.as_mut(),
        }
    }

    pub(super) fn sending_side(&self) -> Side {
        match self.options.signal {
            SignalMode::Single => Side::Primary,
            SignalMode::Dual => Side::Publisher,
        }
    }

    /// The connection on which we send; with [`SignalMode::Dual`] it is there from the first track on.
    pub(super) fn sending(&mut self) -> Option<&mut Peer> {
        self.peer(self.sending_side())
    }

    /// Makes the connection on which we send where there is none yet.
    pub(super) async fn open_sending(&mut self) -> Result<(), JoinError> {
        if self.sending().is_none() {
            let local = way_to_server(&self.server)
                .await
                .ok_or_else(|| JoinError::Unreachable(self.server.clone()))?;
            let transport = self.options.transport;
            // Frames of any codec can be sent where none are received.
            let connection = Connection::open(local, transport, Receive::Frames).await?;
            self.publisher = Some(Peer::fresh(connection));
        }
        Ok(())
    }

    /// Sends the offer that is due, if one is.
    pub(super) async fn offer(&mut self) {
        let Some(offer) = self.sending().and_then(|peer| peer.connection.offer()) else {
            return;
        };
        for (cid, mid) in offer.sending {
            if let Some(publication) = self.publications.by_cid(&cid) {
                publication.mid = Some(mid);
            }
        }
        self.say(Request::Offer(offer.description)).await;
    }

    pub(super) fn send_frames(&mut self) {
        let frames = self.publications.due_frames(now());
        if let Some(peer) = self.sending() {
            for (mid, frame) in frames {
                peer.connection.write(mid, &frame);
            }
        }
    }

    pub(super) fn request_keyframe(&mut self, track: &str) {
        if let Some(mid) = self.subscriptions.mid(track).map(Mid::from) {
            self.primary.connection.request_keyframe(mid);
        }
    }

    /// When something has to be done about a connection without media.
    pub(super) fn media_due(&self) -> Option<Instant> {
        let publisher = self.publisher.as_ref().and_then(|peer| peer.late_at);
        [self.primary.late_at, publisher]
            .into_iter()
            .flatten()
            .min()
    }

    /// A connection had its time: it is there after all, or the stay is resumed, or begun anew.
    pub(super) fn media_is_late(&mut self) {
        let now = Instant::now();
        for side in [Side::Primary, Side::Publisher] {
            let Some(peer) = self.peer(side) else {
                continue;
            };
            if peer.late_at.is_none_or(|late| late > now) {
                continue;
            }
            if peer.connection.is_connected() {
                self.media_connected(side);
            } else {
                peer.late_at = None;
                self.media_lost(side);
                return;
            }
        }
    }

    /// Without a connection to send on there is nothing to publish with: the session cannot go on as it is.
    pub(super) fn cannot_send(&mut self, error: JoinError) {
        self.left = Some(LeaveReason::Lost(error));
    }

    pub(super) fn want_sending(&mut self, change: Change) {
        if let Some(peer) = self.sending() {
            peer.connection.want(change);
        }
    }

    pub(super) fn unsubscribe_all(&mut self) {
        self.subscriptions.bind(std::collections::HashMap::new());
        for event in self.subscriptions.settle(&self.roster) {
            self.teller.tell(event);
        }
        self.connected.send_replace(false);
    }

    pub(super) fn tell(&self, event: Event) {
        self.teller.tell(event);
    }
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_reports_time_is_in_the_same_round_as_the_frames() {
        let round = 1 << 32;
        assert_eq!(near(3 * round + 100, 90), 3 * round + 90);
        assert_eq!(near(3 * round + 100, u64::MAX - 9), 3 * round - 10);
        assert_eq!(near(3 * round - 10, 20), 3 * round + 20);
    }
}
