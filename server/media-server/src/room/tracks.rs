//! The published tracks of a room, and the copies of them that go to subscribers. A copy is found from its track and
//! subscriber, or from its name in the subscriber's connection, without a look at any other copy.

use std::collections::HashMap;

use livekit_wire::TrackSid;

use super::down_track::DownTrack;
use super::track::Track;
use crate::participant::ParticipantKey;
use crate::peer::DownTrackId;

/// All tracks. Each copy in them has its entry in the index, and no other has.
#[derive(Default)]
pub(super) struct Tracks {
    by_sid: HashMap<TrackSid, Track>,
    by_copy: HashMap<(ParticipantKey, DownTrackId), TrackSid>,
}

impl Tracks {
    /// A track by its sid.
    pub fn get(&self, sid: impl AsRef<str>) -> Option<&Track> {
        self.by_sid.get(sid.as_ref())
    }

    /// A track by its sid.
    pub fn get_mut(&mut self, sid: impl AsRef<str>) -> Option<&mut Track> {
        self.by_sid.get_mut(sid.as_ref())
    }

    /// Whether a track is published.
    pub fn contains(&self, sid: impl AsRef<str>) -> bool {
        self.by_sid.contains_key(sid.as_ref())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&TrackSid, &Track)> {
        self.by_sid.iter()
    }

    /// All of them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Track> {
        self.by_sid.values_mut()
    }

    /// A track is published now; nobody gets it yet.
    pub fn insert(&mut self, sid: TrackSid, track: Track) {
        self.remove(&sid);
        self.by_sid.insert(sid, track);
    }

    /// A track is not published any more, nor are its copies.
    pub fn remove(&mut self, sid: impl AsRef<str>) -> Option<Track> {
        let track = self.by_sid.remove(sid.as_ref())?;
        for down in track.down_tracks.iter() {
            self.by_copy.remove(&(down.subscriber, down.id));
        }
        Some(track)
    }

    /// The sid of the track that goes by this name in a subscriber's connection.
    pub fn copied_as(&self, subscriber: ParticipantKey, id: DownTrackId) -> Option<&TrackSid> {
        self.by_copy.get(&(subscriber, id))
    }

    /// The track that goes by this name in a subscriber's connection.
    pub fn of_copy(&mut self, subscriber: ParticipantKey, id: DownTrackId) -> Option<&mut Track> {
        let sid = self.by_copy.get(&(subscriber, id))?;
        self.by_sid.get_mut(sid)
    }

    /// A subscriber gets a copy of a track, in the place of one that it may have.
    pub fn add_copy(&mut self, sid: &TrackSid, down: DownTrack) {
        self.remove_copy(sid, down.subscriber);
        let Some(track) = self.by_sid.get_mut(sid) else {
            return;
        };
        self.by_copy.insert((down.subscriber, down.id), sid.clone());
        track.down_tracks.add(down);
    }

    /// A subscriber does not get a track any more.
    pub fn remove_copy(&mut self, sid: &TrackSid, subscriber: ParticipantKey) -> Option<DownTrack> {
        let down = self.by_sid.get_mut(sid)?.down_tracks.remove(subscriber)?;
        self.by_copy.remove(&(subscriber, down.id));
        Some(down)
    }
}

/// The copies of one track, one for each subscriber.
#[derive(Default)]
pub(super) struct DownTracks {
    all: Vec<DownTrack>,
    places: HashMap<ParticipantKey, usize>,
}

impl DownTracks {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &DownTrack> {
        self.all.iter()
    }

    /// All of them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut DownTrack> {
        self.all.iter_mut()
    }

    /// Whether somebody gets the track.
    pub fn contains(&self, subscriber: ParticipantKey) -> bool {
        self.places.contains_key(&subscriber)
    }

    /// The copy of a subscriber.
    pub fn of(&self, subscriber: ParticipantKey) -> Option<&DownTrack> {
        self.all.get(*self.places.get(&subscriber)?)
    }

    /// The copy of a subscriber.
    pub fn of_mut(&mut self, subscriber: ParticipantKey) -> Option<&mut DownTrack> {
        self.all.get_mut(*self.places.get(&subscriber)?)
    }

    fn add(&mut self, down: DownTrack) {
        self.places.insert(down.subscriber, self.all.len());
        self.all.push(down);
    }

    fn remove(&mut self, subscriber: ParticipantKey) -> Option<DownTrack> {
        let place = self.places.remove(&subscriber)?;
        let down = self.all.swap_remove(place);
        if let Some(moved) = self.all.get(place) {
            self.places.insert(moved.subscriber, place);
        }
        Some(down)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use livekit_protocol::TrackInfo;
    use livekit_wire::{Identity, ParticipantSid};

    use super::*;
    use crate::forward::{Codec, StreamStart};
    use crate::participant::AnnouncedTrack;

    const ALICE: ParticipantKey = ParticipantKey(1);

    fn track(now: Instant) -> Track {
        let announced = AnnouncedTrack {
            cid: String::new(),
            info: TrackInfo::default(),
            queued: false,
        };
        let sid = ParticipantSid::from_wire("PA_alice");
        let identity = Identity::parse("alice").unwrap();
        Track::new(announced, ALICE, sid, identity, now)
    }

    fn copy(subscriber: u32, id: u32, now: Instant) -> DownTrack {
        let start = StreamStart { seq: 0, time: 0 };
        DownTrack::new(
            ParticipantKey(subscriber),
            DownTrackId(id),
            0,
            Codec::Opus,
            start,
            now,
        )
    }

    fn copies(tracks: &Tracks, sid: &TrackSid) -> Vec<(u32, u32)> {
        let down_tracks = &tracks.get(sid).unwrap().down_tracks;
        let mut found: Vec<_> = down_tracks
            .iter()
            .map(|down| {
                let same = down_tracks.of(down.subscriber).unwrap();
                assert_eq!(same.id, down.id);
                assert_eq!(tracks.copied_as(down.subscriber, down.id), Some(sid));
                (down.subscriber.0, down.id.0)
            })
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn each_copy_is_found_by_subscriber_and_by_name_whatever_was_removed() {
        let now = Instant::now();
        let (camera, microphone) = (TrackSid::from_wire("TR_VC"), TrackSid::from_wire("TR_AM"));
        let mut tracks = Tracks::default();
        for sid in [&camera, &microphone] {
            tracks.insert(sid.clone(), track(now));
        }
        for subscriber in 2..6 {
            tracks.add_copy(&camera, copy(subscriber, 7, now));
            tracks.add_copy(&microphone, copy(subscriber, 8, now));
        }
        let gone = tracks.remove_copy(&camera, ParticipantKey(3)).unwrap();
        assert_eq!(gone.id, DownTrackId(7));
        assert_eq!(tracks.copied_as(ParticipantKey(3), DownTrackId(7)), None);
        assert!(tracks.remove_copy(&camera, ParticipantKey(3)).is_none());
        assert_eq!(copies(&tracks, &camera), [(2, 7), (4, 7), (5, 7)]);
        assert_eq!(copies(&tracks, &microphone).len(), 4);

        tracks.add_copy(&camera, copy(2, 9, now));
        assert_eq!(tracks.copied_as(ParticipantKey(2), DownTrackId(7)), None);
        assert_eq!(copies(&tracks, &camera), [(2, 9), (4, 7), (5, 7)]);

        tracks.remove(&camera).unwrap();
        assert_eq!(tracks.copied_as(ParticipantKey(2), DownTrackId(9)), None);
        assert_eq!(copies(&tracks, &microphone).len(), 4);
    }
}
