//! How often a failed job is tried again, and how far apart.

use std::time::Duration;

/// How a job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// `None`: for ever.
    most_attempts: Option<u32>,
    longest_delay: Duration,
}

impl Retry {
    /// For about three hours: with the doubling delays those are 45 attempts.
    pub const HOURS_3: Retry = Retry {
        most_attempts: Some(45),
        longest_delay: Duration::from_mins(5),
    };

    /// Until it succeeds: what would be lost is worth more than the log lines.
    pub const FOR_EVER: Retry = Retry {
        most_attempts: None,
        longest_delay: Duration::from_mins(15),
    };

    /// How long to wait after the attempt with this number, from 0 on; `None`: give up.
    pub fn delay_after(self, attempt: u32) -> Option<Duration> {
        if self.most_attempts.is_some_and(|most| attempt + 1 >= most) {
            return None;
        }
        Some(Duration::from_secs(1 << attempt.min(10)).min(self.longest_delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(retry: Retry, attempts: u32) -> Vec<Option<u64>> {
        let delays = (0..attempts).map(|attempt| retry.delay_after(attempt));
        delays
            .map(|delay| delay.map(|delay| delay.as_secs()))
            .collect()
    }

    #[test]
    fn delays_double_up_to_five_minutes_and_end_after_three_hours() {
        let first = delays(Retry::HOURS_3, 11);
        assert_eq!(
            first,
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(Some)
        );
        assert_eq!(delays(Retry::HOURS_3, 45)[43..], [Some(300), None]);
        let all: u64 = delays(Retry::HOURS_3, 45).into_iter().flatten().sum();
        assert!((10_000..12_000).contains(&all), "{all}");
    }

    #[test]
    fn what_must_not_be_lost_is_tried_every_quarter_of_an_hour_for_ever() {
        assert_eq!(delays(Retry::FOR_EVER, 11)[9..], [Some(512), Some(900)]);
        let late = Retry::FOR_EVER.delay_after(u32::MAX);
        assert_eq!(late, Some(Duration::from_mins(15)));
    }
}
