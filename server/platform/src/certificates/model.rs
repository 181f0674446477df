//! What a certificate is for, and how it stands; knows neither HTTP nor SQL.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use acme::Resolver;
use parking_lot::Mutex;
use sqlx::FromRow;

use crate::{clock::Timestamp, config::Config, random::Random};

/// The site's certificate while it runs.
pub struct SiteCertificate {
    /// What TLS connections are shown.
    pub resolver: Arc<Resolver>,
    /// Whether the authority finds this server at port 80.
    pub answers_http: bool,
    pub(super) state: Mutex<CertificateState>,
}

/// How it stands, as was seen a moment ago.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateState {
    /// When the one that was looked at last was issued; `None`: there is none yet.
    pub issued_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// Why the last order did not succeed; `None`: it did, or there was none.
    pub failure: Option<String>,
    /// Whether browsers believe it without being told to.
    pub is_trusted: bool,
}

impl SiteCertificate {
    /// Nothing is known of it yet.
    pub fn new(resolver: Arc<Resolver>, answers_http: bool) -> Self {
        Self {
            resolver,
            answers_http,
            state: Mutex::default(),
        }
    }

    /// How it stands.
    pub fn state(&self) -> CertificateState {
        self.state.lock().clone()
    }

    /// Whether browsers believe it without being told to.
    pub fn is_trusted(&self) -> bool {
        self.state.lock().is_trusted
    }
}

/// A certificate is kept for its authority and its names: with others, another is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub directory: String,
    pub names: Vec<String>,
}

impl Wanted {
    /// What the configuration asks for.
    pub fn of(config: &Config) -> Wanted {
        let host = config.server.public_url.as_ref().and_then(url::Url::host);
        let host = host.map(|host| match host {
            url::Host::Ipv6(address) => address.to_string(),
            url::Host::Ipv4(address) => address.to_string(),
            url::Host::Domain(name) => name.to_owned(),
        });
        let others = config
            .acme
            .names
            .iter()
            .map(|name| name.to_ascii_lowercase());
        let names: BTreeSet<_> = host.into_iter().chain(others).collect();
        Wanted {
            directory: config.acme.directory.to_string(),
            names: names.into_iter().collect(),
        }
    }

    /// The names in one text, as the database knows them.
    pub fn key(&self) -> String {
        self.names.join(",")
    }
}

/// One that was issued.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeptCertificate {
    pub chain: String,
    pub private_key: String,
    pub issued_at: Timestamp,
    pub renew_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Orders that did not succeed, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct FailedOrders {
    pub failures: i64,
    pub failed_at: Timestamp,
    pub detail: String,
    pub is_rate_limit: bool,
}

const FIRST_WAIT: Duration = Duration::from_mins(1);
const LONGEST_WAIT: Duration = Duration::from_hours(6);
/// Authorities count failures and orders by the hour.
const RATE_LIMIT_WAIT: Duration = Duration::from_hours(1);

impl FailedOrders {
    /// Whether it is too early to try again. What failed in the future was noted by a clock that was wrong.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        self.failed_at <= now && self.next_at() > now
    }

    /// When it may be tried again: authorities lock out who asks too often.
    pub fn next_at(&self) -> Timestamp {
        let doublings = u32::try_from(self.failures.clamp(1, 20) - 1).unwrap_or(0);
        let wait = FIRST_WAIT.saturating_mul(4_u32.saturating_pow(doublings));
        let least = if self.is_rate_limit {
            RATE_LIMIT_WAIT
        } else {
            FIRST_WAIT
        };
        self.failed_at + wait.clamp(least, LONGEST_WAIT)
    }
}

/// When a certificate is renewed: when a third of its life is left, give or take a tenth of that, so that not all sites
/// that were set up together come back together.
pub fn renew_at(issued_at: Timestamp, ends_at: Timestamp, random: &Random) -> Timestamp {
    let third = ends_at.since(issued_at) / 3;
    let [dice] = random.bytes::<1>();
    // From nine tenths of it to eleven.
    let left = third / 10 * 9 + third / 5 * u32::from(dice) / 256;
    ends_at - left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_renewed_when_a_third_is_left_at_different_times() {
        let day = Duration::from_hours(24);
        let (issued, ends) = (Timestamp(0), Timestamp(0) + day * 90);
        let random = Random::seeded(3);
        let times: BTreeSet<_> = (0..20).map(|_| renew_at(issued, ends, &random).0).collect();
        assert!(times.len() > 10, "{times:?}");
        for time in times {
            let left = ends.since(Timestamp(time));
            assert!((day * 27..=day * 33).contains(&left), "{left:?}");
        }
    }

    #[test]
    fn failures_are_waited_for_longer_and_longer() {
        let after = |failures, is_rate_limit| {
            let failed = FailedOrders {
                failures,
                failed_at: Timestamp(0),
                detail: String::new(),
                is_rate_limit,
            };
            failed.next_at().since(Timestamp(0)).as_secs() / 60
        };
        assert_eq!([1, 2, 3, 9].map(|n| after(n, false)), [1, 4, 16, 360]);
        assert_eq!([1, 9].map(|n| after(n, true)), [60, 360]);
    }
}
