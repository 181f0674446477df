//! The way of finished files into buckets, tried as long as they are here: a store may be away for days.

use std::time::Duration;

use tokio::{sync::mpsc, time::sleep};

use super::{Egress, Run, Shared, fail, nanoseconds, suspended};
use crate::{
    info,
    output::{NotSent, Parcels, remove_delivered, send_all},
    record::Command,
};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Brings all files to where they were to go, or leaves that to the next process.
pub async fn deliver(
    shared: &Shared,
    egress: &Egress,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) -> Run {
    tokio::select! {
        () = suspended(commands) => Run::Suspended,
        () = deliver_all(shared, egress) => Run::Ended,
    }
}

async fn deliver_all(shared: &Shared, egress: &Egress) {
    let record = egress.record.lock().clone();
    let id = &record.info.egress_id;
    let (folder, outputs) = (shared.journal.folder(id), &record.order.outputs);
    let mut parcels = match Parcels::load(&folder) {
        Ok(parcels) => parcels,
        Err(error) => return gone(shared, egress, &NotSent::Gone(error)),
    };
    let mut wait = FIRST_WAIT;
    loop {
        let sent = {
            let _some_at_a_time = shared.senders.acquire().await;
            send_all(&folder, outputs, &mut parcels, || wait = FIRST_WAIT).await
        };
        match sent {
            Ok(()) => break,
            Err(error @ NotSent::Gone(_)) => return gone(shared, egress, &error),
            Err(error @ NotSent::Waits(_)) => {
                tracing::warn!(%error, egress = id, ?wait, "a store does not take a finished file");
                let why = error.for_callers();
                if !egress.info().details.ends_with(why) {
                    egress.change(shared, Some("egress_updated"), |record| {
                        let now = nanoseconds((shared.wall_clock)());
                        info::waiting(&mut record.info, Some(why), now);
                    });
                }
            }
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    if let Err(error) = remove_delivered(&folder, outputs, &parcels) {
        // They are in the store as well: nothing is lost.
        tracing::error!(%error, egress = id, "delivered files cannot be removed");
    }
    egress.end(shared, |record, now| {
        let outcome = record.outcome.take().unwrap_or_default();
        info::complete(&mut record.info, outcome, now);
    });
}

fn gone(shared: &Shared, egress: &Egress, error: &NotSent) {
    let id = egress.info().egress_id;
    tracing::error!(%error, egress = id, "a finished file cannot be sent");
    fail(shared, egress, error.for_callers(), 500);
}
