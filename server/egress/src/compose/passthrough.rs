//! The film that needs no other program: the picture is copied, cut at keyframes; the sound is mixed. It must not know who
//! wants it.

use std::{collections::HashMap, fs, io, path::Path};

use super::{
    mix::{FRAME_MS, Mix, MixError},
    plan::{Footage, plan},
    segments::{Recorded, Recording},
    shots::Frames,
};
use crate::record::{
    codec::{Codec, encoded_opus_head},
    timeline::Segment,
};
use webm::{TrackEntry, TrackKind, Writer};

/// A finished film.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    /// Bytes.
    pub size: u64,
    /// Milliseconds.
    pub duration: u64,
    /// What is not in it, for people.
    pub left_out: Vec<String>,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Files.
    #[error("the film cannot be written: {0}")]
    Files(#[from] io::Error),
    /// Sound.
    #[error(transparent)]
    Mix(#[from] MixError),
    /// The other program.
    #[error("ffmpeg failed: {0}")]
    Ffmpeg(String),
    /// It has been removed since the start.
    #[error("ffmpeg is not installed")]
    NoFfmpeg,
}

/// What of a recording goes into a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Pictures.
    pub video: bool,
    /// Sound.
    pub audio: bool,
}

/// Makes the film of the recording at `film`, which is there whole or not at all.
pub fn compose(recording: &Recording, film: &Path, wanted: Wanted) -> Result<Film, ComposeError> {
    let mut left_out = recording.left_out();
    let video = if wanted.video {
        video(recording, &mut left_out)
    } else {
        Vec::new()
    };
    let footage: Vec<Footage> = video.iter().map(|recorded| recorded.footage()).collect();
    let shots = plan(&recording.timeline, &footage);
    let first = shots.first().map(|shot| video[shot.footage]);
    let entry = first.map(|recorded| recorded.entry.clone());
    let files = video.iter().map(|recorded| recorded.path.clone()).collect();
    let mut frames = Frames::new(files, shots);
    let sounds = recording
        .sounds()
        .filter(|_| wanted.audio)
        .map(Recorded::sound)
        .collect();
    let mut mix = Mix::new(sounds)?;

    let part = film.with_extension("part");
    remove_if_there(&part)?;
    let sound_entry = TrackEntry {
        codec_id: Codec::Opus.id().to_owned(),
        codec_private: Some(match mix.kind() {
            TrackKind::Audio { channels, .. } => encoded_opus_head(channels),
            TrackKind::Video { .. } => Vec::new(),
        }),
        kind: mix.kind(),
    };
    let tracks: Vec<TrackEntry> = entry
        .into_iter()
        .chain(wanted.audio.then_some(sound_entry))
        .collect();
    let sound_number = u8::try_from(tracks.len()).unwrap_or(1);
    let mut writer = Writer::create(&part, &tracks)?;
    let end = recording.ends_at();
    let mut frame = frames.next_frame()?;
    for at in (0..end.max(FRAME_MS)).step_by(usize::try_from(FRAME_MS).unwrap_or(20)) {
        while let Some(block) = frame.take_if(|block| block.at < at + FRAME_MS) {
            writer.write(1, block.at, block.keyframe, &block.frame)?;
            frame = frames.next_frame()?;
        }
        if wanted.audio {
            writer.write(sound_number, at, true, &mix.next_frame()?)?;
        }
    }
    finish_film(writer, &part, film, left_out)
}

/// Brings a film to its place, whole.
pub(super) fn finish_film(
    mut writer: Writer,
    part: &Path,
    film: &Path,
    left_out: Vec<String>,
) -> Result<Film, ComposeError> {
    writer.sync()?;
    drop(writer);
    let finished = webm::finish(part)?;
    fs::rename(part, film)?;
    sync_folder(film)?;
    let size = fs::metadata(film)?.len();
    Ok(Film {
        size,
        duration: finished.map_or(0, |finished| finished.ends_at),
        left_out,
    })
}

/// The pictures of the codec that most of the recording is in: a file can hold one only.
fn video<'a>(recording: &'a Recording, left_out: &mut Vec<String>) -> Vec<&'a Recorded> {
    let pictures = || recording.pictures();
    let mut lasts: HashMap<&str, u64> = HashMap::new();
    for recorded in pictures() {
        *lasts.entry(recorded.entry.codec_id.as_str()).or_default() += recorded.lasts();
    }
    let Some((codec, _)) = lasts
        .into_iter()
        .max_by_key(|(codec, lasts)| (*lasts, *codec))
    else {
        return Vec::new();
    };
    let (kept, other): (Vec<_>, Vec<_>) = pictures().partition(|recorded| {
        // H.264's parameter sets stand once for the whole file.
        let first = pictures().find(|recorded| recorded.entry.codec_id == codec);
        let private = first.and_then(|first| first.entry.codec_private.as_ref());
        recorded.entry.codec_id == codec
            && (codec != Codec::H264.id() || recorded.entry.codec_private.as_ref() == private)
    });
    left_out.extend(other.iter().map(|recorded| {
        let Segment {
            identity, source, ..
        } = &recorded.segment;
        let name = recording.name(identity);
        format!("{source} of {name} is in another codec than most of the pictures")
    }));
    kept
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A renamed file is there after a power cut only when its folder is on the disk.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{
        files::{Files, Placed, TrackFacts},
        timeline::Event,
    };
    use webm::Reader;

    fn film_of(folder: &Path, path: &Path) -> Film {
        let everything = Wanted {
            video: true,
            audio: true,
        };
        compose(&Recording::open(folder).unwrap(), path, everything).unwrap()
    }

    fn camera(identity: &str) -> TrackFacts {
        TrackFacts {
            track: format!("TR_{identity}"),
            identity: identity.to_owned(),
            codec: Codec::Vp8,
            source: "camera".to_owned(),
            size: (640, 360),
        }
    }

    /// A frame of 25 in a second, a keyframe each second and `late` milliseconds; it says whose it is.
    fn film(files: &mut Files, identity: &str, late: u64, until: u64) {
        for at in (0..until).step_by(40) {
            let keyframe = at % 1_000 == late;
            let mut frame = vec![u8::from(!keyframe), 0, 0, 0x9D, 1, 0x2A, 0x80, 2, 0x68, 1];
            frame.extend_from_slice(identity.as_bytes());
            let placed = Placed {
                at,
                keyframe,
                contiguous: true,
                frame,
            };
            files.write(&camera(identity), &placed).unwrap();
        }
    }

    /// From when to when whose picture is seen, in milliseconds, and the number of sounds.
    fn seen(path: &Path) -> (Vec<(u64, u64, String)>, usize) {
        let mut reader = Reader::open(path).unwrap();
        let (mut seen, mut sounds): (Vec<(u64, u64, String)>, _) = (Vec::new(), 0);
        while let Some(block) = reader.next_block().unwrap() {
            if block.number == 2 {
                sounds += 1;
                continue;
            }
            let whose = String::from_utf8(block.frame[10..].to_vec()).unwrap();
            match seen.last_mut() {
                Some((_, until, last)) if *last == whose => *until = block.at,
                _ => {
                    assert!(block.keyframe, "{whose} at {}", block.at);
                    seen.push((block.at, block.at, whose));
                }
            }
        }
        (seen, sounds)
    }

    #[test]
    fn the_picture_is_cut_to_who_speaks_at_their_next_keyframe() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        film(&mut files, "ada", 0, 10_000);
        film(&mut files, "bob", 400, 10_000);
        let identities = vec!["bob".to_owned()];
        files.note(5_000, Event::Speakers { identities }).unwrap();
        files.note(10_000, Event::Ended).unwrap();
        files.end_all(10_000).unwrap();
        let path = folder.path().join("film.webm");
        let made = film_of(folder.path(), &path);
        let (seen, sounds) = seen(&path);
        let whose = |name: &str| name.to_owned();
        assert_eq!(
            seen,
            [(0, 5_360, whose("ada")), (5_400, 9_960, whose("bob"))]
        );
        assert_eq!(sounds, 500);
        assert_eq!(made.duration, 10_000);
        assert_eq!(made.size, fs::metadata(&path).unwrap().len());
        // A composer that was killed begins again.
        fs::write(path.with_extension("part"), b"half").unwrap();
        assert_eq!(film_of(folder.path(), &path), made);
    }

    #[test]
    fn a_room_in_which_nobody_was_heard_or_seen_becomes_silence_of_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        files.note(0, Event::Began).unwrap();
        files.note(3_000, Event::Ended).unwrap();
        files.end_all(3_000).unwrap();
        let path = folder.path().join("film.webm");
        let made = film_of(folder.path(), &path);
        assert_eq!(made.duration, 3_000);
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.tracks().len(), 1);
        assert_eq!(
            std::iter::from_fn(|| reader.next_block().unwrap()).count(),
            150
        );
    }

    #[test]
    fn pictures_in_another_codec_than_most_are_left_out_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::open(folder.path()).unwrap();
        film(&mut files, "ada", 0, 5_000);
        let facts = TrackFacts {
            codec: Codec::Vp9,
            source: "screen_share".to_owned(),
            ..camera("bob")
        };
        let placed = Placed {
            at: 1_000,
            keyframe: true,
            contiguous: true,
            frame: vec![7; 20],
        };
        files.write(&facts, &placed).unwrap();
        files.end_all(5_000).unwrap();
        let path = folder.path().join("film.webm");
        let made = film_of(folder.path(), &path);
        assert_eq!(
            made.left_out,
            ["screen_share of bob is in another codec than most of the pictures"]
        );
        assert_eq!(seen(&path).0.len(), 1);
    }
}
