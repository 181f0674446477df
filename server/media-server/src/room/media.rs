//! What is published in the room, how loud it is and how well it gets through. It must not know participants, only their
//! keys.

use std::collections::BTreeMap;
use std::time::Instant;

use super::totals::AllTotals;
use super::tracks::Tracks;
use crate::forward::{ConnectionQualities, Quality, Speakers};
use crate::participant::ParticipantKey;
use crate::peer::UpTrackId;

/// The media part of a room.
#[derive(Default)]
pub(super) struct Media {
    /// Published tracks and their copies.
    pub tracks: Tracks,
    /// Who speaks, as everybody was told last.
    pub speakers: Speakers<ParticipantKey>,
    /// What went through each connection.
    pub totals: AllTotals,
    qualities: ConnectionQualities<ParticipantKey>,
    last_qualities: BTreeMap<ParticipantKey, Quality>,
}

/// A keyframe to ask of a publisher.
pub(super) struct KeyframeRequest {
    /// Who is asked.
    pub publisher: ParticipantKey,
    /// Which track of its connection.
    pub up: UpTrackId,
    /// Which of the track's streams.
    pub stream: u8,
}

impl Media {
    /// How loud everybody is who is not muted.
    pub fn levels(&mut self, now: Instant) -> BTreeMap<ParticipantKey, f64> {
        let mut levels: BTreeMap<ParticipantKey, f64> = BTreeMap::new();
        for track in self.tracks.values_mut().filter(|track| !track.info.muted) {
            if let Some(level) = track
                .loudness
                .as_mut()
                .and_then(|loudness| loudness.level(now))
            {
                let loudest = levels.entry(track.publisher).or_insert(0.0);
                *loudest = loudest.max(level);
            }
        }
        levels
    }

    /// Kept keyframe requests whose time has come, and when the next one's will.
    pub fn due_keyframes(&mut self, now: Instant) -> (Vec<KeyframeRequest>, Option<Instant>) {
        let mut requests = Vec::new();
        let mut next: Option<Instant> = None;
        for track in self.tracks.values_mut() {
            for encoding in &mut track.encodings {
                while let Some(stream) = encoding.keyframes.poll(now) {
                    requests.push(KeyframeRequest {
                        publisher: track.publisher,
                        up: encoding.up,
                        stream,
                    });
                }
                next = next.into_iter().chain(encoding.keyframes.deadline()).min();
            }
        }
        (requests, next)
    }

    /// Takes over how well those are connected who are there; whether anybody has to be told.
    pub fn set_qualities(&mut self, qualities: BTreeMap<ParticipantKey, Quality>) -> bool {
        let news = self.qualities.update(&qualities);
        self.last_qualities = qualities;
        news
    }

    /// How well everybody was connected when that was judged last.
    pub fn qualities(&self) -> &BTreeMap<ParticipantKey, Quality> {
        &self.last_qualities
    }

    /// Somebody left.
    pub fn forget_quality(&mut self, key: ParticipantKey) {
        self.last_qualities.remove(&key);
        self.totals.forget(key);
    }
}
