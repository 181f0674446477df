//! Reads files that hold secrets, of LiveKit's kind: what is wrong with one is said without any word of it. It must not know
//! what a file is for.

use std::{
    fmt::Display,
    fs, io,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

/// What stands before a part of the file in the parsers' messages.
const QUOTING: [&str; 5] = [
    "invalid type: ",
    "invalid value: ",
    "unknown variant ",
    "unknown field ",
    "duplicate entry ",
];
const EXPECTED: &str = "expected ";
const PLACE: &str = " at line ";

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No such file, or not ours to read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What and where, without what stands there. The parser's error is not kept: whoever prints causes would print it.
        problem: String,
    },
}

/// Reads a YAML file.
pub fn yaml<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let text = fs::read_to_string(path).map_err(|source| FileError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_yaml::from_str(&text).map_err(|error| FileError::Malformed {
        path: path.to_owned(),
        problem: without_values(&error),
    })
}

/// Reads JSON that was in a file.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, without_values(&error)))
}

/// The parser's words, less the value or the key that it quotes: it could be a secret.
pub fn without_values(error: &impl Display) -> String {
    let said = without_quotes(&error.to_string());
    let quoting = QUOTING.iter().filter_map(|start| {
        let at = said.find(start)?;
        Some((at, at + start.len()))
    });
    let Some((_, from)) = quoting.min() else {
        return said;
    };
    let kind = said[..from].trim_end_matches([':', ' ']);
    let rest = &said[from..];
    let (gap, at) = match (rest.rfind(EXPECTED), rest.rfind(PLACE)) {
        (Some(at), _) => (", ", at),
        (None, Some(at)) => ("", at),
        (None, None) => ("", rest.len()),
    };
    format!("{kind}{gap}{}", &rest[at..])
}

/// Some types say what they were read from, in quotation marks.
fn without_quotes(said: &str) -> String {
    match (said.find('"'), said.rfind('"')) {
        (Some(from), Some(to)) if from < to => {
            let before = said[..from].trim_end_matches([':', ' ']);
            format!("{before}{}", &said[to + 1..])
        }
        _ => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, error::Error};

    use secrecy::SecretString;
    use serde::Deserialize;
    use url::Url;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "they are not read, but refused")]
    struct File {
        port: u16,
        #[serde(default)]
        secret: Option<SecretString>,
        #[serde(default)]
        url: Option<Url>,
        #[serde(default)]
        keys: BTreeMap<String, String>,
        #[serde(default)]
        any: Option<serde_yaml::Value>,
        #[serde(default)]
        word: Option<Word>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        One,
        Two,
    }

    fn refusal(text: &str) -> FileError {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.yaml");
        fs::write(&path, text).unwrap();
        yaml::<File>(&path).unwrap_err()
    }

    #[test]
    fn no_refusal_shows_a_word_of_the_file() {
        for text in [
            "hush-word",
            "[hush-word]",
            "hush-word: 1",
            "{port: 1, hush-word}",
            "{port: 1, secret:hush-word}",
            "port: hush-word",
            "port: 'hush-word, expected a port'",
            "port: 'hush-word at line 7'",
            "port: 1\nsecret: [hush-word]",
            "port: 1\nurl: hush-word",
            "port: 1\nurl: 'rtmp//hush-word'",
            "port: 1\nkeys: hush-word",
            "port: 1\nkeys: {a: {hush-word: 1}}",
            "port: 1\nword: hush-word",
            "port: 1\nword: {hush-word: 1}",
            "port: 1\nany: {hush-word: 1, hush-word: 2}",
            "port: 1\nsecret: *hush-word",
            "port: 1\nsecret: \"hush-word\\q\"",
            "port: 1\nsecret:hush-word",
        ] {
            let error = refusal(text);
            let said = format!("{error} {:?}", error.source());
            assert!(!said.contains("hush"), "{text}: {said}");
        }
    }

    #[test]
    fn what_is_wrong_and_where_is_said_all_the_same() {
        let said = refusal("port: 1\nsecret: [x]").to_string();
        assert!(said.contains(".yaml: secret: "), "{said}");
        assert!(said.contains("expected a string"), "{said}");
        assert!(said.contains("line 2"), "{said}");
        let said = refusal("port: 1\nprot: 2").to_string();
        assert!(
            said.contains("unknown field, expected one of `port`, "),
            "{said}"
        );
        assert!(said.contains("line 2"), "{said}");
        let said = refusal("secret: x").to_string();
        assert!(said.contains("missing field `port`"), "{said}");
        let missing = yaml::<File>(Path::new("/nowhere/x.yaml")).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("cannot read /nowhere/x.yaml: ")
        );
    }

    #[test]
    fn json_is_read_as_quietly() {
        let read = json::<BTreeMap<String, u16>>(br#"{"a": "hush-word"}"#);
        let said = read.unwrap_err().to_string();
        assert_eq!(said, "invalid type, expected u16 at line 1 column 17");
        assert_eq!(json::<Vec<u8>>(b"[1]").unwrap(), [1]);
    }
}
