//! How well participants are connected, told to themselves and to those who subscribe to them (rtc/room.go
//! connectionQualityWorker).

use std::collections::BTreeMap;
use std::time::Instant;

use livekit_protocol as proto;
use livekit_wire::quality::ConnectionTotals;
use proto::participant_info::State;
use proto::signal_response::Message;

use super::Room;
use super::down_track::DownTrack;
use super::media::Media;
use super::track::Encoding;
use crate::forward::{ConnectionQuality, Counts, MAX_SPATIAL, Quality, QualityWindow};
use crate::ground::{Now, Traffic};
use crate::participant::{ParticipantKey, ProtocolVersion};
use crate::peer::{DownTrackReport, UpTrackReport};

impl Room {
    pub(super) fn up_track_report(&mut self, key: ParticipantKey, report: UpTrackReport) {
        self.shared.traffic.nacks_out.add(report.nacks);
        if let Some(encoding) = self.encoding_of(key, report.track) {
            encoding.rtt = report.rtt.or(encoding.rtt);
        }
    }

    pub(super) fn down_track_report(&mut self, key: ParticipantKey, report: DownTrackReport) {
        self.shared.traffic.nacks_in.add(report.nacks);
        if let (Some(loss), Some(participant)) = (report.loss, self.roster.get_mut(key)) {
            participant.channel.loss(loss.into());
        }
        if let Some(down) = self
            .media
            .tracks
            .of_copy(key, report.track)
            .and_then(|track| track.down_tracks.of_mut(key))
        {
            down.loss = report.loss.or(down.loss);
            down.rtt = report.rtt.or(down.rtt);
        }
    }

    /// Judges everybody, and tells when somebody changed.
    pub(super) fn update_qualities(&mut self, now: Now) {
        let mut tracks = self.media.judge(now.instant, &self.shared.traffic);
        let qualities: BTreeMap<_, _> = self
            .roster
            .iter()
            .filter(|participant| participant.state() == State::Active)
            .map(|participant| {
                let own = tracks.remove(&participant.key).unwrap_or_default();
                (participant.key, Quality::worst(own))
            })
            .collect();
        if self.media.set_qualities(qualities) {
            self.tell_qualities();
        }
    }

    fn tell_qualities(&mut self) {
        let listeners: Vec<_> = self.media.qualities().keys().copied().collect();
        for listener in listeners {
            let publishers = self.publishers_for(listener);
            let updates: Vec<_> = self
                .media
                .qualities()
                .keys()
                .filter(|key| **key == listener || publishers.contains(*key))
                .filter_map(|key| self.quality_info(*key, listener))
                .collect();
            let Some(participant) = self.roster.get_mut(listener) else {
                continue;
            };
            if participant.protocol().knows_connection_quality() {
                participant.send(Message::ConnectionQuality(proto::ConnectionQualityUpdate {
                    updates,
                }));
            }
        }
    }

    /// What went through each participant's connection so far.
    pub fn connection_totals(&self) -> Vec<ConnectionTotals> {
        let connections = self.roster.iter();
        connections
            .filter_map(|participant| {
                let totals = self.media.totals.of(participant.key)?;
                Some(totals.told(participant.sid.as_str()))
            })
            .collect()
    }

    /// A participant's quality as this listener is told it.
    pub(super) fn quality_info(
        &self,
        key: ParticipantKey,
        listener: ParticipantKey,
    ) -> Option<proto::ConnectionQualityInfo> {
        let quality = self.media.qualities().get(&key)?;
        let protocol = self.roster.get(listener)?.protocol();
        Some(proto::ConnectionQualityInfo {
            participant_sid: self.roster.get(key)?.sid.as_str().to_owned(),
            quality: on_the_wire(quality.quality, protocol).into(),
            score: quality.score,
        })
    }
}

impl Media {
    /// How well each track and each copy gets through, by whose connection carries it.
    fn judge(&mut self, now: Instant, traffic: &Traffic) -> BTreeMap<ParticipantKey, Vec<Quality>> {
        let mut tracks: BTreeMap<ParticipantKey, Vec<Quality>> = BTreeMap::new();
        self.totals.begin(now);
        for track in self.tracks.values_mut() {
            for encoding in track.encodings.iter_mut().filter(|encoding| encoding.live) {
                // What nobody wants is not sent, which is no fault of the publisher's.
                let unwanted = track
                    .dynacast
                    .as_ref()
                    .is_some_and(|dynacast| dynacast.told(encoding.codec).is_none());
                encoding
                    .quality
                    .set_muted(track.info.muted || unwanted, now);
                let (window, bytes) = incoming_window(encoding);
                self.totals.add_up(track.publisher, &window, bytes);
                traffic.lost_in.add(window.lost);
                encoding.quality.update(&window, now);
                tracks
                    .entry(track.publisher)
                    .or_default()
                    .push(encoding.quality.quality());
            }
            for down in track.down_tracks.iter_mut().filter(|down| down.is_ready()) {
                if let Some(encoding) = track.encodings.get(down.encoding) {
                    let missing = down.forwarder.layer_distance(&encoding.incoming, now);
                    down.quality.set_layer_distance(missing.into(), now);
                }
                let (window, bytes) = outgoing_window(down);
                self.totals.add_down(down.subscriber, &window, bytes);
                if window.packets > 0 {
                    down.quality.update(&window, now);
                }
                tracks
                    .entry(down.subscriber)
                    .or_default()
                    .push(down.quality.quality());
            }
        }
        tracks
    }
}

fn on_the_wire(quality: ConnectionQuality, protocol: ProtocolVersion) -> proto::ConnectionQuality {
    match quality {
        ConnectionQuality::Lost if protocol.knows_quality_lost() => proto::ConnectionQuality::Lost,
        ConnectionQuality::Lost | ConnectionQuality::Poor => proto::ConnectionQuality::Poor,
        ConnectionQuality::Good => proto::ConnectionQuality::Good,
        ConnectionQuality::Excellent => proto::ConnectionQuality::Excellent,
    }
}

/// What arrived since the last judgement, and its bytes.
fn incoming_window(encoding: &mut Encoding) -> (QualityWindow, u64) {
    let mut all = Counts::default();
    for stream in 0..u8::try_from(MAX_SPATIAL).unwrap_or(u8::MAX) {
        let counts = encoding.incoming.counts(stream);
        all.packets += counts.packets;
        all.bytes += counts.bytes;
        all.lost += counts.lost;
        all.out_of_order += counts.out_of_order;
    }
    let since = all.since(&encoding.scored);
    encoding.scored = all;
    let window = QualityWindow {
        packets: since.packets,
        lost: since.lost,
        out_of_order: since.out_of_order,
        rtt: encoding.rtt,
        jitter_ms: encoding.incoming.jitter_ms(),
        silent: !std::mem::take(&mut encoding.reported),
    };
    (window, since.bytes)
}

/// What was sent since the last judgement, and its bytes.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "packets of a few seconds and a fraction"
)]
fn outgoing_window(down: &mut DownTrack) -> (QualityWindow, u64) {
    let counts = down.forwarder.counts();
    let since = counts.since(&down.scored);
    down.scored = counts;
    let lost = since.packets as f64 * f64::from(down.loss.unwrap_or(0.0).clamp(0.0, 1.0));
    let window = QualityWindow {
        packets: since.packets,
        lost: lost as u64,
        rtt: down.rtt,
        ..QualityWindow::default()
    };
    (window, since.bytes)
}
