//! A finished film in pieces with playlists (HLS). Pictures that every player takes are copied; others are encoded.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use livekit_wire::proto::SegmentsInfo;
use time::format_description::well_known::Rfc3339;

use super::{FileNames, Making, Master, deliver::Output, images::moment};
use crate::{
    compose::{ComposeError, ffmpeg::run},
    names,
    order::{SegmentsOrder, Suffix},
};

/// As many as the original's live playlist has.
const LIVE: usize = 5;

/// A piece of a film.
struct Piece {
    path: PathBuf,
    /// Milliseconds from the film's beginning.
    at: u64,
    /// As ffmpeg writes it, in seconds.
    lasts: String,
    name: String,
}

/// Cuts the film and lists its pieces.
pub fn cut(
    making: &mut Making,
    order: &SegmentsOrder,
    names: &FileNames,
    master: &Master,
    ffmpeg: Option<&Path>,
) -> Result<SegmentsInfo, ComposeError> {
    let folder = making.empty_folder("segments")?;
    let ffmpeg = ffmpeg.ok_or(ComposeError::NoFfmpeg)?;
    run(ffmpeg, &arguments(order, &master.path, &folder))?;
    let listed = fs::read_to_string(folder.join("list.m3u8"))?;
    let pieces = pieces(
        &listed,
        &folder,
        order.suffix,
        &names.segments,
        making.began,
    );
    let mut size = 0;
    let mut located = Vec::new();
    let bucket = order.bucket.as_ref();
    for piece in &pieces {
        size += making.place(&piece.path, &piece.name)?;
        let location = making.add(&piece.name, Output::Segments, bucket);
        located.push((piece.name.clone(), location));
    }
    let mut list = |name: &str, from: usize| {
        let text = playlist(&pieces, from, name, making.began);
        let path = folder.join("written.m3u8");
        fs::write(&path, text)?;
        making.place(&path, name)?;
        Ok::<_, ComposeError>(making.add(name, Output::Segments, bucket))
    };
    let mut info = SegmentsInfo {
        playlist_name: names.playlist.clone(),
        playlist_location: list(&names.playlist, 0)?,
        segment_count: i64::try_from(pieces.len()).unwrap_or(i64::MAX),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        ..SegmentsInfo::default()
    };
    if !names.live_playlist.is_empty() {
        info.live_playlist_name.clone_from(&names.live_playlist);
        let from = pieces.len().saturating_sub(LIVE);
        info.live_playlist_location = list(&names.live_playlist, from)?;
    }
    making
        .manifest
        .add_playlist(&info.playlist_location, &located);
    Ok(info)
}

fn arguments(order: &SegmentsOrder, film: &Path, folder: &Path) -> Vec<String> {
    let seconds = order.seconds.to_string();
    let keyframes = format!("expr:gte(t,n_forced*{seconds})");
    let encoded: &[&str] = if film.extension().is_some_and(|ending| ending == "mp4") {
        &["-c", "copy"]
    } else {
        &[
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "26",
            "-pix_fmt",
            "yuv420p",
            "-force_key_frames",
            &keyframes,
            "-c:a",
            "aac",
            "-b:a",
            "128k",
        ]
    };
    let film = film.display().to_string();
    let pieces = folder.join("%05d.ts").display().to_string();
    let list = folder.join("list.m3u8").display().to_string();
    let mut arguments = vec!["-i", &film];
    arguments.extend(encoded);
    arguments.extend(["-f", "hls", "-hls_time", &seconds, "-hls_list_size", "0"]);
    arguments.extend(["-hls_segment_filename", &pieces, &list]);
    arguments.into_iter().map(ToOwned::to_owned).collect()
}

/// The pieces that ffmpeg lists, with the names that they get. `began`: milliseconds since 1970.
fn pieces(listed: &str, folder: &Path, suffix: Suffix, prefix: &str, began: u64) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut at, mut lasts) = (0.0, "");
    for line in listed.lines() {
        if let Some(length) = line.strip_prefix("#EXTINF:") {
            lasts = length.trim_end_matches(',');
        } else if !line.starts_with('#') && !line.is_empty() {
            let milliseconds = milliseconds(at);
            let number = pieces.len();
            pieces.push(Piece {
                path: folder.join(line),
                at: milliseconds,
                lasts: lasts.to_owned(),
                name: match suffix {
                    Suffix::Index | Suffix::None => format!("{prefix}_{number:05}.ts"),
                    Suffix::Timestamp => {
                        format!("{prefix}_{}.ts", names::utc(moment(began + milliseconds)))
                    }
                },
            });
            at += lasts.parse().unwrap_or(0.0);
        }
    }
    pieces
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a film's length is small and not negative"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}

/// A list of the pieces from one on, that says that no more will come.
fn playlist(pieces: &[Piece], from: usize, name: &str, began: u64) -> String {
    let longest = pieces
        .iter()
        .filter_map(|piece| piece.lasts.parse::<f64>().ok())
        .fold(1.0, f64::max)
        .ceil();
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-MEDIA-SEQUENCE:{from}\n"
    );
    if from == 0 {
        text.push_str("#EXT-X-PLAYLIST-TYPE:VOD\n");
    }
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    for piece in &pieces[from..] {
        let beside = Path::new(&piece.name);
        let beside = beside.strip_prefix(folder).unwrap_or(beside).display();
        let shown = moment(began + piece.at)
            .format(&Rfc3339)
            .unwrap_or_default();
        // A String takes everything.
        let _ = write!(
            text,
            "#EXT-X-PROGRAM-DATE-TIME:{shown}\n#EXTINF:{},\n{beside}\n",
            piece.lasts
        );
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.000000,\n00000.ts\n\
                          #EXTINF:2.500000,\n00001.ts\n#EXT-X-ENDLIST\n";

    #[test]
    fn pieces_have_the_names_that_were_asked_for_and_their_lists_are_beside_them() {
        let of = |suffix| pieces(LISTED, Path::new("/w"), suffix, "a/in/p", 1_000);
        let timed: Vec<_> = of(Suffix::Timestamp).into_iter().map(|p| p.name).collect();
        assert_eq!(
            timed,
            ["a/in/p_19700101000001000.ts", "a/in/p_19700101000005000.ts"]
        );
        let text = playlist(&of(Suffix::Index), 0, "a/list.m3u8", 1_000);
        assert_eq!(
            text,
            "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n\
             #EXT-X-PLAYLIST-TYPE:VOD\n\
             #EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01Z\n#EXTINF:4.000000,\nin/p_00000.ts\n\
             #EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:05Z\n#EXTINF:2.500000,\nin/p_00001.ts\n\
             #EXT-X-ENDLIST\n"
        );
        let live = playlist(&of(Suffix::Index), 1, "a/live.m3u8", 1_000);
        assert!(
            live.contains("MEDIA-SEQUENCE:1\n") && !live.contains("p_00000"),
            "{live}"
        );
    }
}
