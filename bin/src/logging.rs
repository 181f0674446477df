//! Sends tracing events to standard error, for people or for collectors.

use anyhow::Context;
use convoke_platform::config::{Log, LogFormat};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// As section `log` says; `RUST_LOG` wins over its level.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = filter(&log.level).context("log.level")?;
    let registry = tracing_subscriber::registry().with(filter);
    match log.format {
        LogFormat::Text => registry
            .with(fmt::layer().with_writer(std::io::stderr))
            .try_init()?,
        LogFormat::Json => registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(std::io::stderr),
            )
            .try_init()?,
    }
    Ok(())
}

/// JSON lines, which the supervisor reads and relays.
pub fn start_for_child(level: &str) -> anyhow::Result<()> {
    tracing_subscriber::registry()
        .with(filter(level).context("logging.level")?)
        .with(
            fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(std::io::stderr),
        )
        .try_init()?;
    Ok(())
}

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(directives) => Ok(EnvFilter::try_new(directives)?),
        Err(_) => Ok(EnvFilter::try_new(level)?),
    }
}
