//! What the files of an egress are called, decided once when it starts. It must not know what is in them.

use std::path::{Path, PathBuf};

use livekit_wire::proto::{FileInfo, ImagesInfo, SegmentsInfo};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    info::Outcome,
    names::{Facts, expand, fill, with_ending},
    order::{Outputs, SegmentsOrder},
};

const PLAYLIST: &str = "m3u8";

/// Below the folder of outputs, and in buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNames {
    /// The film, also where nobody asked for its file.
    pub file: String,
    pub playlist: String,
    /// Empty for none.
    pub live_playlist: String,
    /// What the names of pieces begin with.
    pub segments: String,
    /// What the names of pictures begin with, for each output.
    pub images: Vec<String>,
}

impl FileNames {
    /// `default` names what has no template; `ending` is the film's.
    pub fn of(
        outputs: &Outputs,
        facts: &Facts,
        default: &str,
        ending: &str,
        now: OffsetDateTime,
    ) -> FileNames {
        let filepath = outputs.file.as_ref().map_or("", |file| &file.filepath);
        let images = outputs.images.iter();
        let mut names = FileNames {
            file: text(&expand(filepath, default, facts, now, ending)),
            images: images
                .map(|images| text(&fill(&images.prefix, default, facts, now)))
                .collect(),
            ..FileNames::default()
        };
        if let Some(order) = &outputs.segments {
            names.name_segments(order, facts, default, now);
        }
        names
    }

    /// The playlist's folder is that of all its files; a folder of the pieces is inside it.
    fn name_segments(
        &mut self,
        order: &SegmentsOrder,
        facts: &Facts,
        default: &str,
        now: OffsetDateTime,
    ) {
        let filled = |template: &str| {
            let unnamed = template.is_empty() || template.ends_with('/');
            let path = fill(template, "x", facts, now);
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let name = path.file_name().filter(|_| !unnamed).map(PathBuf::from);
            (folder, name)
        };
        let (mut folder, playlist) = filled(&order.playlist);
        let (mut inside, prefix) = filled(&order.prefix);
        if inside == folder {
            inside = PathBuf::new();
        } else if folder.as_os_str().is_empty() {
            folder = std::mem::take(&mut inside);
        }
        let playlist = playlist.map(|name| with_ending(name, PLAYLIST).with_extension(""));
        let default = || fill("", default, facts, now);
        let playlist = playlist.or_else(|| prefix.clone()).unwrap_or_else(default);
        let prefix = prefix.unwrap_or_else(|| playlist.clone());
        let of = |name: PathBuf| text(&folder.join(with_ending(name, PLAYLIST)));
        self.segments = text(&folder.join(inside).join(prefix));
        self.playlist = of(playlist);
        if !order.live_playlist.is_empty() {
            self.live_playlist = of(fill(&order.live_playlist, "live", facts, now));
        }
    }

    /// What callers are told before anything is made.
    pub fn told(&self, outputs: &Outputs) -> Outcome {
        let images = self.images.iter();
        Outcome {
            file: outputs.file.as_ref().map(|_| FileInfo {
                filename: self.file.clone(),
                ..FileInfo::default()
            }),
            segments: outputs.segments.as_ref().map(|_| SegmentsInfo {
                playlist_name: self.playlist.clone(),
                live_playlist_name: self.live_playlist.clone(),
                ..SegmentsInfo::default()
            }),
            images: images
                .map(|prefix| ImagesInfo {
                    filename_prefix: prefix.clone(),
                    ..ImagesInfo::default()
                })
                .collect(),
            ..Outcome::default()
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use livekit_wire::proto::SegmentedFileOutput;
    use time::macros::datetime;

    use super::*;
    use crate::order::segments_order;

    fn named(prefix: &str, playlist: &str, live: &str) -> [String; 3] {
        let output = SegmentedFileOutput {
            filename_prefix: prefix.to_owned(),
            playlist_name: playlist.to_owned(),
            live_playlist_name: live.to_owned(),
            ..SegmentedFileOutput::default()
        };
        let outputs = Outputs {
            segments: Some(segments_order(&output, None).unwrap()),
            ..Outputs::default()
        };
        let facts = Facts {
            room_name: "r".to_owned(),
            ..Facts::default()
        };
        let now = datetime!(2026-11-28 15:59:57 UTC);
        let names = FileNames::of(&outputs, &facts, "{room_name}", "mp4", now);
        assert_eq!(names.file, "r.mp4");
        [names.segments, names.playlist, names.live_playlist]
    }

    #[test]
    fn pieces_and_their_lists_are_where_the_original_has_them() {
        for (asked, expected) in [
            (["", "", ""], ["r", "r.m3u8", ""]),
            (["a/b", "", "live"], ["a/b", "a/b.m3u8", "a/live.m3u8"]),
            (["b", "a/list.m3u8", ""], ["a/b", "a/list.m3u8", ""]),
            (
                ["a/b", "a/list", "a/live.m3u8"],
                ["a/b", "a/list.m3u8", "a/live.m3u8"],
            ),
            (["in/b", "a/list", ""], ["a/in/b", "a/list.m3u8", ""]),
            (["{room_name}-s", "", ""], ["r-s", "r-s.m3u8", ""]),
        ] {
            let [prefix, playlist, live] = asked;
            assert_eq!(
                named(prefix, playlist, live),
                expected.map(str::to_owned),
                "{asked:?}"
            );
        }
    }
}
