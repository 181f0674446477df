//! The child's lines on their way to whoever watches: as many as there is place for, the oldest dropped first.

use std::{cell::RefCell, collections::VecDeque};

use tokio::sync::Notify;

/// Bytes that wait; what comes on top pushes the oldest out.
const PLACE: usize = 256 * 1024;

/// One line.
pub struct Line {
    pub is_error: bool,
    pub text: String,
}

/// A queue on one thread.
#[derive(Default)]
pub struct Lines {
    waiting: RefCell<Waiting>,
    more: Notify,
}

#[derive(Default)]
struct Waiting {
    lines: VecDeque<Line>,
    bytes: usize,
    dropped: u64,
}

impl Lines {
    /// Never waits.
    pub fn push(&self, line: Line) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.bytes += line.text.len();
        waiting.lines.push_back(line);
        while waiting.bytes > PLACE {
            let Some(oldest) = waiting.lines.pop_front() else {
                break;
            };
            waiting.bytes -= oldest.text.len();
            waiting.dropped += 1;
        }
        drop(waiting);
        self.more.notify_one();
    }

    /// The oldest, or a word about those that were dropped before it.
    pub fn pop(&self) -> Option<Line> {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.dropped > 0 {
            let dropped = std::mem::take(&mut waiting.dropped);
            let text = format!("[{dropped} lines were dropped: nobody read them in time]");
            return Some(Line {
                is_error: true,
                text,
            });
        }
        let line = waiting.lines.pop_front()?;
        waiting.bytes -= line.text.len();
        Some(line)
    }

    /// Waits for one. For one reader at a time.
    pub async fn next(&self) -> Line {
        loop {
            if let Some(line) = self.pop() {
                return line;
            }
            self.more.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reading_costs_no_more_than_the_place_there_is() {
        let lines = Lines::default();
        for number in 0..1000 {
            let text = format!("{number:01000}");
            lines.push(Line {
                is_error: false,
                text,
            });
        }
        assert!(lines.waiting.borrow().bytes <= PLACE);
        let word = lines.pop().unwrap();
        assert_eq!(
            word.text,
            "[738 lines were dropped: nobody read them in time]"
        );
        let left: Vec<_> = std::iter::from_fn(|| lines.pop()).collect();
        assert_eq!(left.len(), 262);
        assert!(left.last().unwrap().text.ends_with("999"));
    }
}
