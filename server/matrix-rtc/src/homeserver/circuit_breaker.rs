//! Spares a homeserver that does not answer, and ourselves the waiting. It must not know what is asked of it.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::room::make_room;
use crate::ids::ServerName;

/// When a circuit opens and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerSettings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long nobody tries at first; then one does. The pause doubles with each trial that fails.
    pub first_pause: Duration,
    /// It becomes no longer than this.
    pub longest_pause: Duration,
    /// A trial that has not reported by then never will: its caller went away.
    pub trial: Duration,
    /// How many homeservers are kept in mind; beyond it the one that failed longest ago is forgotten.
    pub capacity: usize,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            // A homeserver that restarts is back in seconds.
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            trial: Duration::from_secs(15),
            capacity: 4096,
        }
    }
}

/// The circuits of all homeservers; one that answers has none.
#[derive(Debug)]
pub struct CircuitBreaker {
    settings: BreakerSettings,
    circuits: Mutex<HashMap<ServerName, Circuit>>,
}

#[derive(Debug)]
struct Circuit {
    failures: u32,
    failed_at: Instant,
    trial_since: Option<Instant>,
}

/// Nobody may ask this homeserver now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it failed too often; the next trial comes later")]
pub struct CircuitOpen;

impl CircuitBreaker {
    /// All circuits closed.
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            circuits: Mutex::default(),
        }
    }

    /// Leave to ask. Of an open circuit, one trial at a time gets it once the pause is over.
    pub fn admit(&self, server: &ServerName, now: Instant) -> Result<(), CircuitOpen> {
        let mut circuits = self.circuits.lock();
        let Some(circuit) = circuits.get_mut(server) else {
            return Ok(());
        };
        let Some(trials) = circuit.failures.checked_sub(self.settings.failures) else {
            return Ok(());
        };
        let next = match circuit.trial_since {
            Some(since) => since + self.settings.trial,
            None => circuit.failed_at + self.settings.pause_after(trials),
        };
        if now < next {
            return Err(CircuitOpen);
        }
        circuit.trial_since = Some(now);
        Ok(())
    }

    /// It answered, whatever the answer.
    pub fn succeeded(&self, server: &ServerName) {
        self.circuits.lock().remove(server);
    }

    /// It did not answer. True when this opened the circuit.
    pub fn failed(&self, server: &ServerName, now: Instant) -> bool {
        let mut circuits = self.circuits.lock();
        if !circuits.contains_key(server) {
            make_room(&mut circuits, self.settings.capacity, |circuit| {
                circuit.failed_at
            });
        }
        let circuit = circuits.entry(server.clone()).or_insert(Circuit {
            failures: 0,
            failed_at: now,
            trial_since: None,
        });
        // Of many that were under way when the circuit opened, none makes the pause longer: only a trial does.
        if circuit.failures >= self.settings.failures && circuit.trial_since.is_none() {
            return false;
        }
        circuit.failures = circuit.failures.saturating_add(1);
        circuit.failed_at = now;
        circuit.trial_since = None;
        circuit.failures == self.settings.failures
    }
}

impl BreakerSettings {
    fn pause_after(&self, trials: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(trials);
        self.first_pause
            .saturating_mul(doubled)
            .min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);
    const TRIAL: Duration = Duration::from_secs(15);

    fn breaker(capacity: usize) -> CircuitBreaker {
        CircuitBreaker::new(BreakerSettings {
            failures: 2,
            first_pause: PAUSE,
            longest_pause: PAUSE * 30,
            trial: TRIAL,
            capacity,
        })
    }

    fn server(name: &str) -> ServerName {
        ServerName::parse(name).unwrap()
    }

    #[test]
    fn failures_in_a_row_open_the_circuit_of_that_server_only() {
        let (breaker, now) = (breaker(10), Instant::now());
        let (bad, good) = (server("bad.example"), server("good.example"));
        assert!(!breaker.failed(&bad, now));
        assert_eq!(breaker.admit(&bad, now), Ok(()));
        assert!(breaker.failed(&bad, now));
        assert_eq!(breaker.admit(&bad, now), Err(CircuitOpen));
        assert_eq!(breaker.admit(&good, now), Ok(()));
    }

    #[test]
    fn an_answer_in_between_starts_the_count_anew() {
        let (breaker, now, server) = (breaker(10), Instant::now(), server("a.example"));
        breaker.failed(&server, now);
        breaker.succeeded(&server);
        breaker.failed(&server, now);
        assert_eq!(breaker.admit(&server, now), Ok(()));
    }

    #[test]
    fn after_the_pause_one_trial_decides() {
        let (breaker, now, server) = (breaker(10), Instant::now(), server("a.example"));
        breaker.failed(&server, now);
        breaker.failed(&server, now);
        let later = now + PAUSE;
        assert_eq!(breaker.admit(&server, later), Ok(()));
        assert_eq!(breaker.admit(&server, later), Err(CircuitOpen));
        breaker.failed(&server, later);
        assert_eq!(breaker.admit(&server, later + PAUSE), Err(CircuitOpen));
        assert_eq!(breaker.admit(&server, later + PAUSE * 2), Ok(()));
        breaker.succeeded(&server);
        assert_eq!(breaker.admit(&server, later + PAUSE * 2), Ok(()));
    }

    #[test]
    fn pauses_double_with_each_trial_that_fails_up_to_the_longest() {
        let (breaker, mut now, server) = (breaker(10), Instant::now(), server("a.example"));
        breaker.failed(&server, now);
        breaker.failed(&server, now);
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            let over = now + PAUSE * pause;
            let just_before = over.checked_sub(Duration::from_millis(1)).unwrap();
            assert_eq!(breaker.admit(&server, just_before), Err(CircuitOpen));
            assert_eq!(breaker.admit(&server, over), Ok(()), "{pause}");
            now = over;
            breaker.failed(&server, now);
        }
    }

    #[test]
    fn requests_from_before_the_circuit_opened_do_not_make_the_pause_longer() {
        let (breaker, now, server) = (breaker(10), Instant::now(), server("a.example"));
        let opened = (0..50).filter(|_| breaker.failed(&server, now)).count();
        assert_eq!(opened, 1);
        assert_eq!(breaker.admit(&server, now + PAUSE), Ok(()));
    }

    #[test]
    fn a_trial_that_never_reports_does_not_close_the_door_for_good() {
        let (breaker, now, server) = (breaker(10), Instant::now(), server("a.example"));
        breaker.failed(&server, now);
        breaker.failed(&server, now);
        let trial = now + PAUSE;
        assert_eq!(breaker.admit(&server, trial), Ok(()));
        assert_eq!(breaker.admit(&server, trial + TRIAL / 2), Err(CircuitOpen));
        assert_eq!(breaker.admit(&server, trial + TRIAL), Ok(()));
    }

    #[test]
    fn only_so_many_servers_are_kept_in_mind() {
        let (breaker, now) = (breaker(2), Instant::now());
        for (seconds, name) in (0..).zip(["a.example", "a.example", "b.example", "c.example"]) {
            breaker.failed(&server(name), now + Duration::from_secs(seconds));
        }
        assert_eq!(breaker.circuits.lock().len(), 2);
        assert_eq!(breaker.admit(&server("a.example"), now), Ok(()));
    }
}
