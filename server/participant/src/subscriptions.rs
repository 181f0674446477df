//! Which tracks are sent to us and which we want, through all reconnections.

use std::collections::{BTreeMap, HashMap, HashSet};

use livekit_protocol as proto;

use crate::{
    event::{Codec, Event},
    roster::Roster,
};

/// Tracks and their m-lines.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    /// Tracks by m-line, as the last description says.
    bound: HashMap<String, String>,
    /// Tracks that were told as subscribed.
    told: HashSet<String>,
    /// Wishes that differ from `auto_subscribe`.
    wishes: BTreeMap<String, bool>,
    settings: HashMap<String, proto::UpdateTrackSettings>,
}

impl Subscriptions {
    /// Takes over what a description says of m-lines.
    pub fn bind(&mut self, bound: HashMap<String, String>) {
        self.bound = bound;
    }

    /// What follows from the m-lines and the tracks that are known.
    pub fn settle(&mut self, roster: &Roster) -> Vec<Event> {
        let mut events = Vec::new();
        let gone: Vec<String> = self
            .told
            .iter()
            .filter(|told| {
                // A publisher that left is known before the m-line is taken away.
                !self.bound.values().any(|track| track == *told) || roster.track(told).is_none()
            })
            .cloned()
            .collect();
        for track in gone {
            self.told.remove(&track);
            events.push(Event::Unsubscribed { track });
        }
        for track in self.bound.values() {
            let Some((participant_sid, info)) = roster.track(track) else {
                continue;
            };
            let Some(codec) = Codec::from_mime(&info.mime_type) else {
                continue;
            };
            if self.told.insert(track.clone()) {
                events.push(Event::Subscribed {
                    track: track.clone(),
                    participant_sid: participant_sid.to_owned(),
                    info: Box::new(info.clone()),
                    codec,
                });
            }
        }
        events
    }

    /// The track on an m-line, once it was told.
    pub fn track(&self, mid: &str) -> Option<&str> {
        let track = self.bound.get(mid)?;
        self.told.contains(track).then_some(track)
    }

    /// The m-line of a track.
    pub fn mid(&self, track: &str) -> Option<&str> {
        self.bound
            .iter()
            .find(|(_, bound)| *bound == track)
            .map(|(mid, _)| mid.as_str())
    }

    /// Notes a wish.
    pub fn wish(&mut self, tracks: &[String], on: bool) {
        for track in tracks {
            self.wishes.insert(track.clone(), on);
        }
    }

    /// The wishes that a server with this `auto_subscribe` has to be told.
    pub fn wished(&self, auto_subscribe: bool) -> proto::UpdateSubscription {
        proto::UpdateSubscription {
            track_sids: self
                .wishes
                .iter()
                .filter(|(_, on)| **on != auto_subscribe)
                .map(|(track, _)| track.clone())
                .collect(),
            subscribe: !auto_subscribe,
            ..Default::default()
        }
    }

    /// Notes how tracks are to be sent.
    pub fn set(&mut self, settings: &proto::UpdateTrackSettings) {
        for track in &settings.track_sids {
            self.settings.insert(track.clone(), settings.clone());
        }
    }

    /// How a track is to be sent, if somebody said so.
    pub fn settings(&self, track: &str) -> Option<proto::UpdateTrackSettings> {
        let settings = self.settings.get(track)?;
        Some(proto::UpdateTrackSettings {
            track_sids: vec![track.to_owned()],
            ..settings.clone()
        })
    }

    /// Tracks that are sent to us now.
    pub fn told(&self) -> impl Iterator<Item = &String> {
        self.told.iter()
    }

    /// Tracks that are not sent by wish.
    pub fn disabled(&self) -> Vec<String> {
        self.settings
            .iter()
            .filter(|(_, settings)| settings.disabled)
            .map(|(track, _)| track.clone())
            .collect()
    }
}
