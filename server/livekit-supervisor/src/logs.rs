//! The child's output: every line becomes a log event of ours with the fields that it had, and the last ones are kept for
//! the day it fails.
//! Knows zap's JSON and console formats and tracing's JSON; must never let a secret or an endless line through.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tracing::{Level, field};

/// Lines kept.
const KEPT: usize = 50;
/// Bytes of one line that are looked at; the rest of it is dropped.
const LONGEST_LINE: usize = 8 * 1024;

/// The field of our events that holds those of the child's line, as one JSON object: only the child knows their names.
pub const CHILD_FIELDS: &str = "fields";

/// One line of the child, understood as far as possible.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// `None` where the line names none, as a last word on the way out usually does.
    level: Option<Level>,
    logger: Option<String>,
    message: String,
    /// Everything else in it.
    fields: Map<String, Value>,
}

/// Whose output it is: the target of its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The media child.
    LiveKit,
    /// The egress child.
    Egress,
    /// The ingress child.
    Ingress,
}

/// Relays and keeps; cheap to clone, shared by the readers of stdout and stderr.
#[derive(Debug, Clone)]
pub struct ChildLog {
    speaker: Speaker,
    kept: Arc<Mutex<VecDeque<Line>>>,
    secret: SecretString,
}

impl ChildLog {
    /// Whatever the child says, `secret` is not repeated.
    pub fn new(speaker: Speaker, secret: SecretString) -> Self {
        Self {
            speaker,
            kept: Arc::default(),
            secret,
        }
    }

    /// Takes a line; what comes on standard error without a level is a warning.
    pub fn hear(&self, is_error: bool, text: &str) {
        let line = parse(&redact(text, self.secret.expose_secret()));
        let unmarked = if is_error { Level::WARN } else { Level::INFO };
        emit(self.speaker, &line, unmarked);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line);
    }

    /// The kept lines, oldest first.
    pub fn last_lines(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(Line::to_text).collect()
    }

    /// The line that most likely says why the child ended: its last error or bare line, else its last line.
    pub fn last_words(&self) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .rev()
            .find(|line| matches!(line.level, None | Some(Level::ERROR)))
            .or_else(|| kept.back())
            .map(Line::to_text)
    }

    /// The line in which the child complains of a taken port.
    pub fn address_in_use(&self) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .rev()
            .map(Line::to_text)
            .find(|text| text.to_ascii_lowercase().contains("address already in use"))
    }
}

impl Line {
    fn to_text(&self) -> String {
        let level = self
            .level
            .map_or_else(String::new, |level| format!("{level} "));
        let blank = if self.fields.is_empty() { "" } else { " " };
        format!("{level}{}{blank}{}", self.message, plain(&self.fields))
    }
}

/// Reads one line without its end into `bytes`, at most [`LONGEST_LINE`] of it; false at the end of the output.
pub async fn read_line(output: &mut (impl AsyncBufRead + Unpin), bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    let mut any = false;
    loop {
        let (used, ended) = match output.fill_buf().await {
            Ok([]) | Err(_) => return any,
            Ok(chunk) => {
                let end = chunk.iter().position(|byte| *byte == b'\n');
                let part = &chunk[..end.unwrap_or(chunk.len())];
                let room = LONGEST_LINE.saturating_sub(bytes.len());
                bytes.extend_from_slice(&part[..part.len().min(room)]);
                (part.len() + usize::from(end.is_some()), end.is_some())
            }
        };
        any = true;
        output.consume(used);
        if ended {
            return true;
        }
    }
}

/// Our secret and anything shaped like a token is replaced.
pub fn redact(text: &str, secret: &str) -> String {
    let text = if secret.is_empty() {
        text.to_owned()
    } else {
        text.replace(secret, "[secret]")
    };
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // A JWT's header is `{"` in base64url.
    while let Some(start) = rest.find("eyJ") {
        let (before, candidate) = rest.split_at(start);
        clean.push_str(before);
        let is_token_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let end = candidate
            .bytes()
            .position(|byte| !is_token_byte(byte))
            .unwrap_or(candidate.len());
        let (candidate, after) = candidate.split_at(end);
        let is_token = candidate.matches('.').count() >= 2;
        clean.push_str(if is_token { "[token]" } else { candidate });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

fn parse(text: &str) -> Line {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => parse_json(object),
        _ => parse_console(text).unwrap_or_else(|| Line {
            level: None,
            logger: None,
            message: text.to_owned(),
            fields: Map::new(),
        }),
    }
}

/// zap: `{level, ts, logger, caller, msg, …}`; tracing: `{level, timestamp, target, fields: {message, …}}`.
fn parse_json(mut object: Map<String, Value>) -> Line {
    if let Some(Value::Object(fields)) = object.remove("fields") {
        object.extend(fields);
    }
    let mut take = |names: &[&str]| {
        names.iter().find_map(|name| match object.remove(*name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        })
    };
    let level = take(&["level"]).as_deref().and_then(level_of);
    let logger = take(&["logger", "target"]);
    let message = take(&["msg", "message"]).unwrap_or_default();
    // Ours has its own clock.
    for clock in ["ts", "time", "timestamp"] {
        object.remove(clock);
    }
    hide_secrets(&mut object);
    Line {
        level,
        logger,
        message,
        fields: object,
    }
}

/// zap's console: `TIME\tLEVEL\tLOGGER\tCALLER\tMESSAGE\t{FIELDS}`.
fn parse_console(text: &str) -> Option<Line> {
    let mut columns = text.split('\t').skip(1);
    let level = level_of(columns.next()?)?;
    let rest: Vec<_> = columns.collect();
    let (fields, rest) = match rest.split_last() {
        Some((last, rest)) if last.starts_with('{') => match serde_json::from_str(last) {
            Ok(mut object) => {
                hide_secrets(&mut object);
                (object, rest)
            }
            // A line that was cut.
            Err(_) => (Map::from_iter([("rest".to_owned(), (*last).into())]), rest),
        },
        _ => (Map::new(), rest.as_slice()),
    };
    let (message, rest) = rest.split_last()?;
    Some(Line {
        level: Some(level),
        logger: rest.first().map(|logger| (*logger).to_owned()),
        message: (*message).to_owned(),
        fields,
    })
}

/// Fields of LiveKit's requests, which livekit-server logs whole, that let somebody in. Its own log hides most of them, and
/// not the PIN of a dispatch rule.
const SECRET_FIELDS: [&str; 6] = [
    "apisecret",
    "authpassword",
    "password",
    "pin",
    "secret",
    "streamkey",
];

fn hide_secrets(object: &mut Map<String, Value>) {
    for (name, value) in object.iter_mut() {
        let plain_name = name.replace('_', "").to_ascii_lowercase();
        if SECRET_FIELDS.contains(&plain_name.as_str()) {
            *value = Value::from("[secret]");
        } else {
            hide_secrets_in(value);
        }
    }
}

fn hide_secrets_in(value: &mut Value) {
    match value {
        Value::Object(object) => hide_secrets(object),
        Value::Array(values) => values.iter_mut().for_each(hide_secrets_in),
        _ => {}
    }
}

/// As `name=value` with blanks between, which a person reads with ease: JSON within a line of text is for nobody.
pub fn plain(object: &Map<String, Value>) -> String {
    let fields: Vec<String> = object
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) if is_word(text) => format!("{name}={text}"),
            value => format!("{name}={value}"),
        })
        .collect();
    fields.join(" ")
}

fn is_word(text: &str) -> bool {
    let ends_one = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '"';
    !text.is_empty() && !text.contains(ends_one)
}

fn level_of(text: &str) -> Option<Level> {
    Some(match text.to_ascii_lowercase().as_str() {
        "trace" => Level::TRACE,
        "debug" => Level::DEBUG,
        "info" => Level::INFO,
        "warn" | "warning" => Level::WARN,
        "error" | "dpanic" | "panic" | "fatal" => Level::ERROR,
        _ => return None,
    })
}

/// Written only where an event is.
struct Json<'line>(&'line Map<String, Value>);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}

fn emit(speaker: Speaker, line: &Line, unmarked: Level) {
    let Line {
        level,
        logger,
        message,
        fields,
    } = line;
    let logger = logger.as_deref();
    let fields = (!fields.is_empty()).then(|| field::display(Json(fields)));
    macro_rules! at {
        ($level:ident) => {
            match speaker {
                Speaker::LiveKit => {
                    tracing::event!(target: "livekit", Level::$level, logger, fields, "{message}");
                }
                Speaker::Egress => {
                    tracing::event!(target: "egress", Level::$level, logger, fields, "{message}");
                }
                Speaker::Ingress => {
                    tracing::event!(target: "ingress", Level::$level, logger, fields, "{message}");
                }
            }
        };
    }
    match level.unwrap_or(unmarked) {
        Level::TRACE => at!(TRACE),
        Level::DEBUG => at!(DEBUG),
        Level::INFO => at!(INFO),
        Level::WARN => at!(WARN),
        Level::ERROR => at!(ERROR),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(level: Level, logger: &str, message: &str, fields: &Value) -> Line {
        Line {
            level: Some(level),
            logger: Some(logger.to_owned()),
            message: message.to_owned(),
            fields: fields.as_object().unwrap().clone(),
        }
    }

    async fn relayed(output: &[u8]) -> ChildLog {
        let log = ChildLog::new(Speaker::LiveKit, "the-api-secret".to_owned().into());
        let mut output = tokio::io::BufReader::new(output);
        let mut bytes = Vec::new();
        while read_line(&mut output, &mut bytes).await {
            log.hear(false, String::from_utf8_lossy(&bytes).trim_end());
        }
        log
    }

    #[test]
    fn livekits_json_is_understood() {
        let text = r#"{"level":"warn","ts":"2026-11-21T08:00:00Z","logger":"livekit.api","caller":"x.go:1","msg":"slow","room":"a b","sizes":[1,2]}"#;
        let fields = json!({"caller": "x.go:1", "room": "a b", "sizes": [1, 2]});
        let parsed = parse(text);
        assert_eq!(parsed, line(Level::WARN, "livekit.api", "slow", &fields));
        assert_eq!(
            parsed.to_text(),
            r#"WARN slow caller=x.go:1 room="a b" sizes=[1,2]"#
        );
    }

    #[test]
    fn what_lets_somebody_in_is_not_in_a_request_that_is_logged() {
        let text = r#"{"level":"info","msg":"API SIP.CreateSIPDispatchRule","request":{"name":"lab","rules":[{"pin":"1234"}],"auth_password":"hush","streamKey":"k"}}"#;
        let told = plain(&parse(text).fields);
        assert!(told.contains(r#""name":"lab""#), "{told}");
        for secret in ["1234", "hush", r#":"k""#] {
            assert!(!told.contains(secret), "{told}");
        }
    }

    #[test]
    fn tracings_json_is_understood() {
        let text = r#"{"timestamp":"2026","level":"ERROR","target":"media_server::net","fields":{"message":"no socket","port":7882}}"#;
        let expected = line(
            Level::ERROR,
            "media_server::net",
            "no socket",
            &json!({"port": 7882}),
        );
        assert_eq!(parse(text), expected);
    }

    #[test]
    fn livekits_console_format_is_understood() {
        let text = "2026-11-21T08:00:00.000Z\tINFO\tlivekit\tservice/server.go:257\tstarting LiveKit server\t{\"portHttp\": 7880}";
        let fields = json!({"portHttp": 7880});
        assert_eq!(
            parse(text),
            line(Level::INFO, "livekit", "starting LiveKit server", &fields)
        );
    }

    #[test]
    fn any_other_line_is_its_own_message() {
        for text in [
            "panic: nil map",
            "listen tcp :7880: bind: address already in use",
            "[1]",
            "a\tb",
        ] {
            let parsed = parse(text);
            assert_eq!((parsed.level, parsed.message.as_str()), (None, text));
        }
    }

    #[tokio::test]
    async fn only_the_last_fifty_lines_are_kept() {
        let output: String = (0..60)
            .flat_map(|number| [format!("line {number}"), "\n".to_owned()])
            .collect();
        let lines = relayed(output.as_bytes()).await.last_lines();
        assert_eq!(lines.len(), 50);
        assert_eq!(
            (lines[0].as_str(), lines[49].as_str()),
            ("line 10", "line 59")
        );
    }

    #[tokio::test]
    async fn secrets_and_tokens_are_not_repeated() {
        let lines = relayed(b"key the-api-secret\nGET /rtc?access_token=eyJhbGciOi.eyJ2aWRl.c2ln&auto=1\neyJust a word\n")
            .await
            .last_lines();
        assert_eq!(
            lines,
            [
                "key [secret]",
                "GET /rtc?access_token=[token]&auto=1",
                "eyJust a word"
            ]
        );
    }

    #[tokio::test]
    async fn an_endless_line_is_cut_and_the_next_one_still_read() {
        let mut output = vec![b'x'; 1_000_000];
        output.extend_from_slice(b"\nnext\nlast without an end");
        let lines = relayed(&output).await.last_lines();
        assert_eq!(lines[0].len(), LONGEST_LINE);
        assert_eq!(lines[1..], ["next", "last without an end"]);
    }

    #[tokio::test]
    async fn the_last_words_are_the_last_error_or_bare_line() {
        let log = relayed(b"{\"level\":\"info\",\"msg\":\"a\"}\nbare reason\n{\"level\":\"info\",\"msg\":\"bye\"}\n").await;
        assert_eq!(log.last_words().as_deref(), Some("bare reason"));
        let log = relayed(b"{\"level\":\"info\",\"msg\":\"a\"}\n").await;
        assert_eq!(log.last_words().as_deref(), Some("INFO a"));
        assert_eq!(relayed(b"").await.last_words(), None);
    }

    #[tokio::test]
    async fn a_taken_port_is_recognised_in_gos_and_in_rusts_words() {
        for words in [
            "listen tcp 127.0.0.1:7880: bind: address already in use",
            "Error: Address already in use (os error 98)",
        ] {
            assert!(
                relayed(words.as_bytes()).await.address_in_use().is_some(),
                "{words}"
            );
        }
        assert_eq!(relayed(b"all is well").await.address_in_use(), None);
    }
}
