//! Packets from a publisher to its subscribers: the busy path.

use std::sync::Arc;

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::signal_response::Message;

use super::Room;
use super::track::Encoding;
use crate::forward::{
    Allocation, Channel, Codec, Demand, SenderReport, UpRtp as IncomingRtp, allocate, red,
};
use crate::ground::Now;
use crate::participant::ParticipantKey;
use crate::peer::{DownRtp, UpRtp, UpSenderReport, UpTrackId};

impl Room {
    /// Gives a packet to every subscriber who is to have it.
    pub(super) fn forward_rtp(&mut self, key: ParticipantKey, rtp: &UpRtp, now: Now) {
        let Some(publisher) = self.roster.get(key) else {
            return;
        };
        let Some((sid, index)) = publisher.up_tracks.get(&rtp.track) else {
            return;
        };
        let index = *index;
        let clock = publisher.clock;
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let Some(encoding) = track.encodings.get_mut(index) else {
            return;
        };
        self.shared.traffic.rtp_in.add(1);
        let extensions = &rtp.packet.header.ext_vals;
        let time = rtp.packet.time.numer();
        if let (Some(loudness), Some(level)) = (&mut track.loudness, extensions.audio_level) {
            loudness.observe(level.unsigned_abs(), time, now.instant);
        }
        let packet = encoding.incoming.receive(IncomingRtp {
            stream: rtp.stream,
            seq: *rtp.packet.seq_no,
            time,
            marker: rtp.packet.header.marker,
            payload: &rtp.packet.payload,
            dependency_descriptor: rtp.dependency_descriptor(),
            arrived: now.instant,
        });
        if packet.keyframe {
            encoding.keyframes.received(rtp.stream);
        }
        let wallclock = encoding
            .incoming
            .ntp(rtp.stream, time)
            .and_then(|ntp| clock.captured(ntp, rtp.packet.timestamp))
            .unwrap_or(rtp.packet.timestamp);
        let mut plain_opus: Option<Arc<[u8]>> = None;
        let mut copies = 0;
        for down in track.down_tracks.iter_mut() {
            if down.encoding != index || !down.is_ready() {
                continue;
            }
            let Some(out) = down.forwarder.forward(&packet, &encoding.incoming) else {
                continue;
            };
            let Some(subscriber) = self.roster.get_mut(down.subscriber) else {
                continue;
            };
            let (codec, payload) = if rtp.codec == Codec::Red && !down.codecs.contains(&Codec::Red)
            {
                let Ok(primary) = red::primary(&rtp.packet.payload) else {
                    continue;
                };
                (
                    Codec::Opus,
                    &*plain_opus.get_or_insert_with(|| Arc::from(primary)),
                )
            } else {
                (rtp.codec, &rtp.packet.payload)
            };
            let link = subscriber.down_link();
            link.connection.write_rtp(
                down.id,
                &DownRtp {
                    packet: &out,
                    payload,
                    codec,
                    extensions,
                    wallclock,
                },
            );
            self.links.mark_dirty(link);
            copies += 1;
        }
        self.shared.traffic.rtp_out.add(copies);
    }

    /// The encoding that arrives as this up track of a publisher.
    pub(super) fn encoding_of(
        &mut self,
        key: ParticipantKey,
        up: UpTrackId,
    ) -> Option<&mut Encoding> {
        let (sid, index) = self.roster.get(key)?.up_tracks.get(&up)?;
        self.media.tracks.get_mut(sid)?.encodings.get_mut(*index)
    }

    pub(super) fn sender_report(&mut self, key: ParticipantKey, report: UpSenderReport, now: Now) {
        if let Some(publisher) = self.roster.get_mut(key) {
            publisher.clock.report(report.ntp, now.instant);
        }
        if let Some(encoding) = self.encoding_of(key, report.track) {
            encoding.reported = true;
            encoding.incoming.sender_report(
                report.stream,
                SenderReport {
                    ntp: report.ntp,
                    rtp: report.rtp,
                },
            );
        }
    }

    pub(super) fn bandwidth_estimate(&mut self, key: ParticipantKey, bps: u64) {
        if let Some(participant) = self.roster.get_mut(key) {
            participant.channel.estimate(bps);
        }
    }

    /// A layer of a publisher came or went.
    pub(super) fn layers_changed(&mut self, key: ParticipantKey, up: UpTrackId, now: Now) {
        let Some(publisher) = self.roster.get(key) else {
            return;
        };
        let Some((sid, _)) = publisher.up_tracks.get(&up).cloned() else {
            return;
        };
        self.retarget_track(&sid, now);
    }

    /// Shares each subscriber's bandwidth among its video tracks.
    pub(super) fn allocate_bandwidth(&mut self, now: Now, elapsed: std::time::Duration) {
        for key in self.roster.keys() {
            self.allocate_for(key, now, elapsed);
        }
    }

    fn allocate_for(&mut self, key: ParticipantKey, now: Now, elapsed: std::time::Duration) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let mut sids: Vec<TrackSid> = Vec::new();
        let mut demands = Vec::new();
        let mut sent_bytes = 0;
        for sid in participant.subscriptions.keys() {
            let Some(track) = self.media.tracks.get_mut(sid) else {
                continue;
            };
            let Some(down) = track.down_tracks.of_mut(key) else {
                continue;
            };
            let Some(encoding) = track.encodings.get_mut(down.encoding) else {
                continue;
            };
            let counts = down.forwarder.counts();
            sent_bytes += counts.since(&down.counted).bytes;
            down.counted = counts;
            let Some(max) = down.wanted.filter(|_| encoding.codec.is_video()) else {
                continue;
            };
            demands.push(Demand {
                bitrates: encoding.incoming.bitrates(now.instant),
                max,
                exempt: track.info.source() == proto::TrackSource::ScreenShare,
                priority: down.priority,
            });
            sids.push(sid.clone());
        }
        let millis = u64::try_from(elapsed.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let sending = sent_bytes.saturating_mul(8_000) / millis;
        let wanted = demands.iter().map(Demand::wanted_bitrate).sum();
        let allow_pause = participant.allow_pause;
        let channel = match participant.channel.update(sending, wanted, now.instant) {
            Channel::Open => participant.bandwidth_cap,
            Channel::Limited(budget) => Some(
                participant
                    .bandwidth_cap
                    .map_or(budget, |cap| cap.min(budget)),
            ),
        };
        let allocations = match channel {
            None => vec![Allocation::Unlimited; demands.len()],
            Some(budget) => allocate(budget, &demands, allow_pause),
        };
        let mut changed = Vec::new();
        for (sid, allocation) in sids.into_iter().zip(allocations) {
            let Some(track) = self.media.tracks.get_mut(&sid) else {
                continue;
            };
            let publisher_sid = track.publisher_sid.as_str().to_owned();
            let Some(down) = track.down_tracks.of_mut(key) else {
                continue;
            };
            down.forwarder.set_allocated(allocation);
            let paused = allocation == Allocation::Paused;
            down.quality.set_paused(paused);
            if std::mem::replace(&mut down.paused, paused) != paused {
                changed.push(proto::StreamStateInfo {
                    participant_sid: publisher_sid,
                    track_sid: sid.as_str().to_owned(),
                    state: if paused {
                        proto::StreamState::Paused.into()
                    } else {
                        proto::StreamState::Active.into()
                    },
                });
            }
        }
        if !changed.is_empty()
            && let Some(participant) = self.roster.get_mut(key)
        {
            participant.send(Message::StreamStateUpdate(proto::StreamStateUpdate {
                stream_states: changed,
            }));
        }
    }
}
