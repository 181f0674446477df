//! How often one may try to sign in, register or join, in bounded memory.

use std::{hash::Hash, num::NonZeroU32, time::Duration};

use http_edge::{RateLimit, network};

use crate::{
    accounts::{Email, UserId},
    config,
    http::{ClientIp, Problem},
};

// A whole office behind one address looks for the cause at once; a script gains nothing.
const CONNECTION_CHECKS_PER_MINUTE: u32 = 20;

/// The limits of one process; several replicas allow that many times more.
pub struct Limits {
    sign_in_by_ip: Limit,
    sign_in_by_account: Limit,
    link_check_by_ip: Limit,
    register_by_ip: Limit,
    join_by_ip: Limit,
    connection_check_by_ip: Limit,
    share_by_ip: Limit,
    address_by_account: Limit,
}

// Adding somebody to a room by e-mail address tells whether it has an account: enough to add a class, too few to
// try a list of addresses.
const ADDRESSES_PER_HOUR: u32 = 60;

impl Limits {
    pub fn new(config: &config::Auth) -> Limits {
        let minute = Duration::from_mins(1);
        let hour = Duration::from_hours(1);
        Limits {
            sign_in_by_ip: Limit::new(config.sign_in_per_minute, minute),
            sign_in_by_account: Limit::new(config.sign_in_per_minute, minute),
            link_check_by_ip: Limit::new(config.sign_in_per_minute, minute),
            register_by_ip: Limit::new(config.register_per_hour, hour),
            join_by_ip: Limit::new(config.join_per_minute, minute),
            connection_check_by_ip: Limit::new(CONNECTION_CHECKS_PER_MINUTE, minute),
            share_by_ip: Limit::new(config.join_per_minute, minute),
            address_by_account: Limit::new(ADDRESSES_PER_HOUR, hour),
        }
    }

    /// Counts an attempt to sign in to an account.
    pub fn sign_in(&self, ip: ClientIp, email: &Email) -> Result<(), Problem> {
        self.sign_in_by_ip.check(&network(ip.0))?;
        self.sign_in_by_account.check(&email.key())
    }

    /// Counts an attempt to name one's own password again.
    pub fn confirm_password(&self, user: UserId) -> Result<(), Problem> {
        self.sign_in_by_account.check(&user)
    }

    /// Counts an attempt to look somebody up by address.
    pub fn look_up_address(&self, user: UserId) -> Result<(), Problem> {
        self.address_by_account.check(&user)
    }

    /// Counts an attempt to use the setup link.
    pub fn setup(&self, ip: ClientIp) -> Result<(), Problem> {
        self.sign_in_by_ip.check(&network(ip.0))
    }

    /// Counts an attempt to use a reset link.
    pub fn reset_password(&self, ip: ClientIp) -> Result<(), Problem> {
        self.sign_in_by_ip.check(&network(ip.0))
    }

    /// Counts an attempt to find out whether a link is good.
    pub fn check_link(&self, ip: ClientIp) -> Result<(), Problem> {
        self.link_check_by_ip.check(&network(ip.0))
    }

    /// Counts an attempt to register.
    pub fn register(&self, ip: ClientIp) -> Result<(), Problem> {
        self.register_by_ip.check(&network(ip.0))
    }

    /// Counts an attempt to join a room.
    pub fn join(&self, ip: ClientIp) -> Result<(), Problem> {
        self.join_by_ip.check(&network(ip.0))
    }

    /// Counts an attempt to open a link to a recording.
    pub fn open_share(&self, ip: ClientIp) -> Result<(), Problem> {
        self.share_by_ip.check(&network(ip.0))
    }

    /// Counts an attempt to name the password of such a link.
    pub fn unlock_share(&self, ip: ClientIp) -> Result<(), Problem> {
        self.link_check_by_ip.check(&network(ip.0))
    }

    /// Counts a connection check: each makes a room on the media server.
    pub fn connection_check(&self, ip: ClientIp) -> Result<(), Problem> {
        self.connection_check_by_ip.check(&network(ip.0))
    }
}

/// One rate, with all of a period's tries at once after a rest.
struct Limit(RateLimit);

impl Limit {
    fn new(burst: u32, per: Duration) -> Limit {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        Limit(RateLimit::new(burst, per / burst.get()))
    }

    fn check(&self, key: &impl Hash) -> Result<(), Problem> {
        self.0.check(key).map_err(Problem::rate_limited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_the_next_try_is_told_how_long_to_wait() {
        let limit = Limit::new(3, Duration::from_hours(1));
        for _ in 0..3 {
            assert!(limit.check(&"ada").is_ok());
        }
        assert_eq!(limit.check(&"ada").unwrap_err().code(), "rate_limited");
        assert!(limit.check(&"grace").is_ok());
    }
}
