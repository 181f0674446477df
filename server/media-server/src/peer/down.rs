//! Tracks sent to the client and the m-lines they play on; it knows no descriptions and no packets.

use std::collections::BTreeMap;

use str0m::media::{MediaKind, Mid};
use str0m::rtp::Ssrc;

use super::codec::Accepted;
use super::event::DownTrackId;
use super::plan::{DownTrackSpec, SectionsRequirement};

/// A track sent to the client.
#[derive(Debug)]
pub(super) struct DownTrack {
    pub(super) id: DownTrackId,
    pub(super) spec: DownTrackSpec,
    /// Its m-line, once it has one in a description.
    pub(super) mid: Option<Mid>,
    /// Set when the client knows the m-line.
    pub(super) sending: Option<Sending>,
    /// The client does not decode any of its codecs.
    pub(super) refused: bool,
}

impl DownTrack {
    /// Whether it still needs an m-line.
    pub(super) fn is_waiting(&self) -> bool {
        self.mid.is_none() && !self.refused
    }
}

/// How packets of a track leave.
#[derive(Debug, Clone)]
pub(super) struct Sending {
    pub(super) ssrc: Ssrc,
    pub(super) accepted: Vec<Accepted>,
}

/// An m-line on which the client receives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) mid: Mid,
    pub(super) kind: MediaKind,
    /// A track has played on it, so a new one needs new SSRCs.
    pub(super) used: bool,
}

/// All down tracks of a connection, oldest first.
#[derive(Debug, Default)]
pub(super) struct DownTracks {
    pub(super) tracks: Vec<DownTrack>,
    /// Receiving m-lines of the client, in their order.
    pub(super) slots: Vec<Slot>,
    next: u32,
}

impl DownTracks {
    pub(super) fn add(&mut self, spec: DownTrackSpec) -> DownTrackId {
        let id = DownTrackId(self.next);
        self.next += 1;
        self.tracks.push(DownTrack {
            id,
            spec,
            mid: None,
            sending: None,
            refused: false,
        });
        id
    }

    /// Whether the track was there.
    pub(super) fn remove(&mut self, id: DownTrackId) -> bool {
        let before = self.tracks.len();
        self.tracks.retain(|track| track.id != id);
        self.tracks.len() != before
    }

    pub(super) fn get(&self, id: DownTrackId) -> Option<&DownTrack> {
        self.tracks.iter().find(|track| track.id == id)
    }

    pub(super) fn by_mid(&self, mid: Mid) -> Option<&DownTrack> {
        self.tracks.iter().find(|track| track.mid == Some(mid))
    }

    pub(super) fn is_free(&self, mid: Mid) -> bool {
        self.by_mid(mid).is_none()
    }

    /// The first m-line of the kind that no track plays on.
    pub(super) fn free_slot(&self, kind: MediaKind) -> Option<Mid> {
        self.free_slots(kind).next()
    }

    fn free_slots(&self, kind: MediaKind) -> impl Iterator<Item = Mid> {
        self.slots
            .iter()
            .filter(move |slot| slot.kind == kind && self.is_free(slot.mid))
            .map(|slot| slot.mid)
    }

    /// How many more m-lines are needed for the tracks that have none.
    pub(super) fn requirement(&self) -> SectionsRequirement {
        let missing = |kind: MediaKind| {
            let waiting = self
                .tracks
                .iter()
                .filter(|track| track.is_waiting() && track.spec.kind == kind)
                .count();
            let free = self.free_slots(kind).count();
            u32::try_from(waiting.saturating_sub(free)).unwrap_or(u32::MAX)
        };
        SectionsRequirement {
            audios: missing(MediaKind::Audio),
            videos: missing(MediaKind::Video),
        }
    }

    /// Tracks that have no m-line yet.
    pub(super) fn any_waiting(&self) -> bool {
        self.tracks.iter().any(DownTrack::is_waiting)
    }

    /// `mid_to_track_id` for the description that is being written.
    pub(super) fn mid_to_track_id(&self) -> BTreeMap<String, String> {
        self.tracks
            .iter()
            .filter_map(|track| Some((track.mid?.to_string(), track.spec.track_sid.clone())))
            .collect()
    }
}
