//! Whether a connection has a request under way: from its head to the last byte of its answer.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

/// Requests under way on one connection. They are counted, and wake nobody: there are many, and a connection is seldom
/// without one for long.
#[derive(Debug)]
pub(super) struct Activity(Arc<Counted>);

/// One of them.
#[derive(Debug)]
pub(super) struct Active(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    start: Instant,
    active: AtomicUsize,
    /// When the last one ended, in milliseconds from the start.
    ended: AtomicU64,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Arc::new(Counted {
            start: Instant::now(),
            active: AtomicUsize::new(0),
            ended: AtomicU64::new(0),
        }))
    }

    pub(super) fn begin(&self) -> Active {
        self.0.active.fetch_add(1, Ordering::SeqCst);
        Active(self.0.clone())
    }

    /// Resolves when there was no request for `patience`.
    pub(super) async fn ceased(&self, patience: Duration) {
        loop {
            let now = Instant::now();
            let quiet_since = if self.0.active.load(Ordering::SeqCst) == 0 {
                self.0.start + Duration::from_millis(self.0.ended.load(Ordering::SeqCst))
            } else {
                now
            };
            let due = quiet_since + patience;
            if due <= now {
                return;
            }
            sleep_until(due).await;
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let ended = u64::try_from(self.0.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.ended.store(ended, Ordering::SeqCst);
        self.0.active.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An answer's body that keeps its request under way.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) _active: Active,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
