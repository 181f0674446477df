//! How long an egress may go on: as configured, and while the disk has room. It must not know what ends.

use std::{io, time::Duration};

use tokio::time::{Instant, sleep};

use super::{Egress, Shared};

const LOOK_AT_DISK_EVERY: Duration = Duration::from_secs(2);

/// Its film needs as much room as its tracks have by now.
pub fn measure(shared: &Shared, egress: &Egress) {
    if !egress.record.lock().order.outputs.has_files() {
        return;
    }
    let id = egress.info().egress_id;
    let folder = shared.journal.folder(&id);
    if let Err(error) = shared.space.measure(&id, &folder) {
        tracing::warn!(%error, egress = id, "the size of its tracks cannot be read");
    }
}

/// Resolves when the egress may go on no longer.
pub async fn limited(shared: &Shared, id: &str, limit: Option<Duration>, has_files: bool) {
    let until = limit.map(|limit| Instant::now() + limit);
    loop {
        sleep(LOOK_AT_DISK_EVERY).await;
        if until.is_some_and(|until| Instant::now() >= until) {
            return;
        }
        let folder = shared.journal.folder(id);
        let measured = if has_files {
            shared.space.measure(id, &folder)
        } else {
            Ok(())
        };
        match measured.and_then(|()| has_room(shared)) {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!("the disk is nearly full: recordings end");
                return;
            }
            Err(error) => tracing::warn!(%error, "the free space cannot be read"),
        }
    }
}

/// Whether more can be recorded.
pub fn has_room(shared: &Shared) -> io::Result<bool> {
    let reserve = shared.settings.reserve_mb << 20;
    shared.space.is_left(shared.journal.root(), reserve)
}

/// Keeps room for when there is none; without it recordings go on all the same.
pub fn lay_ballast(shared: &Shared) {
    if let Err(error) = shared.ballast.lay() {
        tracing::warn!(%error, "no room can be kept for when the disk is full");
    }
}
