//! Remembers for a moment whether the database takes writes, so that monitors do not wear the disk.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};

use crate::{
    app::App,
    db::{self, Failure},
};

// However often anybody asks.
const TRUSTED: Duration = Duration::from_secs(10);
const DOUBTED: Duration = Duration::from_secs(1);

/// Whether the last write that was tried for readiness was taken.
#[derive(Default)]
pub struct Written {
    last: Mutex<Option<(Instant, Result<(), Failure>)>>,
    doubted: AtomicBool,
}

impl Written {
    /// An answer failed for want of the database: the next check looks for itself.
    pub fn doubt(&self) {
        self.doubted.store(true, Ordering::Relaxed);
    }

    /// Whether a write was taken a moment ago; tries one when that is not known.
    pub async fn check(&self, app: &App) -> Result<(), Failure> {
        // Those who ask meanwhile wait for this answer.
        let mut last = self.last.lock().await;
        if let Some((at, result)) = *last {
            let doubted = result.is_err() || self.doubted.load(Ordering::Relaxed);
            if at.elapsed() < if doubted { DOUBTED } else { TRUSTED } {
                return result;
            }
        }
        // Cleared before the write: whatever fails from now on counts anew.
        self.doubted.store(false, Ordering::Relaxed);
        let result = app.db.check_write(app.now()).await.map_err(|error| {
            tracing::warn!(%error, "the database takes no writes");
            db::failure(&error)
        });
        *last = Some((Instant::now(), result));
        result
    }
}
