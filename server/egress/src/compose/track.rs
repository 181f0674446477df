//! One track as it is, its stretches of time joined in one file. It must not decode.

use std::path::Path;

use super::{
    passthrough::{ComposeError, Film, finish_film, remove_if_there},
    segments::Recording,
};
use webm::{Reader, Writer};

/// Joins all segments of the recording, which has one track, at `film`.
pub fn join_segments(recording: &Recording, film: &Path) -> Result<Film, ComposeError> {
    let mut left_out = recording.left_out();
    let part = film.with_extension("part");
    remove_if_there(&part)?;
    let Some(first) = recording.segments.first() else {
        return Ok(Film {
            size: 0,
            duration: 0,
            left_out,
        });
    };
    let mut writer = Writer::create(&part, std::slice::from_ref(&first.entry))?;
    for segment in &recording.segments {
        let entry = &segment.entry;
        if (&entry.codec_id, &entry.codec_private)
            != (&first.entry.codec_id, &first.entry.codec_private)
        {
            left_out.push(format!(
                "{} is in another format than its beginning",
                segment.segment.file
            ));
            continue;
        }
        let mut reader = Reader::open(&segment.path)?;
        while let Some(block) = reader.next_block()? {
            writer.write(1, block.at, block.keyframe, &block.frame)?;
        }
    }
    finish_film(writer, &part, film, left_out)
}
