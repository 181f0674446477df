//! Names of files from LiveKit's templates (egress 1.14, `pkg/config/storage.go` and `output_file.go`). It must not know what is in
//! a file.

use std::path::{Component, Path, PathBuf};

use time::{OffsetDateTime, macros::format_description};

/// What a template can name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub room_name: String,
    pub room_id: String,
    pub publisher_identity: String,
    pub track_id: String,
    pub track_type: String,
    pub track_source: String,
}

/// Known endings are replaced by the one that the file really has.
const ENDINGS: [&str; 8] = ["mp4", "ogg", "webm", "mkv", "mp3", "ivf", "h264", "m3u8"];

/// The path that `template` means, below the folder of outputs; `default` where it names no file. `ending` without a dot.
pub fn expand(
    template: &str,
    default: &str,
    facts: &Facts,
    now: OffsetDateTime,
    ending: &str,
) -> PathBuf {
    with_ending(fill(template, default, facts, now), ending)
}

/// The same without an ending of ours.
pub fn fill(template: &str, default: &str, facts: &Facts, now: OffsetDateTime) -> PathBuf {
    let mut template = template.to_owned();
    if template.is_empty() || template.ends_with('/') {
        template.push_str(default);
    }
    let mut text = template;
    for (word, value) in [
        ("{room_name}", facts.room_name.as_str()),
        ("{room_id}", &facts.room_id),
        ("{publisher_identity}", &facts.publisher_identity),
        ("{track_id}", &facts.track_id),
        ("{track_type}", &facts.track_type),
        ("{track_source}", &facts.track_source),
        ("{time}", &time(now)),
        ("{utc}", &utc(now)),
        ("{retry}", "0"),
    ] {
        // A name that people chose must not lead into another folder.
        text = text.replace(word, &value.replace('/', "_"));
    }
    // Never out of the folder of outputs.
    let inside = Path::new(&text)
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        });
    let mut path: PathBuf = inside.collect();
    if path.as_os_str().is_empty() {
        path.push("recording");
    }
    path
}

/// The path with `ending` in place of another known one.
pub fn with_ending(mut path: PathBuf, ending: &str) -> PathBuf {
    let known = path
        .extension()
        .and_then(|known| known.to_str())
        .is_some_and(|known| ENDINGS.contains(&known));
    if known {
        path.set_extension(ending);
    } else {
        path.as_mut_os_string().push(format!(".{ending}"));
    }
    path
}

fn time(now: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour][minute][second]");
    now.format(&format).unwrap_or_default()
}

/// A time of day as `{utc}` has it.
pub fn utc(now: OffsetDateTime) -> String {
    let format =
        format_description!("[year][month][day][hour][minute][second][subsecond digits:3]");
    now.format(&format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn facts() -> Facts {
        Facts {
            room_name: "team/a".to_owned(),
            track_id: "TR_1".to_owned(),
            ..Facts::default()
        }
    }

    fn named(template: &str) -> String {
        let now = datetime!(2026-11-28 15:59:57.25 UTC);
        let path = expand(template, "{room_name}-{time}", &facts(), now, "webm");
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn names_are_those_of_the_original() {
        for (template, name) in [
            ("", "team_a-2026-11-28T155957.webm"),
            ("out/", "out/team_a-2026-11-28T155957.webm"),
            ("out/{track_id}.mp4", "out/TR_1.webm"),
            ("{utc}", "20261128155957250.webm"),
            ("v1.2", "v1.2.webm"),
            ("/etc/../../x", "etc/x.webm"),
            ("..", "recording.webm"),
        ] {
            assert_eq!(named(template), name, "{template}");
        }
    }

    proptest! {
        #[test]
        fn no_name_leads_out_of_the_folder(template in ".{0,60}") {
            let path = PathBuf::from(named(&template));
            prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))));
        }
    }
}
