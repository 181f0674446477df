//! Gives the frames of a film's picture: each shot from the first keyframe on, the one before it until then. Every file is
//! read once, forwards. It must not decode.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use super::plan::Shot;
use webm::{Block, Reader};

/// The picture's frames in order.
pub struct Frames {
    files: Vec<PathBuf>,
    shots: Vec<Shot>,
    next_shot: usize,
    shown: Option<usize>,
    open: HashMap<usize, File>,
}

struct File {
    reader: Reader,
    ahead: Option<Block>,
}

impl File {
    fn open(path: &Path) -> io::Result<File> {
        let mut reader = Reader::open(path)?;
        let ahead = reader.next_block()?;
        Ok(File { reader, ahead })
    }

    fn take(&mut self) -> io::Result<Option<Block>> {
        let next = self.reader.next_block()?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    /// Goes forward to the first keyframe from `at` on, and says when it is.
    fn skip_to_keyframe(&mut self, at: u64) -> io::Result<Option<u64>> {
        while let Some(block) = &self.ahead {
            if block.at >= at && block.keyframe {
                return Ok(Some(block.at));
            }
            self.take()?;
        }
        Ok(None)
    }
}

impl Frames {
    /// `files`: what shots name by index.
    pub fn new(files: Vec<PathBuf>, shots: Vec<Shot>) -> Frames {
        Frames {
            files,
            shots,
            next_shot: 0,
            shown: None,
            open: HashMap::new(),
        }
    }

    /// The next frame.
    pub fn next_frame(&mut self) -> io::Result<Option<Block>> {
        loop {
            let next = match self.shots.get(self.next_shot).copied() {
                Some(shot) => self.cut_at(shot)?.map(|at| (shot.footage, at)),
                None => None,
            };
            let shown = self
                .shown
                .and_then(|shown| self.open.get(&shown)?.ahead.as_ref());
            match (shown.map(|block| block.at), next) {
                (Some(frame), Some((_, cut))) if frame < cut => break,
                (Some(_) | None, Some((footage, _))) => {
                    self.shown = Some(footage);
                    self.next_shot += 1;
                }
                // The shot has no keyframe before its end: it is never seen.
                (_, None) if self.next_shot < self.shots.len() => self.next_shot += 1,
                (_, None) => break,
            }
        }
        match self.shown.and_then(|shown| self.open.get_mut(&shown)) {
            Some(file) => file.take(),
            None => Ok(None),
        }
    }

    /// When the shot can begin. What is shown now goes forward by itself.
    fn cut_at(&mut self, shot: Shot) -> io::Result<Option<u64>> {
        if self.shown == Some(shot.footage) {
            return Ok(Some(shot.at));
        }
        let until = self.shots.get(self.next_shot + 1).map(|shot| shot.at);
        let file = match self.open.entry(shot.footage) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(File::open(&self.files[shot.footage])?)
            }
        };
        let at = file.skip_to_keyframe(shot.at)?;
        Ok(at.filter(|at| until.is_none_or(|until| *at < until)))
    }
}
