//! What a recording that goes on has to see and to hear, as its timeline tells it. It must not decode.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::{Path, PathBuf},
};

use crate::{
    compose::{
        mix::Packets,
        passthrough::Wanted,
        plan::{Director, Footage},
    },
    record::{
        files::{TIMELINE, TRACKS},
        timeline::{Entry, Event, Follow, Segment},
    },
};
use webm::{Block, Tail};

/// A voice is read from so long before the moment that is heard.
const HEARD_FROM_MS: u64 = 500;

/// What was shown so long ago is read by nobody any more, whatever a decoder is behind.
const FREED_AFTER_MS: u64 = 20_000;

/// The timeline's state at the moment that is decided.
pub struct Watch {
    tracks: PathBuf,
    wanted: Wanted,
    keep: bool,
    timeline: Follow,
    coming: VecDeque<Entry>,
    director: Director,
    /// Pictures, and where each is read.
    footage: Vec<Footage>,
    files: Vec<Picture>,
    /// Sounds by the name of their file.
    voices: HashMap<String, Tail>,
    seen: Option<String>,
}

/// What is seen at a step.
#[derive(Debug)]
pub enum Seen {
    /// As at the step before.
    Same,
    /// Nobody has a picture.
    Nothing,
    /// This, from where a decoder begins.
    Picture(Tail),
}

/// A file of pictures.
struct Picture {
    path: PathBuf,
    tail: Tail,
    /// Where it was at a time, in milliseconds.
    was: (u64, u64),
}

impl Watch {
    /// Begins with what has happened in the recording so far.
    pub fn open(folder: &Path, wanted: Wanted, keep: bool) -> io::Result<Watch> {
        Ok(Watch {
            tracks: folder.join(TRACKS),
            wanted,
            keep,
            timeline: Follow::open(&folder.join(TIMELINE))?,
            coming: VecDeque::new(),
            director: Director::default(),
            footage: Vec::new(),
            files: Vec::new(),
            voices: HashMap::new(),
            seen: None,
        })
    }

    /// Reads what is new.
    pub fn look(&mut self) -> io::Result<()> {
        self.coming.extend(self.timeline.more()?);
        Ok(())
    }

    /// Goes on to `step`; the voices that are new, to be heard from `at` on.
    pub fn step(&mut self, step: u64, at: u64) -> io::Result<Vec<Voice>> {
        let mut new = Vec::new();
        while let Some(entry) = self.coming.pop_front_if(|entry| entry.at <= step) {
            self.director.apply(&entry.event);
            match entry.event {
                Event::Segment(segment) => self.begin(segment, entry.at, &mut new)?,
                Event::SegmentEnded { file } => self.end(&file, entry.at),
                // The process before left without a word.
                Event::Began => self.end_all(entry.at),
                Event::Joined { .. }
                | Event::Left { .. }
                | Event::Muted { .. }
                | Event::Speakers { .. }
                | Event::Layout { .. }
                | Event::LeftOut { .. }
                | Event::Ended => {}
            }
        }
        self.forget(step);
        // Those that ended meanwhile are heard to their end: they may be younger than what is heard now.
        let mut voices = Vec::new();
        for mut tail in new {
            tail.seek(at.saturating_sub(HEARD_FROM_MS))?;
            voices.push(Voice::new(tail));
        }
        Ok(voices)
    }

    /// What is seen from `step` on.
    pub fn cut(&mut self, step: u64) -> Seen {
        self.director.step(&self.footage, step);
        let seen = self.director.seen(&self.footage, step);
        let name = seen.map(|seen| name(&self.footage[seen]));
        if name == self.seen {
            return Seen::Same;
        }
        self.seen = name;
        seen.map_or(Seen::Nothing, |seen| {
            Seen::Picture(self.files[seen].tail.clone())
        })
    }

    fn begin(&mut self, segment: Segment, at: u64, voices: &mut Vec<Tail>) -> io::Result<()> {
        let is_sound = segment.codec.is_audio();
        if !(if is_sound {
            self.wanted.audio
        } else {
            self.wanted.video
        }) {
            return Ok(());
        }
        let path = self.tracks.join(&segment.file);
        let tail = match Tail::open(&path) {
            Ok(Some(tail)) => tail,
            Ok(None) => return Ok(()),
            // A crash came before its head was on the disk.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if is_sound {
            self.voices.insert(segment.file, tail.clone());
            voices.push(tail);
        } else {
            self.footage.push(Footage {
                track: segment.track,
                identity: segment.identity,
                is_screen: segment.source == "screen_share",
                starts_at: at,
                ends_at: u64::MAX,
            });
            self.files.push(Picture {
                path,
                was: (at, tail.position()),
                tail,
            });
        }
        Ok(())
    }

    fn end(&mut self, file: &str, at: u64) {
        if let Some(voice) = self.voices.remove(file) {
            voice.set_over();
        }
        let track = file.rsplitn(3, '.').last().unwrap_or(file);
        for (footage, picture) in self.footage.iter_mut().zip(&self.files) {
            if footage.track == track {
                picture.tail.set_over();
                footage.ends_at = footage.ends_at.min(at);
            }
        }
    }

    fn end_all(&mut self, at: u64) {
        for (_, voice) in self.voices.drain() {
            voice.set_over();
        }
        for (footage, picture) in self.footage.iter_mut().zip(&self.files) {
            picture.tail.set_over();
            footage.ends_at = footage.ends_at.min(at);
        }
    }

    /// What has ended is not chosen any more.
    fn forget(&mut self, step: u64) {
        while let Some(ended) = self
            .footage
            .iter()
            .position(|footage| footage.ends_at <= step)
        {
            self.footage.remove(ended);
            self.files.remove(ended);
            self.director.forget(ended);
        }
        for picture in &mut self.files {
            if let Err(error) = picture.go_on(step, self.keep) {
                tracing::warn!(%error, "a track file cannot be read");
                self.keep = true;
            }
        }
    }
}

impl Picture {
    /// A cut reads from here, not from the beginning of a file of hours.
    fn go_on(&mut self, step: u64, keep: bool) -> io::Result<()> {
        self.tail.seek(step)?;
        let (at, position) = self.was;
        if !keep && step >= at + FREED_AFTER_MS {
            self.tail.free(&self.path, position)?;
            self.was = (step, self.tail.position());
        }
        Ok(())
    }
}

/// A picture's name: a track that pauses comes again in another file.
fn name(footage: &Footage) -> String {
    format!("{} {}", footage.track, footage.starts_at)
}

/// A file of sound that grows.
pub struct Voice {
    tail: Tail,
    blocks: VecDeque<Block>,
}

impl Voice {
    fn new(tail: Tail) -> Voice {
        Voice {
            tail,
            blocks: VecDeque::new(),
        }
    }
}

impl Packets for Voice {
    fn next_packet(&mut self) -> io::Result<Option<Block>> {
        if self.blocks.is_empty()
            && let Some(blocks) = self.tail.next_blocks()?
        {
            self.blocks.extend(blocks);
        }
        Ok(self.blocks.pop_front())
    }

    fn is_over(&self) -> bool {
        self.tail.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{
        codec::Codec,
        files::{Files, Placed, TrackFacts},
    };

    fn facts(identity: &str, codec: Codec) -> TrackFacts {
        TrackFacts {
            track: format!("TR_{identity}_{codec:?}"),
            identity: identity.to_owned(),
            codec,
            source: "camera".to_owned(),
            size: (640, 360),
        }
    }

    /// A frame at `at`, on the disk.
    fn write(files: &mut Files, identity: &str, codec: Codec, at: u64) {
        let placed = Placed {
            at,
            keyframe: true,
            contiguous: true,
            frame: vec![0, 0, 0, 0x9D, 1, 0x2A, 0x80, 2, 0x68, 1],
        };
        files.write(&facts(identity, codec), &placed).unwrap();
        files.sync().unwrap();
    }

    fn picture(seen: Seen) -> Tail {
        match seen {
            Seen::Picture(tail) => tail,
            Seen::Same | Seen::Nothing => panic!("{seen:?}"),
        }
    }

    const EVERYTHING: Wanted = Wanted {
        video: true,
        audio: true,
    };

    #[test]
    fn who_speaks_is_cut_to_and_who_is_gone_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        files.note(0, Event::Began).unwrap();
        files.sync().unwrap();
        let mut watch = Watch::open(folder.path(), EVERYTHING, true).unwrap();
        write(&mut files, "ada", Codec::Vp8, 100);
        write(&mut files, "ada", Codec::Opus, 100);
        write(&mut files, "bob", Codec::Vp8, 300);
        watch.look().unwrap();
        assert_eq!(watch.step(0, 0).unwrap().len(), 0);
        assert!(matches!(watch.cut(0), Seen::Same));
        let mut heard = watch.step(200, 0).unwrap();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].next_packet().unwrap().unwrap().at, 100);
        assert_eq!(heard[0].next_packet().unwrap(), None);
        let mut seen = picture(watch.cut(200));
        assert_eq!(seen.next_blocks().unwrap().unwrap()[0].at, 100);
        let identities = vec!["bob".to_owned()];
        files.note(5_000, Event::Speakers { identities }).unwrap();
        write(&mut files, "ada", Codec::Opus, 5_000);
        watch.look().unwrap();
        assert_eq!(heard[0].next_packet().unwrap().unwrap().at, 5_000);
        watch.step(4_800, 0).unwrap();
        assert!(matches!(watch.cut(4_800), Seen::Same));
        watch.step(5_000, 0).unwrap();
        let mut seen = picture(watch.cut(5_000));
        assert_eq!(seen.next_blocks().unwrap().unwrap()[0].at, 300);
        files.end_all(6_000).unwrap();
        watch.look().unwrap();
        watch.step(6_000, 0).unwrap();
        assert!(matches!(watch.cut(6_000), Seen::Nothing));
        assert!(heard[0].is_over() && seen.is_over());
        assert!(watch.footage.is_empty() && watch.voices.is_empty());
    }

    #[test]
    fn after_a_crash_the_files_of_before_have_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        write(&mut files, "ada", Codec::Vp8, 100);
        drop(files);
        let mut files = Files::open(folder.path()).unwrap();
        files.note(9_000, Event::Began).unwrap();
        files.sync().unwrap();
        let mut watch = Watch::open(folder.path(), EVERYTHING, true).unwrap();
        watch.look().unwrap();
        watch.step(9_000, 8_000).unwrap();
        assert!(matches!(watch.cut(9_000), Seen::Same));
        write(&mut files, "ada", Codec::Vp8, 9_500);
        watch.look().unwrap();
        watch.step(9_600, 8_000).unwrap();
        let mut seen = picture(watch.cut(9_600));
        assert_eq!(seen.next_blocks().unwrap().unwrap()[0].at, 9_500);
    }
}
