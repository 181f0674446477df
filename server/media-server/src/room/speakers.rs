//! Who speaks, told to those who can hear it (rtc/room.go audioUpdateWorker, onSubscribeStatusChanged).

use livekit_protocol as proto;
use livekit_wire::ParticipantSid;
use proto::signal_response::Message;

use super::Room;
use crate::ground::Now;
use crate::participant::ParticipantKey;

impl Room {
    /// Tells what changed since the last time.
    pub(super) fn update_speakers(&mut self, now: Now) {
        let levels = self.media.levels(now.instant);
        let changes: Vec<_> = self
            .media
            .speakers
            .update(levels)
            .into_iter()
            .filter_map(|change| {
                let speaker = self.roster.get(change.key)?;
                Some((
                    change.key,
                    speaker_info(&speaker.sid, change.level, change.active),
                ))
            })
            .collect();
        self.tell_speakers(&changes);
    }

    /// Somebody left, or fell silent by muting: told at once.
    pub(super) fn forget_speaker(&mut self, key: ParticipantKey) {
        let still: Vec<_> = self
            .media
            .speakers
            .active()
            .into_iter()
            .filter(|speaker| speaker.key != key)
            .map(|speaker| (speaker.key, f64::from(speaker.level)))
            .collect();
        let gone = self
            .media
            .speakers
            .update(still)
            .into_iter()
            .any(|change| change.key == key);
        let Some(sid) = self.roster.get(key).map(|speaker| speaker.sid.clone()) else {
            return;
        };
        if gone {
            self.tell_speakers(&[(key, speaker_info(&sid, 0.0, false))]);
        }
    }

    fn tell_speakers(&mut self, changes: &[(ParticipantKey, proto::SpeakerInfo)]) {
        if changes.is_empty() {
            return;
        }
        let audiences: Vec<_> = changes
            .iter()
            .map(|(key, _)| self.subscribers_of(*key))
            .collect();
        for participant in self.roster.iter_mut() {
            let speakers: Vec<_> = changes
                .iter()
                .zip(&audiences)
                .filter(|((key, _), audience)| {
                    *key == participant.key || audience.contains(&participant.key)
                })
                .map(|((_, info), _)| info.clone())
                .collect();
            if !speakers.is_empty() && participant.protocol().subscriber_primary() {
                participant.send(Message::SpeakersChanged(proto::SpeakersChanged {
                    speakers,
                }));
            }
        }
    }

    /// A new subscriber hears that its publisher speaks, and how well it is connected.
    pub(super) fn tell_about_publisher(
        &mut self,
        subscriber: ParticipantKey,
        publisher: ParticipantKey,
    ) {
        let Some(sid) = self.roster.get(publisher).map(|found| found.sid.clone()) else {
            return;
        };
        let speaking = self
            .media
            .speakers
            .active()
            .into_iter()
            .find(|speaker| speaker.key == publisher);
        let quality = self.quality_info(publisher, subscriber);
        let Some(participant) = self.roster.get_mut(subscriber) else {
            return;
        };
        if let Some(speaking) = speaking {
            participant.send(Message::SpeakersChanged(proto::SpeakersChanged {
                speakers: vec![speaker_info(&sid, speaking.level, true)],
            }));
        }
        if let Some(quality) = quality
            && participant.protocol().knows_connection_quality()
        {
            participant.send(Message::ConnectionQuality(proto::ConnectionQualityUpdate {
                updates: vec![quality],
            }));
        }
    }

    /// Whoever has nothing of a publisher any more does not hear it speak.
    pub(super) fn subscription_ended(
        &mut self,
        subscriber: ParticipantKey,
        publisher: ParticipantKey,
    ) {
        if self.is_subscribed_to(subscriber, publisher) {
            return;
        }
        let Some(sid) = self.roster.get(publisher).map(|found| found.sid.clone()) else {
            return;
        };
        if let Some(participant) = self.roster.get_mut(subscriber) {
            participant.send(Message::SpeakersChanged(proto::SpeakersChanged {
                speakers: vec![speaker_info(&sid, 0.0, false)],
            }));
        }
    }
}

pub(super) fn speaker_info(sid: &ParticipantSid, level: f32, active: bool) -> proto::SpeakerInfo {
    proto::SpeakerInfo {
        sid: sid.as_str().to_owned(),
        level,
        active,
    }
}
