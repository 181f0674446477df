//! A picture of a film, for lists and players: a keyframe of its own where browsers know that as a picture, else one that
//! ffmpeg makes. It must not know who wants it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    ffmpeg,
    passthrough::{ComposeError, remove_if_there, sync_folder},
};
use crate::record::codec::Codec;
use webm::{Reader, TrackKind};

/// What it is called, beside the film: one of these.
const WEBP: &str = "poster.webp";
const JPEG: &str = "poster.jpg";
/// At a call's beginning people look for their places.
const SOME_SECONDS_IN: u64 = 4_000;
/// Of what a VP8 keyframe begins with: three bytes that tell of the frame, three that are always the same.
const START_CODE: [u8; 3] = [0x9D, 0x01, 0x2A];

/// Makes the poster of a film of this many milliseconds in its folder; `None`: the film has no picture, or none that can
/// be had without ffmpeg.
pub fn poster(
    film: &Path,
    duration: u64,
    ffmpeg: Option<&Path>,
) -> Result<Option<PathBuf>, ComposeError> {
    if let Some(frame) = keyframe(film)? {
        return Ok(Some(put(&film.with_file_name(WEBP), |part| {
            Ok(fs::write(part, webp(&frame))?)
        })?));
    }
    let (Some(ffmpeg), true) = (ffmpeg, film.extension().is_some_and(|kind| kind == "mp4")) else {
        return Ok(None);
    };
    let at = SOME_SECONDS_IN.min(duration / 2);
    let made = put(&film.with_file_name(JPEG), |part| {
        ffmpeg::picture(ffmpeg, film, at, part)
    })?;
    Ok(Some(made))
}

/// There whole or not at all.
fn put(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), ComposeError>,
) -> Result<PathBuf, ComposeError> {
    let part = path.with_extension("part");
    remove_if_there(&part)?;
    write(&part)?;
    fs::rename(&part, path)?;
    sync_folder(path)?;
    Ok(path.to_owned())
}

/// The first VP8 keyframe some seconds in, else the last one before; of a film in WebM whose picture is VP8.
fn keyframe(film: &Path) -> io::Result<Option<Vec<u8>>> {
    if film.extension().is_none_or(|kind| kind != "webm") {
        return Ok(None);
    }
    let mut reader = Reader::open(film)?;
    let picture = reader.tracks().iter().position(|track| {
        matches!(track.kind, TrackKind::Video { .. }) && track.codec_id == Codec::Vp8.id()
    });
    let Some(number) = picture.and_then(|index| u8::try_from(index + 1).ok()) else {
        return Ok(None);
    };
    let mut found = None;
    while let Some(block) = reader.next_block()? {
        if block.number != number || !block.keyframe || !is_vp8_keyframe(&block.frame) {
            continue;
        }
        found = Some(block.frame);
        if block.at >= SOME_SECONDS_IN {
            break;
        }
    }
    Ok(found)
}

fn is_vp8_keyframe(frame: &[u8]) -> bool {
    frame.len() > 10 && frame[0] & 1 == 0 && frame[3..6] == START_CODE
}

/// A lossy WebP picture is a VP8 keyframe in a RIFF file.
fn webp(frame: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let padding = frame.len() % 2;
    let mut file = Vec::with_capacity(frame.len() + 21);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&length(12 + frame.len() + padding));
    file.extend_from_slice(b"WEBPVP8 ");
    file.extend_from_slice(&length(frame.len()));
    file.extend_from_slice(frame);
    file.resize(file.len() + padding, 0);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use webm::{TrackEntry, Writer, finish};

    /// A film in VP8 with a frame of this letter at each of these moments.
    fn film(path: &Path, frames: &[(u64, bool, u8)]) {
        let entry = TrackEntry {
            codec_id: Codec::Vp8.id().to_owned(),
            codec_private: None,
            kind: TrackKind::Video {
                width: 640,
                height: 360,
            },
        };
        let mut writer = Writer::create(path, &[entry]).unwrap();
        for (at, keyframe, letter) in frames {
            let mut frame = vec![u8::from(!keyframe), 0, 0, 0x9D, 1, 0x2A, 0x80, 2, 0x68, 1];
            frame.push(*letter);
            writer.write(1, *at, *keyframe, &frame).unwrap();
        }
        writer.sync().unwrap();
        drop(writer);
        finish(path).unwrap();
    }

    fn letter_of(film: &Path) -> Option<u8> {
        let made = poster(film, 10_000, None).unwrap()?;
        let file = fs::read(made).unwrap();
        assert_eq!(&file[..4], b"RIFF");
        let told = u32::from_le_bytes(file[4..8].try_into().unwrap());
        assert_eq!(told as usize, file.len() - 8);
        assert_eq!(&file[8..16], b"WEBPVP8 ");
        assert_eq!(file[16..20], 11_u32.to_le_bytes());
        assert_eq!(file.len(), 32, "padded to an even length");
        Some(file[30])
    }

    #[test]
    fn the_first_keyframe_some_seconds_in_is_the_poster_else_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.webm");
        let long = [
            (0, true, b'a'),
            (1_000, true, b'b'),
            (4_500, false, b'c'),
            (5_000, true, b'd'),
            (6_000, true, b'e'),
        ];
        film(&path, &long);
        assert_eq!(letter_of(&path), Some(b'd'));
        let path = folder.path().join("short.webm");
        film(&path, &long[..3]);
        assert_eq!(letter_of(&path), Some(b'b'));
    }

    #[test]
    fn what_has_no_picture_or_needs_ffmpeg_has_no_poster() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.webm");
        film(&path, &[]);
        assert_eq!(letter_of(&path), None);
        let path = folder.path().join("film.mp4");
        fs::write(&path, "").unwrap();
        assert_eq!(letter_of(&path), None);
    }
}
