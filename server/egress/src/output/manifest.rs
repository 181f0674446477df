//! The list of an egress's files that lies beside them, in the original's words (egress `pkg/config/manifest.go`).

use std::{fs, io, path::Path};

use serde::Serialize;

use crate::{journal::Record, record::Selector};

#[derive(Debug, Default, Serialize)]
pub struct Manifest {
    egress_id: String,
    room_id: String,
    room_name: String,
    started_at: i64,
    ended_at: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    publisher_identity: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    track_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    audio_track_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    video_track_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<File>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    playlists: Vec<Playlist>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Image>,
}

#[derive(Debug, Serialize)]
struct File {
    filename: String,
    location: String,
}

#[derive(Debug, Default, Serialize)]
struct Playlist {
    location: String,
    segments: Vec<File>,
}

#[derive(Debug, Serialize)]
struct Image {
    filename: String,
    timestamp: String,
    location: String,
}

impl Manifest {
    /// What is known before any file is made.
    pub fn of(record: &Record, now: i64) -> Manifest {
        let mut manifest = Manifest {
            egress_id: record.info.egress_id.clone(),
            room_id: record.info.room_id.clone(),
            room_name: record.info.room_name.clone(),
            started_at: record.info.started_at,
            ended_at: now,
            ..Manifest::default()
        };
        match &record.order.selector {
            Selector::Room { .. } => {}
            Selector::Participant { identity, .. } => {
                manifest.publisher_identity.clone_from(identity);
            }
            Selector::Tracks { audio, video } => {
                manifest.audio_track_id.clone_from(audio);
                manifest.video_track_id.clone_from(video);
            }
            Selector::Track { id } => manifest.track_id.clone_from(id),
        }
        manifest
    }

    pub fn add_file(&mut self, filename: &str, location: &str) {
        self.files.push(file(filename, location));
    }

    /// Pieces by their names and locations, and where their list is.
    pub fn add_playlist(&mut self, location: &str, segments: &[(String, String)]) {
        let segments = segments.iter();
        self.playlists.push(Playlist {
            location: location.to_owned(),
            segments: segments
                .map(|(filename, location)| file(filename, location))
                .collect(),
        });
    }

    pub fn add_image(&mut self, filename: &str, timestamp: String, location: &str) {
        self.images.push(Image {
            filename: filename.to_owned(),
            timestamp,
            location: location.to_owned(),
        });
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, serde_json::to_vec(self)?)
    }
}

fn file(filename: &str, location: &str) -> File {
    File {
        filename: filename.to_owned(),
        location: location.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal;

    #[test]
    fn it_reads_as_the_original_writes_it() {
        let mut manifest = Manifest::of(&journal::tests::record("EG_1"), 9);
        manifest.add_file("a.mp4", "/out/a.mp4");
        manifest.add_playlist(
            "/out/a.m3u8",
            &[("a_00000.ts".into(), "/out/a_00000.ts".into())],
        );
        assert_eq!(
            serde_json::to_value(&manifest).unwrap(),
            json!({
                "egress_id": "EG_1", "room_id": "", "room_name": "r", "started_at": 0, "ended_at": 9,
                "files": [{"filename": "a.mp4", "location": "/out/a.mp4"}],
                "playlists": [{
                    "location": "/out/a.m3u8",
                    "segments": [{"filename": "a_00000.ts", "location": "/out/a_00000.ts"}],
                }],
            })
        );
    }
}
