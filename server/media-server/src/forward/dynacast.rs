//! Tells a publisher which qualities of a video track anyone wants, so that it encodes no others.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::codec::Codec;
use super::layer::VideoQuality;

/// A lower maximum must last so long before the publisher is told.
const DOWNGRADE_DELAY: Duration = Duration::from_secs(5);

/// The best quality anyone wants of one codec; `None`: nobody wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscribedCodec {
    /// The codec.
    pub codec: Codec,
    /// Every quality up to this one is to be enabled.
    pub max: Option<VideoQuality>,
}

impl SubscribedCodec {
    /// Each quality and whether it is wanted, low to high.
    pub fn qualities(&self) -> [(VideoQuality, bool); 3] {
        VideoQuality::ALL.map(|quality| (quality, Some(quality) <= self.max))
    }
}

/// The wishes for one video track; `K` names a subscriber.
#[derive(Debug, Clone)]
pub struct Dynacast<K> {
    wishes: BTreeMap<(K, Codec), VideoQuality>,
    /// What the publisher was told last, per codec it publishes.
    told: BTreeMap<Codec, Option<VideoQuality>>,
    untold: bool,
    downgrade_at: Option<Instant>,
}

impl<K: Ord> Dynacast<K> {
    /// A track published in these codecs; nobody wants it yet, which is told after the usual delay.
    pub fn new(codecs: impl IntoIterator<Item = Codec>, now: Instant) -> Self {
        let told: BTreeMap<_, _> = codecs
            .into_iter()
            .map(|codec| (codec, Some(VideoQuality::High)))
            .collect();
        let downgrade_at = (!told.is_empty()).then(|| now + DOWNGRADE_DELAY);
        Self {
            wishes: BTreeMap::new(),
            told,
            untold: false,
            downgrade_at,
        }
    }

    /// The track is published in this codec. The first one is sent until somebody says otherwise; another one (backup
    /// codec) only when somebody wants it; a known one changes nothing.
    pub fn add_codec(&mut self, codec: Codec, now: Instant) {
        if self.told.contains_key(&codec) {
            return;
        }
        if self.told.is_empty() {
            self.told.insert(codec, Some(VideoQuality::High));
        } else {
            self.told.insert(codec, None);
            self.untold = true;
        }
        self.plan(now);
    }

    /// The best quality that the publisher was told to send of a codec; `None`: none.
    pub fn told(&self, codec: Codec) -> Option<VideoQuality> {
        self.told.get(&codec).copied().flatten()
    }

    /// A subscriber's wish changed; `None`: it is muted, disabled or gone.
    pub fn set_wanted(
        &mut self,
        subscriber: K,
        codec: Codec,
        quality: Option<VideoQuality>,
        now: Instant,
    ) {
        match quality {
            Some(quality) => self.wishes.insert((subscriber, codec), quality),
            None => self.wishes.remove(&(subscriber, codec)),
        };
        self.plan(now);
    }

    fn wanted(&self, codec: Codec) -> Option<VideoQuality> {
        self.wishes
            .iter()
            .filter(|((_, of), _)| *of == codec)
            .map(|(_, &quality)| quality)
            .max()
    }

    fn plan(&mut self, now: Instant) {
        let (mut higher, mut lower) = (false, false);
        for (&codec, &told) in &self.told {
            let wanted = self.wanted(codec);
            higher |= wanted > told;
            lower |= wanted < told;
        }
        self.untold |= higher;
        self.downgrade_at = lower.then(|| self.downgrade_at.unwrap_or(now + DOWNGRADE_DELAY));
    }

    /// When [`Self::poll`] is to be called at the latest.
    pub const fn deadline(&self) -> Option<Instant> {
        self.downgrade_at
    }

    /// What to tell the publisher, if there is news; call it after changes and at the deadline.
    pub fn poll(&mut self, now: Instant) -> Option<Vec<SubscribedCodec>> {
        let downgrade = self.downgrade_at.is_some_and(|at| now >= at);
        if !self.untold && !downgrade {
            return None;
        }
        let codecs: Vec<Codec> = self.told.keys().copied().collect();
        for codec in codecs {
            let wanted = self.wanted(codec);
            if let Some(told) = self.told.get_mut(&codec) {
                *told = if downgrade { wanted } else { wanted.max(*told) };
            }
        }
        self.untold = false;
        if downgrade {
            self.downgrade_at = None;
        }
        Some(
            self.told
                .iter()
                .map(|(&codec, &max)| SubscribedCodec { codec, max })
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VP8: Codec = Codec::Vp8;

    fn max(codecs: Option<Vec<SubscribedCodec>>) -> Option<VideoQuality> {
        codecs.unwrap()[0].max
    }

    #[test]
    fn a_track_nobody_wants_is_turned_off_after_the_delay() {
        let start = Instant::now();
        let mut dynacast = Dynacast::<u8>::new([VP8], start);
        assert_eq!(dynacast.poll(start), None);
        let due = dynacast.deadline().unwrap();
        assert_eq!(due, start + DOWNGRADE_DELAY);
        assert_eq!(max(dynacast.poll(due)), None);
        assert_eq!(dynacast.deadline(), None);
    }

    #[test]
    fn a_higher_wish_is_told_at_once() {
        let start = Instant::now();
        let mut dynacast = Dynacast::new([VP8], start);
        dynacast.poll(start + DOWNGRADE_DELAY);
        dynacast.set_wanted(1, VP8, Some(VideoQuality::Medium), start);
        let told = dynacast.poll(start).unwrap();
        let enabled = told[0].qualities().map(|(_, enabled)| enabled);
        assert_eq!(enabled, [true, true, false]);
        assert_eq!(dynacast.poll(start), None, "only once");
    }

    #[test]
    fn a_lower_maximum_waits_and_is_forgotten_when_it_rises_again() {
        let start = Instant::now();
        let mut dynacast = Dynacast::new([VP8], start);
        dynacast.set_wanted(1, VP8, Some(VideoQuality::High), start);
        dynacast.set_wanted(2, VP8, Some(VideoQuality::Low), start);
        assert_eq!(dynacast.deadline(), None);
        dynacast.set_wanted(1, VP8, None, start);
        assert!(dynacast.deadline().is_some());
        dynacast.set_wanted(
            1,
            VP8,
            Some(VideoQuality::High),
            start + Duration::from_secs(3),
        );
        assert_eq!(dynacast.deadline(), None);
        dynacast.set_wanted(1, VP8, None, start + Duration::from_secs(4));
        let due = dynacast.deadline().unwrap();
        assert_eq!(due, start + Duration::from_secs(9));
        assert_eq!(max(dynacast.poll(due)), Some(VideoQuality::Low));
    }

    #[test]
    fn a_codec_that_is_known_already_changes_nothing() {
        let start = Instant::now();
        let mut dynacast = Dynacast::<u8>::new([VP8], start);
        dynacast.add_codec(VP8, start);
        assert_eq!(dynacast.told(VP8), Some(VideoQuality::High));
        assert_eq!(dynacast.deadline(), Some(start + DOWNGRADE_DELAY));
        let mut late = Dynacast::<u8>::new([], start);
        late.add_codec(VP8, start);
        assert_eq!(
            late.poll(start),
            None,
            "the main codec is not turned off at once"
        );
        assert_eq!(late.deadline(), Some(start + DOWNGRADE_DELAY));
    }

    #[test]
    fn a_backup_codec_is_announced_when_someone_wants_it() {
        let start = Instant::now();
        let mut dynacast = Dynacast::new([Codec::Av1], start);
        dynacast.set_wanted(1, Codec::Av1, Some(VideoQuality::High), start);
        dynacast.add_codec(VP8, start);
        dynacast.set_wanted(2, VP8, Some(VideoQuality::Low), start);
        let told = dynacast.poll(start).unwrap();
        assert!(told.contains(&SubscribedCodec {
            codec: VP8,
            max: Some(VideoQuality::Low)
        }));
        assert!(told.contains(&SubscribedCodec {
            codec: Codec::Av1,
            max: Some(VideoQuality::High)
        }));
    }
}
