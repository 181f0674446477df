//! How many are in the room and how much is published and received there, for metrics.

use livekit_protocol as proto;

use super::Room;

/// Numbers of one room, or of all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// Rooms.
    pub rooms: u64,
    /// Participants, also recorders and agents.
    pub participants: u64,
    /// Published audio and video tracks.
    pub published: Tracks,
    /// Copies of tracks for subscribers.
    pub subscribed: Tracks,
}

/// Tracks by kind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tracks {
    /// Sound.
    pub audio: u64,
    /// Picture.
    pub video: u64,
}

impl Tracks {
    fn plus(self, other: Self) -> Self {
        Self {
            audio: self.audio + other.audio,
            video: self.video + other.video,
        }
    }
}

impl Census {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            rooms: self.rooms + other.rooms,
            participants: self.participants + other.participants,
            published: self.published.plus(other.published),
            subscribed: self.subscribed.plus(other.subscribed),
        }
    }
}

impl Room {
    /// Counts what is in it.
    pub fn census(&self) -> Census {
        let mut census = Census {
            rooms: 1,
            participants: self.roster.iter().count() as u64,
            ..Census::default()
        };
        for (_, track) in self.media.tracks.iter() {
            let copies = track.down_tracks.iter().count() as u64;
            if track.info.r#type() == proto::TrackType::Video {
                census.published.video += 1;
                census.subscribed.video += copies;
            } else {
                census.published.audio += 1;
                census.subscribed.audio += copies;
            }
        }
        census
    }
}
