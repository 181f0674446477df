//! Which m-lines of the client carry which published track; it reads offers and plans and knows no RTP.

use std::collections::{HashMap, VecDeque};

use str0m::media::{MediaKind, Rid};

use super::event::{PeerEvent, UpTrackId};
use super::plan::{AnswerPlan, PublishPlan};
use super::sdp::{Sdp, Section};

/// Up tracks by m-line.
#[derive(Debug, Default)]
pub(super) struct UpTracks {
    slots: HashMap<String, UpSlot>,
    next: u32,
}

/// A track on an m-line.
#[derive(Debug, Clone)]
pub(super) struct UpSlot {
    pub(super) id: UpTrackId,
    pub(super) track_sid: String,
    /// The planned source it matched.
    pub(super) cid: String,
    /// Its id in the offer.
    pub(super) sdp_cid: String,
    /// What the m-line may carry.
    pub(super) kind: MediaKind,
    /// Simulcast streams low to high.
    pub(super) rids: Vec<Rid>,
    /// Not announced yet.
    pub(super) is_new: bool,
}

impl UpTracks {
    pub(super) fn by_mid(&self, mid: &str) -> Option<&UpSlot> {
        self.slots.get(mid)
    }

    /// The m-line of a track.
    pub(super) fn mid_of(&self, id: UpTrackId) -> Option<(&str, &UpSlot)> {
        self.slots
            .iter()
            .find(|(_, slot)| slot.id == id)
            .map(|(mid, slot)| (mid.as_str(), slot))
    }

    /// Pairs the m-lines of an offer with planned tracks: by id where the ids agree, else (Firefox writes braces around
    /// its own, a replaced track has another) in order among those of the kind. Ends tracks that are no longer sent.
    pub(super) fn pair(
        &mut self,
        offer: &Sdp,
        plan: &AnswerPlan,
        events: &mut VecDeque<PeerEvent>,
    ) {
        let sent: Vec<(&str, &str, &Section)> = offer
            .sections
            .iter()
            .filter(|section| {
                section.is_media() && !section.is_rejected() && section.direction().sends()
            })
            .filter_map(|section| Some((section.mid()?, section.track_id()?, section)))
            .collect();

        self.slots.retain(|mid, slot| {
            let goes_on = sent
                .iter()
                .any(|(sent_mid, cid, _)| sent_mid == mid && *cid == slot.sdp_cid);
            if !goes_on {
                events.push_back(PeerEvent::UpTrackGone(slot.id));
            }
            goes_on
        });

        let mut unnamed = Vec::new();
        for (mid, cid, section) in sent {
            if self.slots.contains_key(mid) {
                continue;
            }
            let named = plan.tracks.iter().find(|track| {
                kind_of(section) == Some(track.kind)
                    && track.sources.iter().any(|source| source.cid == cid)
            });
            match named {
                Some(track) => self.occupy(mid, section, track, cid, cid),
                None => unnamed.push((mid, cid, section)),
            }
        }
        for (mid, cid, section) in unnamed {
            let free = plan.tracks.iter().find_map(|track| {
                let source = track
                    .sources
                    .iter()
                    .find(|source| !self.is_taken(track, &source.cid))?;
                (kind_of(section) == Some(track.kind)).then_some((track, source))
            });
            if let Some((track, source)) = free {
                self.occupy(mid, section, track, &source.cid, cid);
            }
        }
    }

    fn is_taken(&self, track: &PublishPlan, cid: &str) -> bool {
        self.slots
            .values()
            .any(|slot| slot.track_sid == track.track_sid && slot.cid == cid)
    }

    fn occupy(
        &mut self,
        mid: &str,
        section: &Section,
        track: &PublishPlan,
        cid: &str,
        sdp_cid: &str,
    ) {
        let id = UpTrackId(self.next);
        self.next += 1;
        let slot = UpSlot {
            id,
            track_sid: track.track_sid.clone(),
            cid: cid.to_owned(),
            sdp_cid: sdp_cid.to_owned(),
            kind: track.kind,
            rids: low_to_high(&section.rids("send")),
            is_new: true,
        };
        self.slots.insert(mid.to_owned(), slot);
    }

    /// Takes the tracks that have not been announced yet.
    pub(super) fn take_new(&mut self) -> Vec<(String, UpSlot)> {
        let mut new = Vec::new();
        for (mid, slot) in &mut self.slots {
            if std::mem::take(&mut slot.is_new) {
                new.push((mid.clone(), slot.clone()));
            }
        }
        new.sort_by_key(|(_, slot)| slot.id);
        new
    }
}

impl UpSlot {
    /// Index of a simulcast stream, low to high; unnamed streams are 0.
    pub(super) fn stream(&self, rid: Option<Rid>) -> u8 {
        let position = rid.and_then(|rid| self.rids.iter().position(|known| *known == rid));
        position
            .and_then(|position| u8::try_from(position).ok())
            .unwrap_or(0)
    }

    /// Name of a simulcast stream.
    pub(super) fn rid(&self, stream: u8) -> Option<Rid> {
        self.rids.get(usize::from(stream)).copied()
    }
}

/// What a section carries.
pub(super) fn kind_of(section: &Section) -> Option<MediaKind> {
    match section.kind.as_str() {
        "audio" => Some(MediaKind::Audio),
        "video" => Some(MediaKind::Video),
        _ => None,
    }
}

/// LiveKit's names sort q, h, f; others keep the order of the description.
fn low_to_high(rids: &[&str]) -> Vec<Rid> {
    const NAMES: [&str; 3] = ["q", "h", "f"];
    let mut rids = rids.to_vec();
    if rids.iter().all(|rid| NAMES.contains(rid)) {
        rids.sort_by_key(|rid| NAMES.iter().position(|name| name == rid));
    }
    rids.into_iter().map(Rid::from).collect()
}
