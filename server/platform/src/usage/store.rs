//! All SQL about minutes of usage.

use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

/// What was seen at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub people: i64,
    pub rooms: i64,
    pub media: Option<MediaTotals>,
}

/// What the media server told at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaTotals {
    pub tracks: i64,
    pub bytes_in: i64,
    pub bytes_out: i64,
}

/// The media server's totals as they were last written down.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
struct Before {
    total_in: i64,
    total_out: i64,
}

/// Adds what was seen to its minute: the larger of two counts, and of bytes what is new. Seen twice, it counts once.
pub async fn add(tx: &mut Tx, minute: Timestamp, seen: &Seen) -> Result<(), DbError> {
    // Where the media server tells no totals no row has any: the last one would be looked for in all of them.
    let before = match seen.media {
        Some(_) => last_totals(tx).await?,
        None => None,
    };
    let (total_in, total_out) = seen
        .media
        .map(|media| (media.bytes_in, media.bytes_out))
        .unzip();
    let bytes_in = new(before.map(|before| before.total_in), total_in);
    let bytes_out = new(before.map(|before| before.total_out), total_out);
    let tracks = seen.media.map_or(0, |media| media.tracks);
    sql!(tx => execute,
        "INSERT INTO usage_minutes (minute, people, rooms, tracks, bytes_in, bytes_out, total_in, total_out)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (minute) DO UPDATE SET
            people = CASE WHEN usage_minutes.people > $2 THEN usage_minutes.people ELSE $2 END,
            rooms = CASE WHEN usage_minutes.rooms > $3 THEN usage_minutes.rooms ELSE $3 END,
            tracks = CASE WHEN usage_minutes.tracks > $4 THEN usage_minutes.tracks ELSE $4 END,
            bytes_in = usage_minutes.bytes_in + $5,
            bytes_out = usage_minutes.bytes_out + $6,
            total_in = COALESCE($7, usage_minutes.total_in),
            total_out = COALESCE($8, usage_minutes.total_out)",
        minute, seen.people, seen.rooms, tracks, bytes_in, bytes_out, total_in, total_out)?;
    Ok(())
}

async fn last_totals(tx: &mut Tx) -> Result<Option<Before>, DbError> {
    sql!(&mut *tx => optional Before,
        "SELECT total_in, total_out FROM usage_minutes WHERE total_in IS NOT NULL AND total_out IS NOT NULL
         ORDER BY minute DESC LIMIT 1")
}

/// A total that is smaller than before began anew.
fn new(before: Option<i64>, total: Option<i64>) -> i64 {
    let total = total.unwrap_or(0);
    match before {
        Some(before) if before <= total => total - before,
        Some(_) | None => total,
    }
}

/// Counts those who got through, and those who did not.
pub async fn count(
    tx: &mut Tx,
    minute: Timestamp,
    (connected, aborted): (i64, i64),
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO usage_minutes (minute, connected, aborted) VALUES ($1, $2, $3)
         ON CONFLICT (minute) DO UPDATE SET
            connected = usage_minutes.connected + $2, aborted = usage_minutes.aborted + $3",
        minute, connected, aborted)?;
    Ok(())
}

/// Several minutes in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Stretch {
    pub at: Timestamp,
    pub people: i64,
    pub people_minutes: i64,
    pub rooms: i64,
    pub tracks: i64,
    pub bytes_in: i64,
    pub bytes_out: i64,
    pub connected: i64,
    pub aborted: i64,
}

const BETWEEN: &str = "SELECT minute - minute % $3 AS at,
        CAST(MAX(people) AS BIGINT) AS people, CAST(SUM(people) AS BIGINT) AS people_minutes,
        CAST(MAX(rooms) AS BIGINT) AS rooms, CAST(MAX(tracks) AS BIGINT) AS tracks,
        CAST(SUM(bytes_in) AS BIGINT) AS bytes_in, CAST(SUM(bytes_out) AS BIGINT) AS bytes_out,
        CAST(SUM(connected) AS BIGINT) AS connected, CAST(SUM(aborted) AS BIGINT) AS aborted
     FROM usage_minutes WHERE minute >= $1 AND minute < $2
     GROUP BY minute - minute % $3 ORDER BY 1";

/// What went on from `from` until before `to`, in stretches of `step` milliseconds.
pub async fn between(
    db: impl Into<Executor<'_>>,
    from: Timestamp,
    to: Timestamp,
    step: i64,
) -> Result<Vec<Stretch>, DbError> {
    sql!(db => all Stretch, BETWEEN, from, to, step)
}

pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "DELETE FROM usage_minutes WHERE minute < $1", before)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    fn seen(people: i64, bytes: i64) -> Seen {
        Seen {
            people,
            rooms: 1,
            media: Some(MediaTotals {
                tracks: 2,
                bytes_in: bytes,
                bytes_out: bytes * 2,
            }),
        }
    }

    async fn write(app: &TestApp, minute: i64, seen: &Seen) {
        let mut tx = app.app().db.begin().await.unwrap();
        add(&mut tx, Timestamp(minute * 60_000), seen)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_seen_twice_counts_once_and_totals_may_begin_anew() {
        let app = TestApp::start().await;
        write(&app, 10, &seen(3, 100)).await;
        // Another replica saw the same, or the write was repeated.
        write(&app, 10, &seen(3, 100)).await;
        write(&app, 10, &seen(2, 150)).await;
        write(&app, 11, &seen(1, 40)).await;
        let unknown = Seen {
            media: None,
            ..seen(1, 0)
        };
        write(&app, 12, &unknown).await;
        write(&app, 13, &seen(1, 45)).await;
        let mut tx = app.app().db.begin().await.unwrap();
        count(&mut tx, Timestamp(600_000), (2, 1)).await.unwrap();
        count(&mut tx, Timestamp(600_000), (1, 0)).await.unwrap();
        tx.commit().await.unwrap();
        let (from, to) = (Timestamp(0), Timestamp(14 * 60_000));
        let minutes = between(&app.app().db, from, to, 60_000).await.unwrap();
        let told: Vec<_> = minutes
            .iter()
            .map(|minute| (minute.people, minute.bytes_in, minute.bytes_out))
            .collect();
        assert_eq!(
            told,
            [(3, 150, 300), (1, 40, 80), (1, 0, 0), (1, 5, 10)],
            "{minutes:?}"
        );
        assert_eq!((minutes[0].connected, minutes[0].aborted), (3, 1));
        let hour = between(&app.app().db, from, to, 3_600_000).await.unwrap();
        assert_eq!(hour.len(), 1);
        assert_eq!(
            (hour[0].at.0, hour[0].people, hour[0].people_minutes),
            (0, 3, 6)
        );
        let mut tx = app.app().db.begin().await.unwrap();
        forget(&mut tx, Timestamp(12 * 60_000)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            between(&app.app().db, from, to, 60_000)
                .await
                .unwrap()
                .len(),
            2
        );
    }

    #[tokio::test]
    async fn a_range_is_found_through_the_key() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        let mut tx = db.begin().await.unwrap();
        sql!(&mut tx => execute,
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
             INSERT INTO usage_minutes (minute) SELECT i * 60000 FROM n")
        .unwrap();
        tx.commit().await.unwrap();
        let plan = db.plan(BETWEEN, &["60000", "600000", "60000"]).await;
        assert!(
            !plan.contains("SCAN usage_minutes") && !plan.contains("Seq Scan"),
            "{plan}"
        );
    }
}
