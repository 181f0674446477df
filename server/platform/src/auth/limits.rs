//! How often one may try to sign in, register or join, in bounded memory, and by all servers of the site together.

use std::{fmt::Display, hash::Hash, num::NonZeroU32, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http_edge::{RateLimit, network};

use super::store::{self, Rate};
use crate::{
    accounts::{Email, UserId},
    app::App,
    config, derived,
    http::{ClientIp, Problem},
};

// A whole office behind one address looks for the cause at once; a script gains nothing.
const CONNECTION_CHECKS_PER_MINUTE: u32 = 20;

/// The limits of the site: each server counts in its memory, and where several share a database they count there together.
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
            sign_in_by_ip: Limit::new("sign_in_by_ip", config.sign_in_per_minute, minute),
            sign_in_by_account: Limit::new("sign_in_by_account", config.sign_in_per_minute, minute),
            link_check_by_ip: Limit::new("link_check_by_ip", config.sign_in_per_minute, minute),
            register_by_ip: Limit::new("register_by_ip", config.register_per_hour, hour),
            join_by_ip: Limit::new("join_by_ip", config.join_per_minute, minute),
            connection_check_by_ip: Limit::new(
                "connection_check_by_ip",
                CONNECTION_CHECKS_PER_MINUTE,
                minute,
            ),
            share_by_ip: Limit::new("share_by_ip", config.join_per_minute, minute),
            address_by_account: Limit::new("address_by_account", ADDRESSES_PER_HOUR, hour),
        }
    }

    /// Counts an attempt to sign in to an account.
    pub async fn sign_in(&self, app: &App, ip: ClientIp, email: &Email) -> Result<(), Problem> {
        self.sign_in_by_ip.check(app, &network(ip.0)).await?;
        self.sign_in_by_account.check(app, &email.key()).await
    }

    /// Counts an attempt to name one's own password again.
    pub async fn confirm_password(&self, app: &App, user: UserId) -> Result<(), Problem> {
        self.sign_in_by_account.check(app, &user).await
    }

    /// Counts an attempt to look somebody up by address.
    pub async fn look_up_address(&self, app: &App, user: UserId) -> Result<(), Problem> {
        self.address_by_account.check(app, &user).await
    }

    /// Counts an attempt to use the setup link.
    pub async fn setup(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.sign_in_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts an attempt to use a reset link.
    pub async fn reset_password(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.sign_in_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts an attempt to find out whether a link is good.
    pub async fn check_link(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.link_check_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts an attempt to register.
    pub async fn register(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.register_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts an attempt to join a room.
    pub async fn join(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.join_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts an attempt to open a link to a recording.
    pub async fn open_share(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.share_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts an attempt to name the password of such a link.
    pub async fn unlock_share(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.link_check_by_ip.check(app, &network(ip.0)).await
    }

    /// Counts a connection check: each makes a room on the media server.
    pub async fn connection_check(&self, app: &App, ip: ClientIp) -> Result<(), Problem> {
        self.connection_check_by_ip.check(app, &network(ip.0)).await
    }
}

/// One rate, with all of a period's tries at once after a rest.
struct Limit {
    name: &'static str,
    here: RateLimit,
    together: Rate,
}

impl Limit {
    fn new(name: &'static str, burst: u32, per: Duration) -> Limit {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let each = per / burst.get();
        Limit {
            name,
            here: RateLimit::new(burst, each),
            together: Rate {
                each,
                more_at_once: each * (burst.get() - 1),
            },
        }
    }

    async fn check(&self, app: &App, key: &(impl Hash + Display)) -> Result<(), Problem> {
        // A flood at one server costs the database nothing.
        self.here.check(key).map_err(Problem::rate_limited)?;
        if !app.db.is_shared() {
            return Ok(());
        }
        // No copy of the database tells whose addresses these were.
        let name = format!("{} {key}", self.name);
        let key = derived::key(&app.livekit.endpoint().api_secret, b"rate limit", &name);
        let key = URL_SAFE_NO_PAD.encode(key);
        let now = store::shared_now(&app.db).await?;
        let counted = store::count_try(&app.db, &key, self.together, now).await?;
        counted.map_err(Problem::rate_limited)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{
        auth::store::{self, Rate},
        testing::TestApp,
    };

    #[tokio::test]
    async fn the_burst_passes_and_the_next_try_is_told_how_long_to_wait() {
        let app = TestApp::start().await;
        let rate = Rate {
            each: Duration::from_secs(20),
            more_at_once: Duration::from_secs(40),
        };
        let tried = async |key: &str| {
            let counted = store::count_try(&app.app().db, key, rate, app.app().now()).await;
            counted.unwrap()
        };
        // As replicas do it: at once.
        let tries = tokio::join!(tried("ada"), tried("ada"), tried("ada"), tried("ada"));
        let tries = [tries.0, tries.1, tries.2, tries.3];
        let refused: Vec<_> = tries.iter().filter_map(|tried| tried.err()).collect();
        assert_eq!(refused, [Duration::from_secs(20)]);
        assert!(tried("grace").await.is_ok());
        app.advance(Duration::from_secs(19));
        assert_eq!(tried("ada").await, Err(Duration::from_secs(1)));
        app.advance(Duration::from_secs(1));
        assert_eq!(tried("ada").await, Ok(()));
        assert_eq!(tried("ada").await, Err(Duration::from_secs(20)));
        app.advance(Duration::from_mins(1));
        let db = &app.app().db;
        let mut tx = db.begin().await.unwrap();
        store::forget_tries(&mut tx, app.app().now()).await.unwrap();
        tx.commit().await.unwrap();
        let by_database = store::shared_now(db).await.unwrap();
        assert!(by_database.0 > 1_700_000_000_000, "{by_database:?}");
        for _ in 0..3 {
            assert_eq!(tried("ada").await, Ok(()));
        }
    }
}
