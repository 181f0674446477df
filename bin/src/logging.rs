//! Sends tracing events to standard error, as lines for people or as JSON for collectors and for our supervisor.

use std::{
    fmt::Debug,
    io::{self, IsTerminal, Write},
};

use convoke_platform::{KeptLog, LogLevel, LogLine};
use livekit_supervisor::{CHILD_FIELDS, plain_fields};
use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter, Layer,
    field::MakeExt,
    fmt::{self, format},
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::clock::wall_clock;

/// `level` is a level's name or a filter; `RUST_LOG` wins over it.
pub fn start(level: &str, json: bool) -> anyhow::Result<()> {
    start_with(level, json, None)
}

/// The same, with the last lines kept for administrators.
pub fn start_keeping(level: &str, json: bool, log: KeptLog) -> anyhow::Result<()> {
    start_with(level, json, Some(Keeping { log }))
}

fn start_with(level: &str, json: bool, keeping: Option<Keeping>) -> anyhow::Result<()> {
    let registry = tracing_subscriber::registry()
        .with(filter(level)?)
        .with(keeping);
    if json {
        let lines = fmt::layer()
            .json()
            .flatten_event(true)
            // It would say so on standard error itself, and panic where that takes nothing (a full disk).
            .log_internal_errors(false)
            .with_ansi(false)
            .with_writer(|| Unpacked(io::stderr()));
        registry.with(lines).try_init()?;
    } else {
        let lines = fmt::layer()
            .fmt_fields(fields())
            .log_internal_errors(false)
            .with_ansi(in_colour())
            .with_writer(std::io::stderr);
        registry.with(lines).try_init()?;
    }
    Ok(())
}

/// Puts the fields of a child's line into ours as the object that they are.
struct Unpacked<W>(W);

impl<W: Write> Write for Unpacked<W> {
    /// Takes one event at a time, as the layer writes them.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        match unpacked(event) {
            Some(whole) => self.0.write_all(&whole)?,
            None => self.0.write_all(event)?,
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn unpacked(event: &[u8]) -> Option<Vec<u8>> {
    let packed = format!("\"{CHILD_FIELDS}\":\"{{");
    event
        .windows(packed.len())
        .position(|part| part == packed.as_bytes())?;
    let mut event: Map<String, Value> = serde_json::from_slice(event).ok()?;
    let fields = event.get_mut(CHILD_FIELDS)?;
    *fields = Value::Object(child_fields(fields.as_str()?)?);
    let mut line = serde_json::to_vec(&event).ok()?;
    line.push(b'\n');
    Some(line)
}

fn child_fields(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

/// What stands behind the message for one field.
fn words(field: &Field, value: &dyn Debug) -> String {
    let text = format!("{value:?}");
    if field.name() == CHILD_FIELDS
        && let Some(fields) = child_fields(&text)
    {
        return plain_fields(&fields);
    }
    format!("{}={text}", field.name())
}

/// Hands each line to those that are kept.
struct Keeping {
    log: KeptLog,
}

impl<S: Subscriber> Layer<S> for Keeping {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let level = level_of(*metadata.level());
        if !KeptLog::wants(metadata.target(), level) {
            return;
        }
        let mut words = Words::default();
        event.record(&mut words);
        self.log.keep(LogLine {
            at: wall_clock().into(),
            level,
            target: metadata.target().to_owned(),
            message: words.message,
            fields: words.fields.join(" "),
        });
    }
}

fn level_of(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

#[derive(Default)]
struct Words {
    message: String,
    fields: Vec<String>,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            _ => self.fields.push(words(field, value)),
        }
    }
}

/// Colours are for terminals, and for people who want them (<https://no-color.org>).
fn in_colour() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !unwanted
}

fn fields() -> impl for<'writer> fmt::FormatFields<'writer> + 'static {
    format::debug_fn(write_field).delimited(" ")
}

/// One event is one line, whatever a stranger put into a name.
fn write_field(
    writer: &mut format::Writer<'_>,
    field: &Field,
    value: &dyn Debug,
) -> std::fmt::Result {
    let text = match field.name() {
        "message" => format!("{value:?}"),
        _ => words(field, value),
    };
    for character in text.chars() {
        if character.is_control() {
            write!(writer, "{}", character.escape_default())?;
        } else {
            writer.write_char(character)?;
        }
    }
    Ok(())
}

/// Libraries that warn of whatever strangers send: a log that anybody can fill tells nothing.
const TOO_LOUD: [&str; 4] = [
    "stun_proto",
    "stun_types",
    "turn_server_proto",
    "turn_types",
];

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    let level = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(directives) => return Ok(EnvFilter::try_new(directives)?),
        Err(_) if level.is_empty() => "info",
        Err(_) => level,
    };
    let filter = EnvFilter::try_new(level)?;
    TOO_LOUD.iter().try_fold(filter, |filter, library| {
        Ok(filter.add_directive(format!("{library}=off").parse()?))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn warnings_and_what_children_say_are_kept() {
        let log = KeptLog::default();
        let keeping = Keeping { log: log.clone() };
        let subscriber = tracing_subscriber::registry().with(keeping);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!("nothing wrong");
            tracing::warn!(port = 7882, why = %"taken", "no socket");
            let fields = r#"{"room":"a b","count":2}"#;
            tracing::info!(target: "livekit", fields = %fields, "somebody joined");
        });
        let lines = log.lines();
        let mut told: Vec<_> = lines
            .iter()
            .map(|line| (line.message.as_str(), line.fields.as_str()))
            .collect();
        told.sort_unstable();
        assert_eq!(
            told,
            [
                ("no socket", "port=7882 why=taken"),
                ("somebody joined", r#"count=2 room="a b""#)
            ]
        );
    }

    #[test]
    fn what_a_child_said_is_fields_in_json_too() {
        let written = Written::default();
        let writer = written.clone();
        let lines = fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(move || Unpacked(writer.clone()));
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::with_default(subscriber, || {
            let fields = r#"{"room":"a \"b\"","sizes":[1,2]}"#;
            tracing::warn!(target: "livekit", logger = "api", fields = %fields, "slow");
            tracing::warn!(fields = "{no object", "ours");
        });
        let text = String::from_utf8(written.0.lock().clone()).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let of_child = serde_json::json!({"room": "a \"b\"", "sizes": [1, 2]});
        assert_eq!(lines[0]["fields"], of_child, "{text}");
        assert_eq!(lines[0]["message"], "slow");
        assert_eq!(lines[0]["logger"], "api");
        assert_eq!(lines[1]["fields"], "{no object", "{text}");
    }

    #[test]
    fn a_name_with_line_breaks_makes_no_lines() {
        let written = Written::default();
        let writer = written.clone();
        let lines = fmt::layer()
            .fmt_fields(fields())
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(identity = %"ann\n2026 INFO forged\u{1b}[2J", "somebody came\r\nand went");
        });
        let text = String::from_utf8(written.0.lock().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(
            text.contains(r"somebody came\r\nand went identity=ann\n2026 INFO forged\u{1b}[2J"),
            "{text:?}"
        );
    }
}
