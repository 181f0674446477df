//! Keeps a stranger who knocks without end from filling the log. It must not know what is said.

use std::time::Duration;

use tokio::time::Instant;

/// The log is told of refused connections at most this often.
const SAY_AGAIN: Duration = Duration::from_mins(1);

/// What is worth a line in the log, and when it was last said.
#[derive(Debug, Default)]
pub struct Remarks {
    said: Option<Instant>,
}

impl Remarks {
    /// Whether it is time to say something; whoever asks says it.
    pub fn due(&mut self) -> bool {
        let due = self.said.is_none_or(|said| said.elapsed() >= SAY_AGAIN);
        if due {
            self.said = Some(Instant::now());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_line_a_minute() {
        let mut remarks = Remarks::default();
        assert!(remarks.due());
        assert!(!remarks.due());
        advance(Duration::from_secs(59)).await;
        assert!(!remarks.due());
        advance(Duration::from_secs(1)).await;
        assert!(remarks.due());
        assert!(!remarks.due());
    }
}
