//! All SQL about how calls went.

use super::model::{QualityEvent, QualitySample, ServerSample};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
    meetings::AttendanceId,
};

/// Adds a sample, if there is none of that time yet.
pub async fn add_sample(
    tx: &mut Tx,
    stay: AttendanceId,
    sample: &QualitySample,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO quality_samples
            (attendance_id, at, loss_up, loss_down, rtt, jitter, bitrate_up, bitrate_down, frozen, route)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (attendance_id, at) DO NOTHING",
        stay, sample.at, sample.loss_up, sample.loss_down, sample.rtt, sample.jitter,
        sample.bitrate_up, sample.bitrate_down, sample.frozen, sample.route)?;
    Ok(())
}

/// Adds an event, if it is not known yet.
pub async fn add_event(
    tx: &mut Tx,
    stay: AttendanceId,
    event: &QualityEvent,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO quality_events (attendance_id, at, kind) VALUES ($1, $2, $3)
         ON CONFLICT (attendance_id, at, kind) DO NOTHING",
        stay, event.at, event.kind)?;
    Ok(())
}

/// How many events are known of a stay.
pub async fn count_events(tx: &mut Tx, stay: AttendanceId) -> Result<i64, DbError> {
    sql!(tx => scalar i64, "SELECT COUNT(*) FROM quality_events WHERE attendance_id = $1", stay)
}

const SAMPLES: &str = "SELECT at - at % $2 AS at,
        MAX(loss_up) AS loss_up, MAX(loss_down) AS loss_down, MAX(rtt) AS rtt, MAX(jitter) AS jitter,
        CAST(AVG(bitrate_up) AS BIGINT) AS bitrate_up, CAST(AVG(bitrate_down) AS BIGINT) AS bitrate_down,
        CAST(AVG(frozen) AS BIGINT) AS frozen, MAX(route) AS route
     FROM quality_samples WHERE attendance_id = $1
     GROUP BY at - at % $2 ORDER BY 1";

/// A stay's samples, each of `step` milliseconds: of what was measured in it the worst, of rates the mean.
pub async fn samples(
    db: impl Into<Executor<'_>>,
    stay: AttendanceId,
    step: i64,
) -> Result<Vec<QualitySample>, DbError> {
    sql!(db => all QualitySample, SAMPLES, stay, step)
}

/// Adds what the media server counted of a stay, if there is nothing of that time yet.
pub async fn add_server_sample(
    tx: &mut Tx,
    stay: AttendanceId,
    sample: &ServerSample,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO quality_server_samples
            (attendance_id, at, loss_up, loss_down, rtt, jitter, bitrate_up, bitrate_down)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (attendance_id, at) DO NOTHING",
        stay, sample.at, sample.loss_up, sample.loss_down, sample.rtt, sample.jitter,
        sample.bitrate_up, sample.bitrate_down)?;
    Ok(())
}

const SERVER_SAMPLES: &str = "SELECT at - at % $2 AS at,
        MAX(loss_up) AS loss_up, MAX(loss_down) AS loss_down, MAX(rtt) AS rtt, MAX(jitter) AS jitter,
        CAST(AVG(bitrate_up) AS BIGINT) AS bitrate_up, CAST(AVG(bitrate_down) AS BIGINT) AS bitrate_down
     FROM quality_server_samples WHERE attendance_id = $1
     GROUP BY at - at % $2 ORDER BY 1";

/// What the media server counted of a stay, in the same steps as [`samples`].
pub async fn server_samples(
    db: impl Into<Executor<'_>>,
    stay: AttendanceId,
    step: i64,
) -> Result<Vec<ServerSample>, DbError> {
    sql!(db => all ServerSample, SERVER_SAMPLES, stay, step)
}

/// A stay's events.
pub async fn events(
    db: impl Into<Executor<'_>>,
    stay: AttendanceId,
) -> Result<Vec<QualityEvent>, DbError> {
    sql!(db => all QualityEvent,
        "SELECT at, kind FROM quality_events WHERE attendance_id = $1 ORDER BY at, kind", stay)
}

/// Forgets at most so many of each; how many it was. The writer is free in between.
pub async fn forget(tx: &mut Tx, before: Timestamp, most: i64) -> Result<u64, DbError> {
    let samples = sql!(&mut *tx => execute,
        "DELETE FROM quality_samples WHERE (attendance_id, at) IN
             (SELECT attendance_id, at FROM quality_samples WHERE at < $1 LIMIT $2)", before, most)?;
    let counted = sql!(&mut *tx => execute,
        "DELETE FROM quality_server_samples WHERE (attendance_id, at) IN
             (SELECT attendance_id, at FROM quality_server_samples WHERE at < $1 LIMIT $2)", before, most)?;
    let events = sql!(tx => execute,
        "DELETE FROM quality_events WHERE (attendance_id, at, kind) IN
             (SELECT attendance_id, at, kind FROM quality_events WHERE at < $1 LIMIT $2)", before, most)?;
    Ok(samples + counted + events)
}
