//! The end of a participant's stay, and of the room (rtc/room.go RemoveParticipant, Close).

use livekit_protocol as proto;
use proto::signal_response::Message;

use super::Room;
use crate::ground::Now;
use crate::participant::{CloseReason, ParticipantKey, leave_request};

impl Room {
    /// Ends a stay: `leave` to the client, its tracks unpublished, the others told.
    pub(crate) fn remove(&mut self, key: ParticipantKey, reason: CloseReason, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        tracing::info!(
            room = %self.name, identity = %participant.identity, participant = %participant.sid,
            ?reason, "participant leaves"
        );
        let action = match reason {
            CloseReason::ServerShutdown if participant.is_sent_by_worker() => {
                proto::leave_request::Action::Disconnect
            }
            reason => reason.action(),
        };
        let leave = leave_request(reason.disconnect_reason(), action, participant.protocol());
        let tells_client = !matches!(reason, CloseReason::SignalClosed);
        if tells_client {
            participant.send(Message::Leave(leave));
        }
        participant.signal.close();
        participant.close(reason);
        for track in participant.tracks.clone() {
            self.remove_track(&track, now);
        }
        self.drop_all_down_tracks(key, now);
        self.forget_speaker(key);
        self.media.forget_quality(key);
        self.fail_rpcs_of(key);
        let Some(mut participant) = self.roster.remove(key) else {
            return;
        };
        for (_, link) in participant.links() {
            self.links.remove(link);
        }
        self.lifetime.somebody_left(now.instant);
        let info = participant.info(Vec::new());
        if !participant.is_hidden() {
            self.remember_departure(info.clone(), now);
            let replaced = reason == CloseReason::DuplicateIdentity;
            self.broadcast_info(
                &participant.identity,
                info.clone(),
                false,
                replaced,
                None,
                now,
            );
        }
        let event = if participant.was_active() {
            "participant_left"
        } else {
            "participant_connection_aborted"
        };
        self.tell_participant(event, info, now);
        self.tell_agents_left(participant.identity.clone());
        if participant.is_recorder() && !self.is_recorded() {
            self.send_room_update();
        }
        self.room_changed(now);
    }

    /// Ends the room: everybody leaves for this reason.
    pub fn close(&mut self, reason: CloseReason, now: Now) {
        if self.lifetime.is_finished() {
            return;
        }
        self.tell_agents_closed();
        for key in self.roster.keys() {
            self.remove(key, reason, now);
        }
        self.lifetime.finish();
        tracing::info!(room = %self.name, room_sid = %self.sid, ?reason, "room ends");
        self.tell_room_finished(now);
    }

    /// Sends the client away to start anew, and ends this stay.
    pub(super) fn demand_full_reconnect(&mut self, key: ParticipantKey, now: Now) {
        self.remove(key, CloseReason::StateMismatch, now);
    }

    /// The signal connection is gone: the stay goes on while media does.
    pub(super) fn signal_lost(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if !participant.comes_back() {
            self.remove(key, CloseReason::ConnectionTimeout, now);
            return;
        }
        participant.signal.lost();
        // Nobody is there to answer an offer; the next signal connection gets a new one.
        participant.negotiation.forgive();
        if participant.farewell_by.is_some() {
            // Media is closed as well: nobody is left.
            self.remove(key, CloseReason::ConnectionTimeout, now);
        } else if !participant.has_connected() {
            self.remove(key, CloseReason::SignalClosed, now);
        } else if !participant.has_media() {
            self.give_up_after(key, super::timers::RESUME_TIMEOUT, now);
        }
    }

    /// A peer connection is beyond repair by itself: the client is asked to resume, and given up if it does not.
    pub(super) fn transport_failed(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if !participant.comes_back() {
            self.remove(key, CloseReason::ConnectionTimeout, now);
            return;
        }
        if participant.protocol().knows_leave_actions() {
            participant.send(Message::Leave(leave_request(
                CloseReason::ConnectionTimeout.disconnect_reason(),
                proto::leave_request::Action::Resume,
                participant.protocol(),
            )));
        }
        participant.signal.close();
        participant.farewell_by = None;
        self.give_up_after(key, super::timers::RESUME_TIMEOUT, now);
    }

    /// Ends the stay unless media comes back in time.
    pub(super) fn give_up_after(
        &mut self,
        key: ParticipantKey,
        wait: std::time::Duration,
        now: Now,
    ) {
        let give_up = now.instant + wait;
        if let Some(participant) = self.roster.get_mut(key) {
            participant.give_up_at = Some(give_up);
        }
        self.wake_at(give_up);
    }
}
