//! Turns the levels of a room's speakers into the changes that subscribers are told.

use std::collections::BTreeMap;

/// Levels are told in eighths.
const STEPS: f64 = 8.0;

/// One speaker's news.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeakerChange<K> {
    /// The participant.
    pub key: K,
    /// 0 to 1.
    pub level: f32,
    /// Still speaking.
    pub active: bool,
}

/// The active speakers of a room, as last told.
#[derive(Debug, Clone)]
pub struct Speakers<K> {
    /// Level in eighths.
    told: BTreeMap<K, u8>,
}

impl<K> Default for Speakers<K> {
    fn default() -> Self {
        Self {
            told: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone> Speakers<K> {
    /// Takes the levels of all who speak now (a leaver or muted one is simply missing) and gives what
    /// changed: speakers loudest first, then those who fell silent.
    pub fn update(&mut self, levels: impl IntoIterator<Item = (K, f64)>) -> Vec<SpeakerChange<K>> {
        let now: BTreeMap<K, u8> = levels
            .into_iter()
            .map(|(key, level)| (key, eighths(level)))
            .collect();
        let mut changes: Vec<_> = now
            .iter()
            .filter(|(key, level)| self.told.get(key) != Some(level))
            .map(|(key, &level)| change(key, level, true))
            .collect();
        changes.sort_by(|a, b| b.level.total_cmp(&a.level));
        let silent = self.told.keys().filter(|key| !now.contains_key(key));
        changes.extend(silent.map(|key| change(key, 0, false)));
        self.told = now;
        changes
    }

    /// Everyone who speaks, loudest first, for a participant who just joined.
    pub fn active(&self) -> Vec<SpeakerChange<K>> {
        let mut all: Vec<_> = self
            .told
            .iter()
            .map(|(key, &level)| change(key, level, true))
            .collect();
        all.sort_by(|a, b| b.level.total_cmp(&a.level));
        all
    }
}

fn change<K: Clone>(key: &K, level: u8, active: bool) -> SpeakerChange<K> {
    SpeakerChange {
        key: key.clone(),
        level: f32::from(level) / 8.0,
        active,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to 0..=8"
)]
fn eighths(level: f64) -> u8 {
    (level * STEPS).ceil().clamp(0.0, STEPS) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told() {
        let mut speakers = Speakers::default();
        assert_eq!(speakers.update([("a", 0.1), ("b", 0.6)]).len(), 2);
        assert!(
            speakers.update([("a", 0.12), ("b", 0.6)]).is_empty(),
            "same eighth"
        );
        let louder = speakers.update([("a", 0.13), ("b", 0.6)]);
        assert_eq!(
            louder,
            [SpeakerChange {
                key: "a",
                level: 0.25,
                active: true
            }]
        );
    }

    #[test]
    fn whoever_falls_silent_is_told_once() {
        let mut speakers = Speakers::default();
        speakers.update([("a", 0.5)]);
        let silent = SpeakerChange {
            key: "a",
            level: 0.0,
            active: false,
        };
        assert_eq!(speakers.update([]), [silent]);
        assert!(speakers.update([]).is_empty());
    }

    #[test]
    fn the_loudest_comes_first() {
        let mut speakers = Speakers::default();
        let keys: Vec<_> = speakers
            .update([("a", 0.1), ("b", 0.9), ("c", 0.5)])
            .into_iter()
            .map(|c| c.key)
            .collect();
        assert_eq!(keys, ["b", "c", "a"]);
        assert_eq!(speakers.active().len(), 3);
    }
}
