//! What a client can say on its signal connection, each message to its action.

use livekit_protocol as proto;
use livekit_wire::{ParticipantSid, TrackSid};
use proto::signal_request::Message;

use super::Room;
use crate::ground::{Now, SessionId};
use crate::participant::{CloseReason, ParticipantKey};

impl Room {
    /// A frame from a client; one from a replaced signal connection is ignored.
    pub fn handle_signal(
        &mut self,
        participant: &ParticipantSid,
        session: SessionId,
        request: proto::SignalRequest,
        now: Now,
    ) {
        let Some(key) = self.roster.by_sid(participant) else {
            return;
        };
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if !participant.signal.is(session) {
            return;
        }
        if !participant.signal_allowance.take(1.0, now.instant) {
            tracing::warn!(participant = %participant.sid, "signal flood");
            self.remove(key, CloseReason::Flooding, now);
            return;
        }
        if let Some(message) = request.message {
            self.handle_message(key, message, now);
        }
    }

    /// A client's signal connection is gone.
    pub fn handle_signal_closed(
        &mut self,
        participant: &ParticipantSid,
        session: SessionId,
        now: Now,
    ) {
        let Some(key) = self.roster.by_sid(participant) else {
            return;
        };
        if self
            .roster
            .get(key)
            .is_some_and(|found| found.signal.is(session))
        {
            self.signal_lost(key, now);
        }
    }

    #[expect(deprecated, reason = "old clients still send updateLayers")]
    fn handle_message(&mut self, key: ParticipantKey, message: Message, now: Now) {
        match message {
            Message::Offer(offer) => self.handle_offer(key, &offer, now),
            Message::Answer(answer) => self.handle_answer(key, &answer, now),
            Message::Trickle(trickle) => self.handle_trickle(key, &trickle, now),
            Message::AddTrack(request) => self.add_track(key, &request, now),
            Message::Mute(request) => self.client_mutes(key, &request, now),
            Message::Subscription(wishes) => self.update_subscriptions(
                key,
                &wishes.track_sids,
                &wishes.participant_tracks,
                wishes.subscribe,
                now,
            ),
            Message::TrackSetting(settings) => self.update_track_settings(key, &settings, now),
            Message::Leave(leave) => {
                self.remove(key, CloseReason::ClientLeft(leave.reason().into()), now);
            }
            Message::SubscriptionPermission(permission) => {
                self.update_track_permissions(key, &permission, now);
            }
            Message::SyncState(state) => self.sync_state(key, &state, now),
            Message::Simulate(scenario) => self.simulate(key, &scenario, now),
            Message::UpdateMetadata(request) => self.client_updates_itself(key, &request, now),
            Message::UpdateAudioTrack(request) => self.update_audio_track(key, &request, now),
            Message::UpdateVideoTrack(request) => self.update_video_track(key, &request, now),
            Message::PublishDataTrackRequest(request) => {
                self.refuse_data_track(key, request);
            }
            Message::UnpublishDataTrackRequest(request) => {
                self.refuse_unpublish_data_track(key, request);
            }
            // The signal endpoint answers pings itself; layers come with addTrack since protocol 8; data tracks and
            // blobs are not offered, and nothing waits for an answer to these.
            Message::Ping(_)
            | Message::PingReq(_)
            | Message::UpdateLayers(_)
            | Message::UpdateDataSubscription(_)
            | Message::StoreDataBlobRequest(_)
            | Message::GetDataBlobRequest(_) => {}
        }
    }

    pub(crate) fn update_subscriptions(
        &mut self,
        key: ParticipantKey,
        tracks: &[String],
        participant_tracks: &[proto::ParticipantTracks],
        subscribe: bool,
        now: Now,
    ) {
        let sids = tracks
            .iter()
            .chain(
                participant_tracks
                    .iter()
                    .flat_map(|tracks| &tracks.track_sids),
            )
            .cloned()
            .map(TrackSid::from_wire);
        for sid in sids {
            if subscribe {
                self.subscribe(key, &sid, now);
            } else {
                self.unsubscribe(key, &sid, now);
            }
        }
    }
}
