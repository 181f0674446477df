//! Writes down what the media server counted of each connection since it was asked before; one replica at a time does.

use std::{collections::HashMap, mem};

use livekit_wire::quality::{ConnectionTotals, StreamTotals};
use parking_lot::Mutex;
use thiserror::Error;

use super::{
    model::{SAMPLE, ServerSample},
    store,
};
use crate::{app::App, clock::Timestamp, db::DbError, livekit::LiveKitError, meetings};

/// Totals that are further apart are not one sample: another replica counted in between, or nobody.
const FURTHEST: u64 = 60_000;
/// What no call comes near; it keeps a media server that is not ours from filling numbers with nonsense.
const MOST: u64 = 1 << 48;

/// Why a moment is not written down.
#[derive(Debug, Error)]
pub enum CountError {
    #[error("the media server did not tell: {0}")]
    LiveKit(#[from] LiveKitError),
    #[error(transparent)]
    Database(#[from] DbError),
}

/// What was told last, by sid.
#[derive(Default)]
pub struct Counted(Mutex<HashMap<String, ConnectionTotals>>);

impl Counted {
    /// Takes the newest totals; what was between them and those before.
    fn take(&self, totals: Vec<ConnectionTotals>, now: Timestamp) -> HashMap<String, ServerSample> {
        let newest = totals
            .into_iter()
            .map(|totals| (totals.sid.clone(), totals))
            .collect();
        let mut last = self.0.lock();
        let before = mem::replace(&mut *last, newest);
        let told = last.iter().filter_map(|(sid, totals)| {
            let sample = between(before.get(sid)?, totals, now)?;
            Some((sid.clone(), sample))
        });
        told.collect()
    }
}

/// Adds the last seconds of everybody who is in a call, where the media server tells of them.
pub async fn count(app: &App) -> Result<(), CountError> {
    if app.config.quality.keep_days == 0 {
        return Ok(());
    }
    let now = app.now();
    let totals = app.livekit.connection_totals(now).await?;
    let mut samples = app.quality_counted.take(totals.unwrap_or_default(), now);
    if samples.is_empty() {
        return Ok(());
    }
    let stays = meetings::stays_by_sid(&app.db).await?;
    let mut tx = app.db.begin_aside().await?;
    for (sid, stay) in stays {
        if let Some(sample) = samples.remove(&sid) {
            store::add_server_sample(&mut tx, stay, &sample).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What happened between two totals of one connection; `None` where that is nothing that one can tell.
fn between(
    before: &ConnectionTotals,
    after: &ConnectionTotals,
    now: Timestamp,
) -> Option<ServerSample> {
    let passed = after.counted_at.checked_sub(before.counted_at)?;
    if passed == 0 || passed > FURTHEST {
        return None;
    }
    let up = since(&before.up, &after.up)?;
    let down = since(&before.down, &after.down)?;
    let at = now.0 - i64::try_from(passed).ok()?;
    Some(ServerSample {
        at: Timestamp(at.div_euclid(SAMPLE) * SAMPLE),
        loss_up: loss(&up),
        loss_down: loss(&down),
        rtt: after.rtt.and_then(number),
        jitter: after.jitter.and_then(number),
        bitrate_up: number(up.bytes * 8_000 / passed)?,
        bitrate_down: number(down.bytes * 8_000 / passed)?,
    })
}

fn since(before: &StreamTotals, after: &StreamTotals) -> Option<StreamTotals> {
    let part = |before: u64, after: u64| after.checked_sub(before).filter(|part| *part < MOST);
    Some(StreamTotals {
        packets: part(before.packets, after.packets)?,
        lost: part(before.lost, after.lost)?,
        bytes: part(before.bytes, after.bytes)?,
    })
}

/// In thousandths.
fn loss(part: &StreamTotals) -> Option<i64> {
    let sent = part.packets + part.lost;
    number((part.lost * 1_000).checked_div(sent)?)
}

fn number(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(counted_at: u64, up: (u64, u64, u64)) -> ConnectionTotals {
        ConnectionTotals {
            sid: "PA_1".to_owned(),
            counted_at,
            up: StreamTotals {
                packets: up.0,
                lost: up.1,
                bytes: up.2,
            },
            rtt: Some(40),
            ..ConnectionTotals::default()
        }
    }

    #[test]
    fn two_totals_give_what_was_between() {
        let now = Timestamp(65_000);
        let (before, after) = (
            totals(5_000, (100, 0, 9_000)),
            totals(15_000, (190, 10, 19_000)),
        );
        let sample = between(&before, &after, now).unwrap();
        let expected = ServerSample {
            at: Timestamp(50_000),
            loss_up: Some(100),
            loss_down: None,
            rtt: Some(40),
            jitter: None,
            bitrate_up: 8_000,
            bitrate_down: 0,
        };
        assert_eq!(sample, expected);
    }

    #[test]
    fn what_cannot_be_told_is_not() {
        let now = Timestamp(1_000_000);
        let before = totals(5_000, (100, 0, 9_000));
        for (what, after) in [
            ("not counted since", totals(5_000, (100, 0, 9_000))),
            ("too long ago", totals(900_000, (200, 0, 19_000))),
            ("another clock", totals(100, (200, 0, 19_000))),
            ("fewer than before", totals(15_000, (50, 0, 19_000))),
            ("nonsense", totals(15_000, (200, 0, u64::MAX))),
        ] {
            assert_eq!(between(&before, &after, now), None, "{what}");
        }
    }
}
