//! Sends tracing events to standard error, as lines for people or as JSON for collectors and for our supervisor.

use std::{fmt::Debug, io::IsTerminal};

use convoke_platform::{KeptLog, LogLevel, LogLine};
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
            .with_writer(std::io::stderr);
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
            name => self.fields.push(format!("{name}={value:?}")),
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
    if field.name() != "message" {
        write!(writer, "{}=", field.name())?;
    }
    for character in format!("{value:?}").chars() {
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
    use std::{io, sync::Arc};

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
            tracing::info!(target: "livekit", "somebody joined");
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
                ("somebody joined", "")
            ]
        );
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
