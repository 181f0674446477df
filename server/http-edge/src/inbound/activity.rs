//! Whether a connection has a request under way: from its head to the last byte of its answer.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::{sync::watch, time::timeout};

/// Requests under way on one connection.
#[derive(Debug)]
pub(super) struct Activity(watch::Sender<usize>);

/// One of them.
#[derive(Debug)]
pub(super) struct Active(watch::Sender<usize>);

impl Activity {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    pub(super) fn begin(&self) -> Active {
        self.0.send_modify(|active| *active += 1);
        Active(self.0.clone())
    }

    /// Resolves when there was no request for `patience`.
    pub(super) async fn ceased(&self, patience: Duration) {
        let mut active = self.0.subscribe();
        loop {
            // The sender lives as long as we do.
            let _ = active.wait_for(|active| *active == 0).await;
            if timeout(patience, active.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.send_modify(|active| *active -= 1);
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
