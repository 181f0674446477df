//! Decides whose picture is seen when: a screen share, else who speaks, else who was seen last. It must not read frames.

use std::collections::{HashMap, HashSet};

use crate::record::timeline::{Entry, Event};

/// How often it is decided anew.
pub const STEP_MS: u64 = 200;
/// Nobody is cut away faster for another speaker.
const SHOWN_FOR_MS: u64 = 2_000;

/// A video file and its stretch of time, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footage {
    pub track: String,
    pub identity: String,
    pub is_screen: bool,
    pub starts_at: u64,
    pub ends_at: u64,
}

/// From `at` on this footage (an index) is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shot {
    pub at: u64,
    pub footage: usize,
}

/// The shots of a film, in order.
pub fn plan(timeline: &[Entry], footage: &[Footage]) -> Vec<Shot> {
    let mut shots: Vec<Shot> = Vec::new();
    let Some(end) = footage.iter().map(|footage| footage.ends_at).max() else {
        return shots;
    };
    let mut events = timeline.iter().peekable();
    let mut director = Director::default();
    for at in (0..=end).step_by(usize::try_from(STEP_MS).unwrap_or(1)) {
        while let Some(entry) = events.next_if(|entry| entry.at <= at) {
            director.apply(&entry.event);
        }
        shots.extend(director.step(footage, at));
    }
    shots
}

/// Decides step by step.
#[derive(Debug, Default)]
pub struct Director {
    room: Room,
    shown: Option<Shot>,
}

impl Director {
    /// Goes on by one event.
    pub fn apply(&mut self, event: &Event) {
        self.room.apply(event);
    }

    /// What is cut to at this step, if anything is.
    pub fn step(&mut self, footage: &[Footage], at: u64) -> Option<Shot> {
        let held = self.shown.is_some_and(|shot| at < shot.at + SHOWN_FOR_MS);
        let current = self.seen(footage, at);
        let screen = self
            .room
            .pick(footage, at, current, |footage| footage.is_screen);
        let wanted = screen.or_else(|| {
            // A screen that is gone is no reason to wait, nor a person who is.
            let stays = current.filter(|current| held && !footage[*current].is_screen);
            stays.or_else(|| self.room.pick_speaker(footage, at, current))
        })?;
        if self.shown.is_some_and(|shot| shot.footage == wanted) {
            return None;
        }
        // Who came since the last step has a keyframe there, and perhaps no other for long.
        let starts_at = footage[wanted].starts_at;
        let at = if starts_at + STEP_MS > at {
            starts_at
        } else {
            at
        };
        self.shown = Some(Shot {
            at,
            footage: wanted,
        });
        self.shown
    }

    /// What is shown and has a picture now.
    pub fn seen(&self, footage: &[Footage], at: u64) -> Option<usize> {
        let shown = self.shown.map(|shot| shot.footage);
        shown.filter(|shown| self.room.is_seen(&footage[*shown], at))
    }

    /// The footage with this index is no more, and those after it move up.
    pub fn forget(&mut self, footage: usize) {
        self.shown = self.shown.filter(|shot| shot.footage != footage);
        if let Some(shot) = self.shown.as_mut().filter(|shot| shot.footage > footage) {
            shot.footage -= 1;
        }
    }
}

/// Who is seen and who speaks at a moment.
#[derive(Debug, Default)]
pub struct Room {
    muted: HashSet<String>,
    /// Who spoke last, by when: larger is later.
    spoke: HashMap<String, u64>,
    speaking: Vec<String>,
    turn: u64,
}

impl Room {
    /// Goes on by one event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Muted { track, muted: true } => {
                self.muted.insert(track.clone());
            }
            Event::Muted {
                track,
                muted: false,
            } => {
                self.muted.remove(track);
            }
            Event::Speakers { identities } => {
                self.turn += 1;
                for identity in identities {
                    self.spoke.insert(identity.clone(), self.turn);
                }
                self.speaking.clone_from(identities);
            }
            Event::Left { identity } => {
                self.spoke.remove(identity);
                self.speaking.retain(|speaker| speaker != identity);
            }
            Event::Began
            | Event::Joined { .. }
            | Event::Segment(_)
            | Event::SegmentEnded { .. }
            | Event::Layout { .. }
            | Event::LeftOut { .. }
            | Event::Ended => {}
        }
    }

    /// Whether there is a picture now.
    pub fn is_seen(&self, footage: &Footage, at: u64) -> bool {
        (footage.starts_at..footage.ends_at).contains(&at) && !self.muted.contains(&footage.track)
    }

    /// What is shown already, if it qualifies, else the first that does.
    fn pick(
        &self,
        all: &[Footage],
        at: u64,
        current: Option<usize>,
        qualifies: impl Fn(&Footage) -> bool,
    ) -> Option<usize> {
        let good = |index: &usize| {
            let footage = &all[*index];
            qualifies(footage) && self.is_seen(footage, at)
        };
        current.filter(good).or_else(|| (0..all.len()).find(good))
    }

    fn pick_speaker(&self, all: &[Footage], at: u64, current: Option<usize>) -> Option<usize> {
        let of = |identity: &str| {
            self.pick(all, at, current, |footage| {
                !footage.is_screen && footage.identity == identity
            })
        };
        if let Some(speaker) = self.speaking.iter().find_map(|speaker| of(speaker)) {
            // Who is seen and still speaks stays, though another is louder for a moment.
            let seen = current.filter(|current| {
                let seen = &all[*current];
                !seen.is_screen && self.speaking.first() == Some(&seen.identity)
            });
            return seen.or(Some(speaker));
        }
        let camera = |footage: &Footage| !footage.is_screen;
        if let Some(current) = current.filter(|current| camera(&all[*current])) {
            return Some(current);
        }
        let mut spoke: Vec<_> = self.spoke.iter().collect();
        spoke.sort_by_key(|(_, turn)| std::cmp::Reverse(**turn));
        spoke
            .iter()
            .find_map(|(identity, _)| of(identity))
            .or_else(|| self.pick(all, at, current, camera))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footage(identity: &str, is_screen: bool, starts_at: u64, ends_at: u64) -> Footage {
        let track = format!("TR_{identity}_{is_screen}");
        Footage {
            track,
            identity: identity.to_owned(),
            is_screen,
            starts_at,
            ends_at,
        }
    }

    fn speak(at: u64, identities: &[&str]) -> Entry {
        let identities = identities.iter().map(ToString::to_string).collect();
        Entry {
            at,
            event: Event::Speakers { identities },
        }
    }

    fn seen(timeline: &[Entry], all: &[Footage]) -> Vec<(u64, usize)> {
        plan(timeline, all)
            .iter()
            .map(|shot| (shot.at, shot.footage))
            .collect()
    }

    #[test]
    fn who_speaks_is_seen_and_stays_while_nobody_does() {
        let all = [
            footage("ada", false, 0, 60_000),
            footage("bob", false, 0, 60_000),
        ];
        let timeline = [
            speak(5_000, &["bob"]),
            speak(8_000, &[]),
            speak(20_000, &["ada"]),
        ];
        assert_eq!(seen(&timeline, &all), [(0, 0), (5_000, 1), (20_000, 0)]);
    }

    #[test]
    fn a_picture_is_seen_from_its_first_keyframe_on() {
        // The recorder died at 5 s and was back at 6.
        let all = [
            footage("ada", false, 266, 5_000),
            footage("ada", false, 6_010, 9_000),
        ];
        assert_eq!(seen(&[], &all), [(266, 0), (6_010, 1)]);
    }

    #[test]
    fn nobody_is_cut_away_within_two_seconds() {
        let all = [
            footage("ada", false, 0, 60_000),
            footage("bob", false, 0, 60_000),
        ];
        let timeline = [
            speak(5_000, &["bob"]),
            speak(5_600, &["ada", "bob"]),
            speak(6_200, &["bob"]),
            speak(30_000, &["ada"]),
            speak(30_600, &["bob"]),
        ];
        let expected = [(0, 0), (5_000, 1), (30_000, 0), (32_000, 1)];
        assert_eq!(seen(&timeline, &all), expected);
    }

    #[test]
    fn a_screen_share_wins_at_once_and_gives_back_at_once() {
        let all = [
            footage("ada", false, 0, 60_000),
            footage("bob", true, 10_100, 20_000),
        ];
        let timeline = [speak(12_000, &["ada"])];
        assert_eq!(seen(&timeline, &all), [(0, 0), (10_100, 1), (20_000, 0)]);
    }

    #[test]
    fn who_has_no_picture_is_not_shown_though_they_speak() {
        let all = [
            footage("ada", false, 0, 60_000),
            footage("bob", false, 0, 60_000),
        ];
        let muted = |at, muted| Entry {
            at,
            event: Event::Muted {
                track: "TR_bob_false".to_owned(),
                muted,
            },
        };
        let timeline = [
            speak(5_000, &["bob"]),
            muted(15_000, true),
            muted(25_000, false),
        ];
        assert_eq!(
            seen(&timeline, &all),
            [(0, 0), (5_000, 1), (15_000, 0), (25_000, 1)]
        );
    }

    #[test]
    fn without_pictures_there_are_no_shots() {
        assert_eq!(seen(&[speak(0, &["ada"])], &[]), []);
    }
}
