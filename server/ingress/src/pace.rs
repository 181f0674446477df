//! When a frame is due: encoders that send faster than time goes by are held back, and one whose clock goes a little fast is
//! followed. It must not know what a frame is.

use std::time::Duration;

use tokio::time::Instant;

/// Whatever held the first frames up is caught up with within this.
const WARM_UP: Duration = Duration::from_secs(3);
/// Times that are further apart than this have nothing to do with each other.
const JUMP: Duration = Duration::from_secs(10);
/// For each frame that comes early, the next ones are due a little earlier.
const FOLLOW: Duration = Duration::from_millis(1);

/// One stream's time.
#[derive(Debug, Default)]
pub struct Pace {
    begun: Option<Instant>,
    /// A moment, and the stream's time in milliseconds then.
    base: Option<(Instant, u64)>,
}

impl Pace {
    /// When the frame of this time is due, in milliseconds.
    pub fn due(&mut self, at: u64, now: Instant) -> Instant {
        let begun = *self.begun.get_or_insert(now);
        let base = *self.base.get_or_insert((now, at));
        let due = moment(base, at).filter(|due| {
            due.saturating_duration_since(now) < JUMP && now.saturating_duration_since(*due) < JUMP
        });
        match due {
            Some(due) if due <= now => due,
            Some(due) if now.duration_since(begun) >= WARM_UP => {
                self.base = base.0.checked_sub(FOLLOW).map(|at| (at, base.1));
                due
            }
            _ => {
                self.base = Some((now, at));
                now
            }
        }
    }
}

fn moment((moment, then): (Instant, u64), at: u64) -> Option<Instant> {
    if at >= then {
        moment.checked_add(Duration::from_millis(at - then))
    } else {
        moment.checked_sub(Duration::from_millis(then - at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn what_was_held_up_at_first_is_caught_up_with_and_what_is_too_fast_waits() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        assert_eq!(pace.due(0, start), start);
        // A second's worth comes at once: no second behind for ever.
        assert_eq!(pace.due(1_000, start + MS(10)), start + MS(10));
        // A frame that is late is due when it was.
        assert_eq!(pace.due(1_100, start + MS(500)), start + MS(110));
        // Later on a file that is sent as fast as it goes is held back.
        let now = start + MS(3_500);
        assert_eq!(pace.due(6_000, now), start + MS(5_010));
        assert_eq!(pace.due(6_000, now), start + MS(5_009));
    }

    #[test]
    fn a_jump_of_the_encoders_clock_begins_anew() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.due(50_000, start);
        let now = start + MS(5_000);
        assert_eq!(pace.due(0, now), now);
        assert_eq!(pace.due(40, now + MS(50)), now + MS(40));
        assert_eq!(pace.due(900_000, now + MS(60)), now + MS(60));
    }
}
