//! Session descriptions and candidates between the client and its peer connections.

use livekit_protocol as proto;
use proto::signal_response::Message;

use super::Room;
use crate::ground::{Now, SignalMode};
use crate::participant::{CloseReason, ParticipantKey, Target, publish_plan};
use crate::peer::{AnswerPlan, Description, NegotiationError};

impl Room {
    pub(super) fn handle_offer(
        &mut self,
        key: ParticipantKey,
        offer: &proto::SessionDescription,
        now: Now,
    ) {
        let plan = self.answer_plan(key);
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let link = &mut participant.publisher;
        let peer = link.id;
        match link
            .connection
            .handle_offer(&description(offer), &plan, now.instant)
        {
            Ok(answer) => {
                participant.send(Message::Answer(session_description(answer, "answer")));
            }
            Err(NegotiationError::Closed) => {}
            Err(
                error @ (NegotiationError::Malformed(_)
                | NegotiationError::TooLarge
                | NegotiationError::Stale
                | NegotiationError::WrongRole),
            ) => {
                tracing::warn!(participant = %participant.sid, %error, "offer refused");
                self.remove(key, CloseReason::BadNegotiation, now);
                return;
            }
        }
        self.mark_dirty(peer);
        self.flush(now);
    }

    pub(super) fn handle_answer(
        &mut self,
        key: ParticipantKey,
        answer: &proto::SessionDescription,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let Some(link) = &mut participant.subscriber else {
            return;
        };
        let peer = link.id;
        match link
            .connection
            .handle_answer(&description(answer), now.instant)
        {
            Ok(()) => {
                participant.negotiation.answered();
                if let Some(deadline) = participant.negotiation.deadline() {
                    self.wake_at(deadline);
                }
            }
            // An answer to an older offer: the one that counts is still to come.
            Err(NegotiationError::Stale | NegotiationError::Closed) => {}
            Err(
                error @ (NegotiationError::Malformed(_)
                | NegotiationError::TooLarge
                | NegotiationError::WrongRole),
            ) => {
                tracing::warn!(participant = %participant.sid, %error, "answer refused");
                self.remove(key, CloseReason::BadNegotiation, now);
                return;
            }
        }
        self.mark_dirty(peer);
        self.flush(now);
    }

    pub(super) fn handle_trickle(
        &mut self,
        key: ParticipantKey,
        trickle: &proto::TrickleRequest,
        now: Now,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let target = match trickle.target() {
            proto::SignalTarget::Publisher => Target::Publisher,
            proto::SignalTarget::Subscriber => Target::Subscriber,
        };
        let link = participant.link(target);
        link.connection
            .add_remote_candidate(&trickle.candidate_init, now.instant);
        let peer = link.id;
        self.mark_dirty(peer);
    }

    /// Sends an offer, or asks for one, where that is due.
    pub(super) fn negotiate_if_due(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.negotiation.timed_out(now.instant) {
            tracing::warn!(participant = %participant.sid, "offer was not answered");
            self.demand_full_reconnect(key, now);
            return;
        }
        if !participant.signal.is_open() || !participant.negotiation.take_due(now.instant) {
            return;
        }
        let peer = match participant.mode {
            // Its client is sent nothing, and could not be asked.
            SignalMode::OneShot => return,
            SignalMode::Dual => {
                let Some(link) = &mut participant.subscriber else {
                    return;
                };
                let peer = link.id;
                if let Some(offer) = link.connection.create_offer(now.instant) {
                    participant.negotiation.offered(now.instant);
                    participant.send(Message::Offer(session_description(offer, "offer")));
                }
                peer
            }
            SignalMode::Single => {
                let link = &mut participant.publisher;
                let peer = link.id;
                let needed = link.connection.sections_requirement();
                participant.send(Message::MediaSectionsRequirement(
                    proto::MediaSectionsRequirement {
                        num_audios: needed.audios,
                        num_videos: needed.videos,
                    },
                ));
                peer
            }
        };
        if let Some(deadline) = self
            .roster
            .get(key)
            .and_then(|participant| participant.negotiation.deadline())
        {
            self.wake_at(deadline);
        }
        self.mark_dirty(peer);
    }

    pub(super) fn request_negotiation(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let due = participant.negotiation.request(now.instant);
        self.wake_at(due);
    }

    fn answer_plan(&self, key: ParticipantKey) -> AnswerPlan {
        let Some(participant) = self.roster.get(key) else {
            return AnswerPlan::default();
        };
        let published = participant
            .tracks
            .iter()
            .filter_map(|sid| self.media.tracks.get(sid))
            .map(|track| publish_plan(&track.cid, &track.info));
        let announced = participant
            .announced
            .iter()
            .filter(|track| !track.queued)
            .map(crate::participant::AnnouncedTrack::plan);
        AnswerPlan {
            tracks: published.chain(announced).collect(),
        }
    }
}

fn description(description: &proto::SessionDescription) -> Description {
    Description {
        sdp: description.sdp.clone(),
        id: description.id,
        mid_to_track_id: description.mid_to_track_id.clone().into_iter().collect(),
    }
}

fn session_description(description: Description, kind: &str) -> proto::SessionDescription {
    proto::SessionDescription {
        r#type: kind.to_owned(),
        sdp: description.sdp,
        id: description.id,
        mid_to_track_id: description.mid_to_track_id.into_iter().collect(),
    }
}
