//! Who gets which track: wishes, permissions, retries, and the down tracks that come of them
//! (rtc/subscriptionmanager.go).

use std::collections::HashSet;
use std::time::Instant;

use livekit_protocol as proto;
use livekit_wire::TrackSid;
use proto::signal_response::Message;
use proto::{SubscriptionError, TrackType};
use rand::RngExt as _;
use str0m::media::MediaKind;

use super::Room;
use super::down_track::{DownTrack, wanted_layer};
use super::track::Track;
use crate::forward::{Codec, StreamStart, VideoQuality};
use crate::ground::Now;
use crate::participant::{ParticipantKey, Subscription, SubscriptionState};
use crate::peer::{DownTrackId, DownTrackSpec};

/// Wishes one participant may have open for tracks that do not exist.
const MAX_SUBSCRIPTIONS: usize = 2_000;

impl Room {
    /// Wishes every track that is there, for those who want all.
    pub(super) fn subscribe_to_existing(&mut self, key: ParticipantKey, now: Now) {
        if !self
            .roster
            .get(key)
            .is_some_and(|participant| participant.auto_subscribe)
        {
            return;
        }
        let mut others: Vec<_> = self
            .media
            .tracks
            .iter()
            .filter(|(_, track)| track.publisher != key)
            .map(|(sid, track)| (track.publisher, sid.clone()))
            .collect();
        others.sort();
        for (_, sid) in others {
            self.subscribe(key, &sid, now);
        }
    }

    /// A participant wants a track.
    pub(super) fn subscribe(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return;
        }
        participant
            .subscriptions
            .entry(sid.clone())
            .or_insert_with(|| Subscription::new(now.instant));
        self.try_subscribe(key, sid, now);
    }

    /// A participant does not want a track any more.
    pub(super) fn unsubscribe(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.subscriptions.remove(sid).is_some() {
            self.drop_down_track(key, sid, now);
        }
    }

    /// Tries every wish whose time has come.
    pub(super) fn reconcile(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let due: Vec<_> = participant
            .subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.is_due(now.instant))
            .map(|(sid, _)| sid.clone())
            .collect();
        for sid in due {
            self.try_subscribe(key, &sid, now);
        }
    }

    fn try_subscribe(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let publisher = self.media.tracks.get(sid).map(|track| track.publisher);
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let can_subscribe = participant.can_subscribe();
        let Some(subscription) = participant.subscriptions.get_mut(sid) else {
            return;
        };
        if subscription.state == SubscriptionState::Active {
            return;
        }
        subscription.postpone(now.instant);
        if publisher == Some(key) {
            participant.subscriptions.remove(sid);
            return;
        }
        let Some(publisher) = publisher else {
            if can_subscribe && subscription.is_hopeless(now.instant) {
                participant.subscriptions.remove(sid);
                participant.send(Message::SubscriptionResponse(proto::SubscriptionResponse {
                    track_sid: sid.as_str().to_owned(),
                    err: SubscriptionError::SeTrackNotfound.into(),
                }));
            }
            return;
        };
        if can_subscribe && self.check_permission(key, publisher, sid) {
            self.add_down_track(key, sid, now);
        }
    }

    /// Whether the publisher lets the participant have the track; a change is told to the participant.
    fn check_permission(
        &mut self,
        key: ParticipantKey,
        publisher: ParticipantKey,
        sid: &TrackSid,
    ) -> bool {
        let Some((identity, recorder)) = self
            .roster
            .get(key)
            .map(|participant| (participant.identity.clone(), participant.is_recorder()))
        else {
            return false;
        };
        let Some(owner) = self.roster.get(publisher) else {
            return false;
        };
        let allowed = recorder || owner.track_permissions.allows(&identity, sid);
        let owner_sid = owner.sid.as_str().to_owned();
        let Some(participant) = self.roster.get_mut(key) else {
            return false;
        };
        let Some(subscription) = participant.subscriptions.get_mut(sid) else {
            return false;
        };
        if subscription.allowed != Some(allowed) {
            subscription.allowed = Some(allowed);
            participant.send(Message::SubscriptionPermissionUpdate(
                proto::SubscriptionPermissionUpdate {
                    participant_sid: owner_sid,
                    track_sid: sid.as_str().to_owned(),
                    allowed,
                },
            ));
        }
        allowed
    }

    fn add_down_track(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.get(sid) else {
            return;
        };
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let Some(index) = track.encodings.iter().position(|encoding| encoding.live) else {
            return;
        };
        let encoding = &track.encodings[index];
        let sync = self.sync_streams && participant.protocol().syncs_streams();
        let spec = DownTrackSpec {
            track_sid: sid.as_str().to_owned(),
            stream_id: stream_id(track, sid, sync, participant.protocol().packs_stream_ids()),
            kind: match track.info.r#type() {
                TrackType::Video => MediaKind::Video,
                TrackType::Audio | TrackType::Data => MediaKind::Audio,
            },
            codecs: accepted_codecs(encoding.codec),
            fmtp: encoding.fmtp.clone(),
            stereo: track
                .info
                .audio_features()
                .any(|feature| feature == proto::AudioTrackFeature::TfStereo),
        };
        let link = participant.down_link();
        let peer = link.id;
        let id = link.connection.add_down_track(spec);
        let start = StreamStart {
            seq: self.random.random(),
            time: self.random.random(),
        };
        let mut down = DownTrack::new(key, id, index, encoding.codec, start, now.instant);
        if let Some(settings) = participant.track_settings.get(sid) {
            down.set_settings(settings);
        }
        down.forwarder.set_publisher_muted(track.info.muted);
        let publisher = track.publisher;
        if let Some(subscription) = participant.subscriptions.get_mut(sid) {
            subscription.state = SubscriptionState::Active;
        }
        let first_of_publisher = !self.is_subscribed_to(key, publisher);
        self.media.tracks.add_copy(sid, down);
        self.mark_dirty(peer);
        self.apply_settings(key, sid, now);
        if first_of_publisher {
            self.tell_about_publisher(key, publisher);
        }
    }

    /// Everybody who has at least one track of a publisher.
    pub(super) fn subscribers_of(&self, publisher: ParticipantKey) -> HashSet<ParticipantKey> {
        self.tracks_of(publisher)
            .flat_map(|track| track.down_tracks.iter())
            .map(|down| down.subscriber)
            .collect()
    }

    pub(super) fn is_subscribed_to(&self, key: ParticipantKey, publisher: ParticipantKey) -> bool {
        self.tracks_of(publisher)
            .any(|track| track.down_tracks.contains(key))
    }

    /// Everybody of whom a participant has at least one track.
    pub(super) fn publishers_for(&self, subscriber: ParticipantKey) -> HashSet<ParticipantKey> {
        self.roster
            .get(subscriber)
            .into_iter()
            .flat_map(|participant| participant.subscriptions.keys())
            .filter_map(|sid| self.media.tracks.get(sid))
            .filter(|track| track.down_tracks.contains(subscriber))
            .map(|track| track.publisher)
            .collect()
    }

    fn tracks_of(&self, publisher: ParticipantKey) -> impl Iterator<Item = &Track> {
        self.roster
            .get(publisher)
            .into_iter()
            .flat_map(|participant| &participant.tracks)
            .filter_map(|sid| self.media.tracks.get(sid))
    }

    /// The client knows the down track now.
    pub(super) fn down_track_ready(
        &mut self,
        key: ParticipantKey,
        id: DownTrackId,
        codecs: &[Codec],
        now: Now,
    ) {
        let Some(sid) = self.media.tracks.copied_as(key, id).cloned() else {
            return;
        };
        let Some(track) = self.media.tracks.get_mut(&sid) else {
            return;
        };
        if let Some(down) = track.down_tracks.of_mut(key) {
            codecs.clone_into(&mut down.codecs);
        }
        let publisher = track.publisher;
        let first_subscriber = !std::mem::replace(&mut track.subscribed_message_sent, true);
        if first_subscriber && let Some(publisher) = self.roster.get_mut(publisher) {
            publisher.send(Message::TrackSubscribed(proto::TrackSubscribed {
                track_sid: sid.as_str().to_owned(),
            }));
        }
        self.retarget_track(&sid, now);
    }

    /// The client cannot decode the track: it gets another codec if there is one, else an error.
    pub(super) fn down_track_refused(&mut self, key: ParticipantKey, id: DownTrackId, now: Now) {
        let Some(sid) = self.media.tracks.copied_as(key, id).cloned() else {
            return;
        };
        let Some(down) = self.media.tracks.remove_copy(&sid, key) else {
            return;
        };
        self.close_down_track(key, id);
        let Some(track) = self.media.tracks.get_mut(&sid) else {
            return;
        };
        let Some(encoding) = track.encodings.get(down.encoding) else {
            return;
        };
        let refused = encoding.codec;
        let backup = track.backup_codec(&[refused]);
        if let (Some(backup), Some(dynacast)) = (backup, &mut track.dynacast) {
            dynacast.set_wanted(key, refused, None, now.instant);
            dynacast.add_codec(backup, now.instant);
            dynacast.set_wanted(key, backup, Some(VideoQuality::High), now.instant);
        }
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if backup.is_some() {
            if let Some(subscription) = participant.subscriptions.get_mut(&sid) {
                subscription.postpone(now.instant);
            }
        } else {
            participant.subscriptions.remove(&sid);
            participant.send(Message::SubscriptionResponse(proto::SubscriptionResponse {
                track_sid: sid.as_str().to_owned(),
                err: SubscriptionError::SeCodecUnsupported.into(),
            }));
        }
        self.poll_dynacast(&sid, now);
    }

    /// Another codec of the track came or went: those who wait for one try again.
    pub(super) fn retry_down_tracks(&mut self, sid: &TrackSid, now: Now) {
        let waiting: Vec<_> = self
            .roster
            .iter_mut()
            .filter_map(|participant| {
                participant
                    .subscriptions
                    .get_mut(sid)?
                    .restart_if_waiting(now.instant);
                Some(participant.key)
            })
            .collect();
        for key in waiting {
            self.reconcile(key, now);
        }
    }

    /// Takes one track away from one participant.
    pub(super) fn drop_down_track(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(down) = self.media.tracks.remove_copy(sid, key) else {
            return;
        };
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let publisher = track.publisher;
        forget_wishes(track, key, now.instant);
        self.close_down_track(key, down.id);
        self.poll_dynacast(sid, now);
        self.subscription_ended(key, publisher);
    }

    /// Takes every track away from a participant who leaves.
    pub(super) fn drop_all_down_tracks(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let sids: Vec<_> = participant.subscriptions.keys().cloned().collect();
        for sid in sids {
            if self.media.tracks.remove_copy(&sid, key).is_none() {
                continue;
            }
            if let Some(track) = self.media.tracks.get_mut(&sid) {
                forget_wishes(track, key, now.instant);
            }
            self.poll_dynacast(&sid, now);
        }
    }

    /// Takes every track away from a participant who may not have any, and keeps its wishes.
    pub(super) fn suspend_subscriptions(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let mut active = Vec::new();
        for (sid, subscription) in &mut participant.subscriptions {
            if subscription.state == SubscriptionState::Active {
                subscription.postpone(now.instant);
                active.push(sid.clone());
            }
        }
        for sid in active {
            self.drop_down_track(key, &sid, now);
        }
    }

    /// Gives back what was taken away, as far as it is still wished.
    pub(super) fn restore_subscriptions(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        for subscription in participant.subscriptions.values_mut() {
            subscription.restart_if_waiting(now.instant);
        }
        self.reconcile(key, now);
    }

    /// The publisher changed who may have the track.
    pub(super) fn recheck_subscribers(&mut self, sid: &TrackSid, now: Now) {
        let Some(publisher) = self.media.tracks.get(sid).map(|track| track.publisher) else {
            return;
        };
        let wanting: Vec<_> = self
            .roster
            .iter()
            .filter(|participant| participant.subscriptions.contains_key(sid))
            .map(|participant| participant.key)
            .collect();
        for key in wanting {
            if self.check_permission(key, publisher, sid) {
                if let Some(subscription) = self
                    .roster
                    .get_mut(key)
                    .and_then(|participant| participant.subscriptions.get_mut(sid))
                {
                    subscription.restart_if_waiting(now.instant);
                }
                self.try_subscribe(key, sid, now);
            } else {
                if let Some(subscription) = self
                    .roster
                    .get_mut(key)
                    .and_then(|participant| participant.subscriptions.get_mut(sid))
                {
                    subscription.postpone(now.instant);
                }
                self.drop_down_track(key, sid, now);
            }
        }
    }

    pub(super) fn close_down_track(&mut self, key: ParticipantKey, id: DownTrackId) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        let link = participant.down_link();
        link.connection.remove_down_track(id);
        let peer = link.id;
        self.mark_dirty(peer);
    }

    /// `trackSetting`
    pub(super) fn update_track_settings(
        &mut self,
        key: ParticipantKey,
        settings: &proto::UpdateTrackSettings,
        now: Now,
    ) {
        for sid in &settings.track_sids {
            let sid = TrackSid::from_wire(sid.clone());
            self.set_track_settings(key, &sid, settings.clone(), now);
        }
    }

    pub(super) fn set_track_settings(
        &mut self,
        key: ParticipantKey,
        sid: &TrackSid,
        mut settings: proto::UpdateTrackSettings,
        now: Now,
    ) {
        settings.track_sids.clear();
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if participant.track_settings.len() >= MAX_SUBSCRIPTIONS {
            let tracks = &self.media.tracks;
            participant
                .track_settings
                .retain(|sid, _| tracks.contains(sid));
        }
        if participant.track_settings.len() < MAX_SUBSCRIPTIONS {
            participant
                .track_settings
                .insert(sid.clone(), settings.clone());
        }
        let Some(down) = self
            .media
            .tracks
            .get_mut(sid)
            .and_then(|track| track.down_tracks.of_mut(key))
        else {
            return;
        };
        down.set_settings(&settings);
        self.apply_settings(key, sid, now);
    }

    /// Turns a subscriber's wishes into a layer, and tells the publisher what is needed of it.
    pub(super) fn apply_settings(&mut self, key: ParticipantKey, sid: &TrackSid, now: Now) {
        let Some(track) = self.media.tracks.get_mut(sid) else {
            return;
        };
        let Some(index) = track.down_tracks.of(key).map(|down| down.encoding) else {
            return;
        };
        let sizes = track.sizes(index);
        let (Some(down), Some(encoding)) = (
            track.down_tracks.of_mut(key),
            track.encodings.get_mut(index),
        ) else {
            return;
        };
        let wanted = wanted_layer(&down.settings, &sizes, &mut encoding.incoming, now.instant);
        down.wanted = wanted;
        down.forwarder.set_max_layer(wanted);
        down.quality
            .set_muted(wanted.is_none() || track.info.muted, now.instant);
        if let Some(dynacast) = &mut track.dynacast {
            let quality = wanted.map(|layer| VideoQuality::from_spatial(layer.spatial));
            dynacast.set_wanted(key, encoding.codec, quality, now.instant);
        }
        self.poll_dynacast(sid, now);
        self.retarget_track(sid, now);
    }
}

fn forget_wishes(track: &mut Track, key: ParticipantKey, now: Instant) {
    let Some(dynacast) = &mut track.dynacast else {
        return;
    };
    for encoding in &track.encodings {
        dynacast.set_wanted(key, encoding.codec, None, now);
    }
}

/// Audio is taken with or without redundancy.
fn accepted_codecs(codec: Codec) -> Vec<Codec> {
    match codec {
        Codec::Opus | Codec::Red => vec![
            codec,
            if codec == Codec::Red {
                Codec::Opus
            } else {
                Codec::Red
            },
        ],
        Codec::Pcmu
        | Codec::Pcma
        | Codec::Vp8
        | Codec::H264
        | Codec::Vp9
        | Codec::Av1
        | Codec::H265 => vec![codec],
    }
}

/// First word of the msid: `PA_…|TR_…`, or with a shared stream `PA_…|<stream>`; very old clients want the sid alone.
fn stream_id(track: &Track, sid: &TrackSid, sync: bool, packed: bool) -> String {
    let publisher = &track.publisher_sid;
    if !packed {
        return publisher.as_str().to_owned();
    }
    if sync && !track.info.stream.is_empty() {
        return format!("{publisher}|{}", track.info.stream);
    }
    format!("{publisher}|{sid}")
}
