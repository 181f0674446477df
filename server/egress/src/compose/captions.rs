//! Names of people in the picture, where ffmpeg can write and finds a font. It must not know where the pictures are.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{ffmpeg::run, segments::Recording};
use crate::record::timeline;

/// Longer names end in dots.
const LONGEST: usize = 32;
/// Of a picture's height.
const SHARE: u32 = 22;
const SMALLEST: u32 = 14;

/// Each person's name in a file: a name may have any letter, and a graph gives many of them a meaning.
#[derive(Debug, Default)]
pub struct Captions {
    files: HashMap<String, PathBuf>,
}

impl Captions {
    /// Writes the names down in `folder`; nobody has one where `ffmpeg` cannot write.
    pub fn write(recording: &Recording, folder: &Path, ffmpeg: &Path) -> io::Result<Captions> {
        if run(ffmpeg, &probe()).is_err() {
            return Ok(Captions::default());
        }
        let mut files = HashMap::new();
        let names = timeline::names(&recording.timeline);
        for (number, (identity, name)) in names.into_iter().enumerate() {
            let path = folder.join(format!("name-{number:04}.txt"));
            fs::write(&path, shown(name))?;
            files.insert(identity.to_owned(), path);
        }
        Ok(Captions { files })
    }

    /// What writes this person's name into a picture of this height; begins with a comma, and is empty for nobody.
    pub fn filter(&self, identity: &str, height: u32) -> String {
        let Some(path) = self.files.get(identity) else {
            return String::new();
        };
        let file = escaped(&path.to_string_lossy());
        let size = (height / SHARE).max(SMALLEST);
        let edge = size / 2;
        format!(
            ",drawtext=textfile={file}:expansion=none:fontsize={size}:fontcolor=white:box=1:boxcolor=black@0.5:\
             boxborderw={edge}:x={size}:y=h-th-{size}"
        )
    }
}

/// As it is written.
fn shown(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    if name.chars().count() <= LONGEST {
        return name;
    }
    let beginning: String = name.chars().take(LONGEST - 1).collect();
    format!("{}…", beginning.trim_end())
}

/// A text as a filter's value, and that as a part of a graph.
fn escaped(text: &str) -> String {
    let mut escaped = text.to_owned();
    for special in [&['\\', '\'', ':'][..], &['\\', '\'', '[', ']', ',', ';']] {
        let mut next = String::with_capacity(escaped.len());
        for letter in escaped.chars() {
            if special.contains(&letter) {
                next.push('\\');
            }
            next.push(letter);
        }
        escaped = next;
    }
    escaped
}

/// Whether one letter can be written.
fn probe() -> Vec<String> {
    let black = "color=black:s=64x64:d=0.04,drawtext=text=a";
    ["-f", "lavfi", "-i", black, "-f", "null", "-"]
        .map(ToOwned::to_owned)
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_others_see_of_it_and_not_longer_than_a_picture() {
        assert_eq!(shown("Ana\n"), "Ana");
        assert_eq!(shown(&"n".repeat(40)).chars().count(), LONGEST);
    }

    #[test]
    fn a_folder_may_have_any_name() {
        assert_eq!(escaped("/a/b.txt"), "/a/b.txt");
        assert_eq!(escaped("a:b,c"), r"a\\:b\,c");
        assert_eq!(escaped("it's"), r"it\\\'s");
    }

    #[test]
    fn nobody_has_a_name_where_none_was_written() {
        assert_eq!(Captions::default().filter("ana", 720), "");
        let files = [("ana".to_owned(), PathBuf::from("/f/name-0000.txt"))];
        let captions = Captions {
            files: files.into(),
        };
        let filter = captions.filter("ana", 720);
        assert!(
            filter.starts_with(",drawtext=textfile=/f/name-0000.txt:"),
            "{filter}"
        );
    }
}
