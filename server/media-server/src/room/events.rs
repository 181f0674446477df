//! What the room tells over webhooks, with LiveKit's content rules (telemetry/events.go): tracks' events carry only the
//! ids of room and participant unless the full room is asked for.

use std::time::UNIX_EPOCH;

use livekit_protocol as proto;
use livekit_wire::ids::random_id;

use super::{Room, track::Track};
use crate::ground::Now;

/// What is told of a track.
pub(super) struct TrackNews {
    publisher: proto::ParticipantInfo,
    track: proto::TrackInfo,
}

impl TrackNews {
    /// The track as it is now.
    pub fn of(track: &Track) -> Self {
        Self {
            publisher: proto::ParticipantInfo {
                sid: track.publisher_sid.as_str().to_owned(),
                identity: track.publisher_identity.as_str().to_owned(),
                ..proto::ParticipantInfo::default()
            },
            track: track.info.clone(),
        }
    }
}

impl Room {
    pub(super) fn tell_room_started(&mut self, now: Now) {
        self.tell(
            proto::WebhookEvent {
                event: "room_started".to_owned(),
                room: Some(self.info()),
                ..proto::WebhookEvent::default()
            },
            now,
        );
    }

    pub(super) fn tell_room_finished(&mut self, now: Now) {
        self.tell(
            proto::WebhookEvent {
                event: "room_finished".to_owned(),
                room: Some(self.info()),
                ..proto::WebhookEvent::default()
            },
            now,
        );
    }

    pub(super) fn tell_participant(
        &mut self,
        event: &str,
        participant: proto::ParticipantInfo,
        now: Now,
    ) {
        self.tell(
            proto::WebhookEvent {
                event: event.to_owned(),
                room: Some(self.info()),
                participant: Some(participant),
                ..proto::WebhookEvent::default()
            },
            now,
        );
    }

    pub(super) fn tell_track(&mut self, event: &str, news: TrackNews, now: Now) {
        let room = if self.shared.settings.room.full_room_in_webhooks {
            self.info()
        } else {
            proto::Room {
                sid: self.sid.as_str().to_owned(),
                name: self.name.as_str().to_owned(),
                ..proto::Room::default()
            }
        };
        self.tell(
            proto::WebhookEvent {
                event: event.to_owned(),
                room: Some(room),
                participant: Some(news.publisher),
                track: Some(news.track),
                ..proto::WebhookEvent::default()
            },
            now,
        );
    }

    fn tell(&mut self, mut event: proto::WebhookEvent, now: Now) {
        let created = now.system.duration_since(UNIX_EPOCH).unwrap_or_default();
        event.created_at = i64::try_from(created.as_secs()).unwrap_or(i64::MAX);
        event.id = random_id("EV_", &mut self.random);
        // Without a receiver the server is going down and nobody can be told any more.
        let _ = self.shared.webhooks.send(event);
    }
}
