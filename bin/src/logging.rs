//! Sends tracing events to standard error, as lines for people or as JSON for collectors and for our supervisor.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// `level` is a level's name or a filter; `RUST_LOG` wins over it.
pub fn start(level: &str, json: bool) -> anyhow::Result<()> {
    let registry = tracing_subscriber::registry().with(filter(level)?);
    if json {
        let lines = fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr);
        registry.with(lines).try_init()?;
    } else {
        registry
            .with(fmt::layer().with_writer(std::io::stderr))
            .try_init()?;
    }
    Ok(())
}

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(directives) => Ok(EnvFilter::try_new(directives)?),
        Err(_) if level.is_empty() => Ok(EnvFilter::new("info")),
        Err(_) => Ok(EnvFilter::try_new(level)?),
    }
}
