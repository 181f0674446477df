//! The way from the connection to its reader: everything is kept for a slow reader but frames, of which only so many.
//!
//! Frames come at the pace of packets, all else at the pace of people. A reader that falls behind loses whole frames and
//! sees it (`contiguous` is false on the next frame of the track); it never stalls the connection.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::mpsc;

use crate::event::{Event, Frame};

/// What a frame costs beside its data.
const OVERHEAD: usize = 256;

/// What happens to a participant, in order.
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::UnboundedReceiver<Event>,
    unread: Arc<AtomicUsize>,
}

impl Events {
    /// The next event; `None` after [`Event::Left`]. Safe to drop and call again.
    pub async fn next(&mut self) -> Option<Event> {
        let event = self.receiver.recv().await?;
        if let Event::Frame(frame) = &event {
            self.unread.fetch_sub(size(frame), Ordering::Relaxed);
        }
        Some(event)
    }
}

/// The other end.
#[derive(Debug)]
pub(crate) struct Teller {
    sender: mpsc::UnboundedSender<Event>,
    unread: Arc<AtomicUsize>,
    limit: usize,
    /// Tracks of which a frame was dropped.
    torn: HashSet<String>,
}

/// Both ends; at most `limit` bytes of frames wait between them.
pub(crate) fn channel(limit: usize) -> (Teller, Events) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let unread = Arc::new(AtomicUsize::new(0));
    let teller = Teller {
        sender,
        unread: Arc::clone(&unread),
        limit,
        torn: HashSet::new(),
    };
    (teller, Events { receiver, unread })
}

impl Teller {
    /// Tells anything but a frame; a reader that is gone needs nothing.
    pub fn tell(&self, event: Event) {
        let _ = self.sender.send(event);
    }

    /// Tells a frame if there is room for it.
    pub fn frame(&mut self, mut frame: Frame) {
        let size = size(&frame);
        if self.unread.load(Ordering::Relaxed) + size > self.limit {
            self.torn.insert(frame.track);
            return;
        }
        frame.contiguous &= !self.torn.remove(&frame.track);
        self.unread.fetch_add(size, Ordering::Relaxed);
        self.tell(Event::Frame(frame));
    }
}

fn size(frame: &Frame) -> usize {
    frame.data.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Codec;

    fn frame(track: &str, rtp_time: u64) -> Frame {
        Frame {
            track: track.to_owned(),
            codec: Codec::Vp8,
            clock_rate: 90_000,
            rtp_time,
            arrived: crate::connection::now(),
            report: None,
            keyframe: false,
            contiguous: true,
            data: vec![0; 1_000],
        }
    }

    async fn next_frame(events: &mut Events) -> (u64, bool) {
        match events.next().await.unwrap() {
            Event::Frame(frame) => (frame.rtp_time, frame.contiguous),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_slow_reader_loses_frames_sees_it_and_loses_nothing_else() {
        let (mut teller, mut events) = channel(2 * (1_000 + OVERHEAD));
        for rtp_time in 0..5 {
            teller.frame(frame("TR_a", rtp_time));
            teller.tell(Event::Reconnecting);
        }
        assert_eq!(next_frame(&mut events).await, (0, true));
        assert!(matches!(events.next().await, Some(Event::Reconnecting)));
        teller.frame(frame("TR_b", 5));
        assert_eq!(next_frame(&mut events).await, (1, true));
        for _ in 1..5 {
            assert!(matches!(events.next().await, Some(Event::Reconnecting)));
        }
        teller.frame(frame("TR_a", 6));
        teller.frame(frame("TR_a", 7));
        assert_eq!(next_frame(&mut events).await, (5, true), "lost nothing");
        assert_eq!(next_frame(&mut events).await, (6, false));
        drop(teller);
        assert!(events.next().await.is_none());
    }
}
