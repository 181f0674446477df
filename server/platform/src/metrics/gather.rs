//! Asks every part for its numbers, when somebody looks: from the database what an index finds, never what grows with history.

use http_edge::metrics::Metrics;

use crate::{app::App, db::DbError, jobs, livekit::MediaStatus, meetings, recordings, webhooks};

/// What every name begins with.
pub(super) const PREFIX: &str = "convoke";

/// All numbers that are not counted as they happen.
pub(super) async fn gather(app: &App) -> Result<Metrics, DbError> {
    let live = meetings::count_live(&app.db).await?;
    let recordings = recordings::counted(&app.db).await?;
    let jobs = jobs::counted(&app.db).await?;
    let lag = webhooks::lag(app).await?;
    let pools = app.db.pools();
    let mut metrics = Metrics::new(PREFIX);
    let engine = app.livekit.facts().engine.clone();
    metrics.build_info(
        env!("CARGO_PKG_VERSION"),
        &[("database", app.db.backend()), ("engine", &engine)],
    );
    metrics.gauge(
        "media_ready",
        "Whether the media server answered its last probe",
        u64::from(app.livekit.status() == MediaStatus::Ready),
    );
    metrics.gauge(
        "live_rooms",
        "Rooms with a meeting that goes on",
        of(live.rooms),
    );
    metrics.gauge(
        "live_people",
        "People in meetings, each once in a room",
        of(live.participants),
    );
    metrics.gauges(
        "recordings",
        "Recordings that are under way: in a call, or on their way to where they are kept",
        "state",
        [
            ("active", of(recordings.active)),
            ("waiting", of(recordings.waiting)),
        ],
    );
    metrics.gauge(
        "recordings_kept_bytes",
        "What all kept recordings take",
        of(recordings.kept_bytes),
    );
    metrics.gauges(
        "jobs",
        "Jobs in the queue that are not done",
        "state",
        jobs.map(|(state, count)| (state, of(count))),
    );
    metrics.gauge(
        "outbox_messages_waiting",
        "Messages that were left and not read for webhooks yet",
        of(lag),
    );
    metrics.gauge(
        "event_streams",
        "Open streams of events",
        app.events.listeners().try_into().unwrap_or(u64::MAX),
    );
    metrics.gauges(
        "database_connections",
        "Open connections to the database",
        "pool",
        pools.iter().map(|pool| (pool.name, pool.open)),
    );
    metrics.gauges(
        "database_connections_idle",
        "Open connections to the database that nobody uses",
        "pool",
        pools.iter().map(|pool| (pool.name, pool.idle)),
    );
    metrics.process();
    Ok(metrics)
}

/// Counts of rows are never negative.
fn of(count: i64) -> u64 {
    count.try_into().unwrap_or(0)
}
