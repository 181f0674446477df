//! The film of a recording while it goes on: a fixed delay behind the recorder it reads what is on the disk, cuts to who speaks,
//! mixes the sound, and has ffmpeg encode both without an end. It must not know who watches, nor can it hold up the recorder.

mod decoder;
mod encoder;
mod watch;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::time::Instant;

use super::{
    mix::{FRAME_MS, MixError, Mixer},
    passthrough::{ComposeError, Wanted},
    plan::STEP_MS,
};
use crate::record::milliseconds;
use decoder::Decoder;
use encoder::Encoder;
use ropus::Channels;
use watch::{Seen, Watch};

/// What is shown happened so long ago: packets that were late are in the files by then, on the disk, and a picture that is cut
/// to has been decoded.
pub const DELAY_MS: u64 = 3_000;
/// So long before a cut its decoder begins.
const AHEAD_MS: u64 = 1_200;
/// A decoder that has no picture after so long is cut to all the same.
const WAITED_FOR_MS: u64 = 3_000;
const FRAMES_PER_SECOND: u64 = 30;
/// A decoder or an encoder that ends by itself is started again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// An encoder that ends so often without having worked for long never will.
const MOST_TRIES: u32 = 5;
const WORKED: Duration = Duration::from_secs(10);

/// What is composed.
pub struct Source {
    /// The recording's.
    pub folder: PathBuf,
    /// What of it.
    pub wanted: Wanted,
    /// The program.
    pub ffmpeg: PathBuf,
    /// When the recording's clock was zero.
    pub zero: Instant,
    /// Nothing before this is shown, on the recording's clock in milliseconds.
    pub from: u64,
    /// Whether pictures are wanted afterwards: those that have been shown take no room else.
    pub keep: bool,
}

/// How long it goes on; shared with whoever ends it.
#[derive(Debug)]
pub struct Until {
    /// On the recording's clock, in milliseconds.
    ends_at: AtomicU64,
    dropped: AtomicBool,
}

impl Default for Until {
    fn default() -> Until {
        Until {
            ends_at: AtomicU64::new(u64::MAX),
            dropped: AtomicBool::new(false),
        }
    }
}

impl Until {
    /// Everything up to this moment is still shown.
    pub fn end_at(&self, at: u64) {
        self.ends_at.store(at, Ordering::Release);
    }

    /// It ends at once.
    pub fn drop_it(&self) {
        self.dropped.store(true, Ordering::Release);
    }

    fn has_ended(&self, at: u64) -> bool {
        self.dropped.load(Ordering::Acquire) || at >= self.ends_at.load(Ordering::Acquire)
    }
}

/// Who is given the encoded stream.
pub trait Taker: Send + Sync {
    /// An FLV begins; the one before, if any, breaks off.
    fn begin(&self);
    /// What follows of it.
    fn take(&self, bytes: &[u8]);
}

/// Composes until it is to end. An error is the end too: it cannot be made.
pub fn run(source: &Source, until: &Until, taker: &Arc<dyn Taker>) -> Result<(), ComposeError> {
    let mut live = Live::begin(source)?;
    let mut tries = 0;
    loop {
        let begun = Instant::now();
        taker.begin();
        let encoder = Encoder::start(&source.ffmpeg, source.wanted, Arc::clone(taker))?;
        let Some(words) = live.encode(encoder, until)? else {
            return Ok(());
        };
        tries = if begun.elapsed() > WORKED {
            1
        } else {
            tries + 1
        };
        tracing::warn!(words, tries, "a live stream's encoder ended");
        if tries >= MOST_TRIES {
            return Err(ComposeError::Ffmpeg(words));
        }
        thread::sleep(AGAIN_AFTER);
    }
}

/// From `at` on this is seen; `None` for nothing.
struct Cut {
    at: u64,
    decoder: Option<Decoder>,
}

struct Live<'a> {
    source: &'a Source,
    watch: Watch,
    mixer: Mixer,
    /// Milliseconds that are mixed.
    mixed_until: u64,
    /// Where the stream begins, and how many frames of it there are.
    from: u64,
    frames: u64,
    /// Until when it is decided what is seen.
    decided_until: u64,
    shown: Option<Decoder>,
    cuts: VecDeque<Cut>,
    decoded_again: Instant,
}

impl<'a> Live<'a> {
    fn begin(source: &'a Source) -> Result<Live<'a>, ComposeError> {
        let now = milliseconds(source.zero.elapsed());
        let from = now.saturating_sub(DELAY_MS).max(source.from);
        let from = from / STEP_MS * STEP_MS;
        Ok(Live {
            source,
            watch: Watch::open(&source.folder, source.wanted, source.keep)?,
            mixer: Mixer::new(Channels::Stereo, from),
            mixed_until: from,
            from,
            frames: 0,
            decided_until: from,
            shown: None,
            cuts: VecDeque::new(),
            decoded_again: Instant::now(),
        })
    }

    /// Feeds the encoder until the end, or until it ends by itself: then its last words.
    fn encode(
        &mut self,
        mut encoder: Encoder,
        until: &Until,
    ) -> Result<Option<String>, ComposeError> {
        loop {
            let at = self.from + self.frames * 1_000 / FRAMES_PER_SECOND;
            if until.has_ended(at) {
                encoder.finish();
                return Ok(None);
            }
            let due = self.source.zero + Duration::from_millis(at + DELAY_MS);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            self.watch.look()?;
            self.decide(at)?;
            self.cut(at)?;
            self.mix(at, &mut encoder)?;
            let picture = self.shown.as_ref().and_then(Decoder::picture);
            if let Err(words) = encoder.show(at, picture) {
                return Ok(Some(words));
            }
            self.frames += 1;
        }
    }

    /// Decides what is seen a little later, and begins to decode it.
    fn decide(&mut self, at: u64) -> Result<(), ComposeError> {
        while self.decided_until <= at + AHEAD_MS {
            let step = self.decided_until;
            self.decided_until += STEP_MS;
            for tail in self.watch.step(step, at)? {
                self.mixer.add(Box::new(tail))?;
            }
            let decoder = match self.watch.cut(step) {
                Seen::Same => continue,
                Seen::Nothing => None,
                Seen::Picture(tail) => Some(self.decoder(tail, step)?),
            };
            self.cuts.push_back(Cut { at: step, decoder });
        }
        Ok(())
    }

    fn decoder(&self, mut tail: webm::Tail, at: u64) -> Result<Decoder, ComposeError> {
        tail.seek(at)?;
        Ok(Decoder::start(&self.source.ffmpeg, tail)?)
    }

    /// Cuts to what is due, and goes on to the picture of this moment.
    fn cut(&mut self, at: u64) -> Result<(), ComposeError> {
        for decoder in self.cuts.iter_mut().filter_map(|cut| cut.decoder.as_mut()) {
            decoder.advance(at);
        }
        while let Some(cut) = self.cuts.pop_front_if(|cut| cut.is_due(at)) {
            self.shown = cut.decoder;
        }
        let Some(shown) = &mut self.shown else {
            return Ok(());
        };
        shown.advance(at);
        let broke = shown.broke().then(|| shown.tail());
        if let Some(tail) = broke
            && self.decoded_again.elapsed() > AGAIN_AFTER
        {
            self.decoded_again = Instant::now();
            let decoder = Some(self.decoder(tail, at)?);
            self.cuts.push_front(Cut { at, decoder });
        }
        Ok(())
    }

    fn mix(&mut self, at: u64, encoder: &mut Encoder) -> Result<(), MixError> {
        while self.source.wanted.audio && self.mixed_until <= at {
            encoder.hear(self.mixed_until, self.mixer.next_samples()?);
            self.mixed_until += FRAME_MS;
        }
        Ok(())
    }
}

impl Cut {
    fn is_due(&self, at: u64) -> bool {
        let ready = self
            .decoder
            .as_ref()
            .is_none_or(|decoder| decoder.picture().is_some());
        self.at <= at && (ready || at >= self.at + WAITED_FOR_MS)
    }
}
