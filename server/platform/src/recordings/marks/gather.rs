//! Gathers what happened when: from the recorder, which has the film's own clock, else from who came to the call and
//! left it.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Mark, model::MarkKind};
use crate::{
    app::App, db::DbError, livekit::egress::RecorderFile, meetings, recordings::store::RecordingRow,
};

/// What the recorder calls its list: a line of JSON for each thing that happened.
const FILE: &str = "timeline.jsonl";
const LARGEST_FILE: u64 = 8 * 1024 * 1024;
const MOST_MARKS: usize = 2_000;
/// In characters.
const LONGEST_TEXT: usize = 200;
/// Who is there when the recording begins is listed within so many milliseconds.
const BEGINNING: i64 = 1_000;
/// Who speaks for less than so many milliseconds is no chapter.
const INTERJECTION: i64 = 2_000;

#[derive(Deserialize)]
struct Line {
    /// In milliseconds.
    at: i64,
    #[serde(flatten)]
    event: Event,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Joined {
        identity: String,
        name: String,
    },
    Left {
        identity: String,
    },
    /// Of one track.
    Segment {
        identity: String,
        source: String,
    },
    /// The loudest first.
    Speakers {
        identities: Vec<String>,
    },
    Layout {
        layout: String,
    },
    LeftOut {
        reason: String,
    },
    /// What is no chapter, and what a newer recorder tells.
    #[serde(other)]
    Other,
}

/// What is known of a recording whose film is there.
pub async fn gather(app: &App, row: &RecordingRow) -> Result<Vec<Mark>, DbError> {
    let mut marks = of_recorder(app, row).await;
    if marks.is_empty() {
        marks = of_call(app, row).await?;
    }
    marks.truncate(MOST_MARKS);
    Ok(marks)
}

async fn of_recorder(app: &App, row: &RecordingRow) -> Vec<Mark> {
    let (Some(recorder), Some(egress_id)) = (&app.recorder, &row.egress_id) else {
        return Vec::new();
    };
    let file = RecorderFile::made(egress_id, FILE);
    match recorder.read(&file, 0, LARGEST_FILE, app.now()).await {
        Ok(file) => chapters(&file.bytes),
        // Not every recorder has one.
        Err(_) => Vec::new(),
    }
}

/// The chapters in a recorder's list; a line that is not understood is none.
fn chapters(file: &[u8]) -> Vec<Mark> {
    let mut names: HashMap<String, String> = HashMap::new();
    let mut marks: Vec<Mark> = Vec::new();
    let mut speaker = String::new();
    for line in file.split(|byte| *byte == b'\n') {
        let Ok(Line { at, event }) = serde_json::from_slice(line) else {
            continue;
        };
        let called = |identity: &String| names.get(identity).unwrap_or(identity).clone();
        let (kind, text) = match event {
            Event::Joined { identity, name } => {
                let text = if name.is_empty() {
                    identity.clone()
                } else {
                    name
                };
                let known = names.insert(identity, text.clone());
                if at <= BEGINNING || known.is_some() {
                    continue;
                }
                (MarkKind::Joined, text)
            }
            Event::Left { identity } => {
                let text = called(&identity);
                names.remove(&identity);
                (MarkKind::Left, text)
            }
            Event::Segment { identity, source } if source == "screen_share" => {
                (MarkKind::Share, called(&identity))
            }
            Event::Speakers { identities } => {
                let Some(loudest) = identities.first().filter(|loudest| **loudest != speaker)
                else {
                    continue;
                };
                speaker.clone_from(loudest);
                let last = marks
                    .iter()
                    .rposition(|mark| mark.kind == MarkKind::Speaker);
                if let Some(last) = last.filter(|last| at - marks[*last].at_ms < INTERJECTION) {
                    marks.remove(last);
                }
                (MarkKind::Speaker, called(loudest))
            }
            Event::Layout { layout } if at > BEGINNING => (MarkKind::Layout, layout),
            Event::LeftOut { reason } => (MarkKind::Note, reason),
            Event::Segment { .. } | Event::Layout { .. } | Event::Other => continue,
        };
        marks.push(Mark {
            at_ms: at.max(0),
            kind,
            text: text.chars().take(LONGEST_TEXT).collect(),
        });
    }
    marks
}

async fn of_call(app: &App, row: &RecordingRow) -> Result<Vec<Mark>, DbError> {
    let Some(from) = row.started_at else {
        return Ok(Vec::new());
    };
    let to = row.stopped_at.unwrap_or_else(|| app.now());
    let mut marks = Vec::new();
    for stay in meetings::stays_between(&app.db, row.room_id, from, to).await? {
        let mut add = |at, kind| {
            marks.push(Mark {
                at_ms: at,
                kind,
                text: stay.name.clone(),
            });
        };
        if stay.joined_at > from {
            add(stay.joined_at.0 - from.0, MarkKind::Joined);
        }
        if let Some(left_at) = stay.left_at.filter(|left_at| *left_at < to) {
            add(left_at.0 - from.0, MarkKind::Left);
        }
    }
    marks.sort_by_key(|mark| mark.at_ms);
    Ok(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorders_lines_become_chapters_and_short_words_and_unknown_lines_do_not() {
        let file = r#"{"at":0,"event":"began"}
{"at":3,"event":"joined","identity":"u-1","name":"Ada"}
{"at":5,"event":"layout","layout":"grid"}
{"at":10,"event":"segment","file":"a.webm","track":"TR_a","identity":"u-1","codec":"vp8","source":"camera"}
{"at":100,"event":"speakers","identities":["u-1"]}
{"at":5000,"event":"joined","identity":"g-2","name":"Grace"}
{"at":6000,"event":"speakers","identities":["g-2","u-1"]}
{"at":7000,"event":"speakers","identities":["u-1"]}
{"at":7500,"event":"speakers","identities":[]}
{"at":8000,"event":"segment","file":"b.webm","track":"TR_b","identity":"g-2","codec":"vp9","source":"screen_share"}
{"at":9000,"event":"fireworks"}
{"at":9500,"event":"left_out","track":"TR_c","reason":"H.265 is not recorded"}
{"at":10000,"event":"left","identity":"g-2"}
{"at":10500,"event":"lay"#;
        let marks = chapters(file.as_bytes());
        let told: Vec<(i64, &str, &str)> = marks
            .iter()
            .map(|mark| (mark.at_ms, mark.kind.as_str(), mark.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (100, "speaker", "Ada"),
                (5000, "joined", "Grace"),
                (7000, "speaker", "Ada"),
                (8000, "share", "Grace"),
                (9500, "note", "H.265 is not recorded"),
                (10_000, "left", "Grace"),
            ]
        );
    }
}
