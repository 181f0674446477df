//! Answering the client's offer: what str0m accepts, in the words LiveKit clients rely on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use str0m::change::SdpOffer;
use str0m::media::Mid;

use super::codec::PayloadTypes;
use super::down::Slot;
use super::error::NegotiationError;
use super::event::{CloseReason, PeerEvent, UpTrack};
use super::plan::{AnswerPlan, Description, PeerRole, PublishPlan};
use super::sdp::{Direction, Sdp, Section, malformed};
use super::up::{UpSlot, kind_of};
use super::{Peer, codec, reshape};
use crate::forward::Codec;

const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

impl Peer {
    /// Answers an offer of the client: announces its tracks ([`PeerEvent::UpTrack`]), ends those it no longer sends,
    /// and, in single mode, puts waiting down tracks on free receiving m-lines.
    pub fn handle_offer(
        &mut self,
        offer: &Description,
        plan: &AnswerPlan,
        now: Instant,
    ) -> Result<Description, NegotiationError> {
        if self.role == PeerRole::Subscriber {
            return Err(NegotiationError::WrongRole);
        }
        if self.closed {
            return Err(NegotiationError::Closed);
        }
        let parsed = Sdp::parse(&offer.sdp)?;
        check(&parsed)?;
        let accepted = SdpOffer::from_sdp_string(&for_str0m(&parsed, self.role).to_string())
            .map_err(|error| NegotiationError::Malformed(error.to_string()))?;

        self.advance(now);
        self.seat_down_tracks(&parsed);
        let answer = self.guarded(|rtc| rtc.sdp_api().accept_offer(accepted))?;
        let mut answer = Sdp::parse(&answer.to_sdp_string())?;
        self.keep_ufrag(&mut answer);
        self.liveness.described(now);
        self.payload_types = PayloadTypes::of(self.rtc.codec_config());
        self.streams.clear();
        self.data.described(&parsed);

        self.up.pair(&parsed, plan, &mut self.events);
        answer.forget_stream_names();
        for (section, offered) in answer.sections.iter_mut().zip(&parsed.sections) {
            self.answer_section(section, offered, plan);
        }
        self.announce_up_tracks(&answer);
        self.start_down_tracks();
        self.requested = false;
        self.want_negotiation();
        self.pump();
        Ok(Description {
            sdp: answer.to_string(),
            id: offer.id,
            mid_to_track_id: self.down.mid_to_track_id(),
        })
    }

    /// Runs a negotiation step; a description that breaks an assumption of str0m ends this connection only.
    pub(super) fn guarded<T>(
        &mut self,
        step: impl FnOnce(&mut str0m::Rtc) -> Result<T, str0m::RtcError>,
    ) -> Result<T, NegotiationError> {
        let rtc = &mut self.rtc;
        match catch_unwind(AssertUnwindSafe(|| step(rtc))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(NegotiationError::Malformed(error.to_string())),
            Err(_panic) => {
                self.close_with(CloseReason::Handshake);
                Err(malformed("the description is inconsistent"))
            }
        }
    }

    /// Notes the m-lines the client receives on and gives free ones to waiting tracks.
    fn seat_down_tracks(&mut self, offer: &Sdp) {
        if self.role != PeerRole::Single {
            return;
        }
        let slots: Vec<Slot> = offer
            .sections
            .iter()
            .filter(|section| section.direction().receives() && !section.is_rejected())
            .filter_map(|section| {
                let mid = Mid::from(section.mid()?);
                let known = self.down.slots.iter().find(|slot| slot.mid == mid);
                Some(Slot {
                    mid,
                    kind: kind_of(section)?,
                    used: known.is_some_and(|slot| slot.used),
                })
            })
            .collect();
        self.down.slots = slots;
        for track in &mut self.down.tracks {
            if track
                .mid
                .is_some_and(|mid| self.down.slots.iter().all(|slot| slot.mid != mid))
            {
                track.mid = None;
                track.sending = None;
            }
        }
        for index in 0..self.down.tracks.len() {
            let track = &self.down.tracks[index];
            if !track.is_waiting() {
                continue;
            }
            let Some(mid) = self.down.free_slot(track.spec.kind) else {
                continue;
            };
            self.down.tracks[index].mid = Some(mid);
            self.take_slot(mid);
        }
    }

    /// A slot that has played another track continues with new SSRCs: old packets and their retransmissions must not
    /// be taken for the new track's.
    pub(super) fn take_slot(&mut self, mid: Mid) {
        let Some(slot) = self.down.slots.iter_mut().find(|slot| slot.mid == mid) else {
            return;
        };
        let kind = slot.kind;
        if std::mem::replace(&mut slot.used, true) {
            let mut direct = self.rtc.direct_api();
            // Not `reset_stream_tx`: str0m 0.25 then still finds the stream under its old SSRC only.
            if let Some(old) = direct
                .stream_tx_by_mid(mid, None)
                .map(|stream| stream.ssrc())
            {
                direct.remove_stream_tx(old);
                let ssrc = direct.new_ssrc();
                // Chrome refuses a whole description when an audio stream has two SSRCs.
                let rtx = kind.is_video().then(|| direct.new_ssrc());
                direct.declare_stream_tx(ssrc, rtx, mid, None);
            }
        }
    }

    fn answer_section(&self, section: &mut Section, offered: &Section, plan: &AnswerPlan) {
        if !section.is_media() || section.is_rejected() {
            return;
        }
        keep_offered(section, offered);
        restore_fmtp(section, offered);
        if offered.direction().sends() {
            let slot = section.mid().and_then(|mid| self.up.by_mid(mid));
            let planned = slot.and_then(|slot| {
                Some((
                    slot,
                    plan.tracks
                        .iter()
                        .find(|track| track.track_sid == slot.track_sid)?,
                ))
            });
            answer_sender(section, offered, planned, &self.payload_types);
        }
        let down = section
            .mid()
            .map(Mid::from)
            .and_then(|mid| self.down.by_mid(mid));
        reshape::sender(section, down.map(|track| &track.spec), &self.payload_types);
    }

    fn announce_up_tracks(&mut self, answer: &Sdp) {
        for (mid, slot) in self.up.take_new() {
            let section = answer
                .sections
                .iter()
                .find(|section| section.mid() == Some(&mid));
            let Some((section, kind)) =
                section.and_then(|section| Some((section, kind_of(section)?)))
            else {
                continue;
            };
            let first = section.formats.iter().find_map(|format| {
                let payload_type: u8 = format.parse().ok()?;
                let codec = self.payload_types.codec(payload_type.into())?;
                (codec.is_video() == kind.is_video()).then_some((format, codec))
            });
            let Some((format, codec)) = first else {
                continue;
            };
            self.events.push_back(PeerEvent::UpTrack(UpTrack {
                id: slot.id,
                fmtp: section.fmtp(format).map(str::to_owned),
                mid,
                track_sid: slot.track_sid,
                sdp_cid: (slot.sdp_cid != slot.cid).then_some(slot.sdp_cid),
                cid: slot.cid,
                kind,
                rids: slot.rids,
                codec,
            }));
        }
    }

    /// Down tracks on m-lines that are negotiated now can be written to.
    pub(super) fn start_down_tracks(&mut self) {
        for track in &mut self.down.tracks {
            let Some(mid) = track.mid else { continue };
            if track.sending.is_some() || track.refused {
                continue;
            }
            let Some(media) = self.rtc.media(mid) else {
                continue;
            };
            let accepted = codec::accepted(
                self.rtc.codec_config(),
                media.remote_pts(),
                &track.spec.codecs,
                track.spec.fmtp.as_deref(),
            );
            let sends = media.direction().is_sending();
            let stream = self
                .rtc
                .direct_api()
                .stream_tx_by_mid(mid, None)
                .map(|stream| {
                    stream.set_rtx_cache(HISTORY_PACKETS, self.video_history, RETRANSMISSION_SHARE);
                    stream.ssrc()
                });
            match stream {
                Some(ssrc) if sends && !accepted.is_empty() => {
                    let codecs = accepted.iter().map(|accepted| accepted.codec).collect();
                    track.sending = Some(super::down::Sending { ssrc, accepted });
                    self.events.push_back(PeerEvent::DownTrackReady {
                        track: track.id,
                        codecs,
                    });
                }
                _ => {
                    track.refused = true;
                    track.mid = None;
                    self.events.push_back(PeerEvent::DownTrackRefused(track.id));
                }
            }
        }
    }
}

/// Packets kept per down track for retransmission, within [`super::PeerConfig::video_history`].
const HISTORY_PACKETS: usize = 1024;
/// Retransmissions may take half of what a stream sends; beyond that they make a congested path worse.
const RETRANSMISSION_SHARE: Option<f32> = Some(0.5);

/// Refuses what str0m would not survive.
pub(super) fn check(description: &Sdp) -> Result<(), NegotiationError> {
    for section in &description.sections {
        if section.mid().is_none() {
            return Err(malformed("an m-line has no mid"));
        }
        if section.is_media() {
            let valid = |text: &str| text.parse::<u8>().is_ok_and(|number| number < 128);
            let mapped = section.rtpmaps().map(|(payload_type, _)| payload_type);
            if !mapped
                .chain(section.formats.iter().map(String::as_str))
                .all(valid)
            {
                return Err(malformed("a payload type is not a number below 128"));
            }
        }
    }
    Ok(())
}

/// The offer with what str0m need not see: candidates it cannot parse or use, and transport-cc on m-lines that we send
/// on, so that the client reports its bandwidth as REMB.
fn for_str0m(offer: &Sdp, role: PeerRole) -> Sdp {
    let mut offer = offer.clone();
    for section in &mut offer.sections {
        section
            .retain(|line| !line.starts_with("a=candidate:") || reshape::is_usable_candidate(line));
        if role == PeerRole::Single && section.direction() == Direction::RecvOnly {
            section.retain(|line| !(line.starts_with("a=extmap:") && line.contains(TRANSPORT_CC)));
        }
    }
    offer
}

/// The answer repeats the offer's format parameters: payload types of a BUNDLE must agree on them, and
/// `x-google-start-bitrate` only works when it comes back.
fn restore_fmtp(section: &mut Section, offered: &Section) {
    for format in section.formats.clone() {
        let parameters = offered.fmtp(&format).map(str::to_owned);
        section.set_fmtp(&format, parameters.as_deref());
    }
}

/// str0m names a codec's RTX wherever it knows one; an answer may only hold what its own m-line offered (RFC 3264
/// section 6.1), and libwebrtc refuses the whole description otherwise.
fn keep_offered(section: &mut Section, offered: &Section) {
    let surplus: Vec<String> = section
        .formats
        .iter()
        .filter(|format| !offered.formats.contains(format))
        .cloned()
        .collect();
    for format in surplus {
        section.remove_format(&format);
    }
}

/// An m-line the client sends on.
fn answer_sender(
    section: &mut Section,
    offered: &Section,
    planned: Option<(&UpSlot, &PublishPlan)>,
    payload_types: &PayloadTypes,
) {
    mirror_simulcast(section, offered);
    for format in section.formats.clone() {
        let feedback = format!("rtcp-fb:{format} transport-cc");
        if offered.contains(&feedback) && !section.contains(&feedback) {
            section.push(&feedback);
        }
    }
    let Some((slot, plan)) = planned else { return };
    let source = plan.sources.iter().find(|source| source.cid == slot.cid);
    let mut preferred = Vec::from_iter(source.and_then(|source| source.codec));
    if section.kind == "audio" {
        if plan.red {
            preferred.insert(0, Codec::Red);
        } else {
            reshape::drop_codec(section, Codec::Red, payload_types);
        }
        shape_opus(section, plan, payload_types);
    }
    reshape::prefer(section, &preferred, payload_types);
}

/// str0m keeps the simulcast streams an m-line was born with; the answer mirrors those it has now.
fn mirror_simulcast(section: &mut Section, offered: &Section) {
    section.remove(&["rid", "simulcast"]);
    let rids = offered.rids("send");
    for rid in &rids {
        section.push(&format!("rid:{rid} recv"));
    }
    if !rids.is_empty() && offered.value("simulcast").is_some() {
        section.push(&format!("simulcast:recv {}", rids.join(";")));
    }
}

fn shape_opus(section: &mut Section, plan: &PublishPlan, payload_types: &PayloadTypes) {
    for format in reshape::formats_of(section, Codec::Opus, payload_types) {
        let offered = section.fmtp(&format).unwrap_or_default();
        let mut parameters: Vec<&str> = offered
            .split(';')
            .filter(|parameter| {
                !parameter.is_empty() && !["usedtx", "stereo"].contains(&name(parameter))
            })
            .collect();
        if plan.dtx {
            parameters.push("usedtx=1");
        }
        if plan.stereo {
            parameters.extend(["stereo=1", "maxaveragebitrate=510000"]);
        }
        let parameters = parameters.join(";");
        section.set_fmtp(&format, (!parameters.is_empty()).then_some(&parameters));
    }
}

fn name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default().trim()
}
