//! Section `auth`: who may have an account, and how long they stay signed in.

use std::{ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::Refusals;

/// Section `auth`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Auth {
    pub registration: Registration,
    pub password_min_length: usize,
    pub session_days: u32,
    pub invite_days: u32,
    pub guest_days: u32,
    pub sign_in_per_minute: u32,
    pub register_per_hour: u32,
    pub join_per_minute: u32,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anybody.
    Open,
    /// Holders of an invite.
    Invite,
    /// Nobody.
    Closed,
}

const DAY: Duration = Duration::from_hours(24);

impl Auth {
    /// What `password_min_length` may be.
    pub const PASSWORD_MIN_LENGTHS: RangeInclusive<usize> = 8..=128;

    /// How long an unused session lasts.
    pub fn session_lifetime(&self) -> Duration {
        DAY * self.session_days
    }

    /// How long an invite can be used.
    pub fn invite_lifetime(&self) -> Duration {
        DAY * self.invite_days
    }

    /// How long an unused guest identity lasts.
    pub fn guest_lifetime(&self) -> Duration {
        DAY * self.guest_days
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        refused.unless(
            Auth::PASSWORD_MIN_LENGTHS.contains(&self.password_min_length),
            "password_min_length",
            "must be between 8 and 128",
        );
        for (key, days) in [
            ("session_days", self.session_days),
            ("invite_days", self.invite_days),
            ("guest_days", self.guest_days),
        ] {
            refused.unless((1..=365).contains(&days), key, "must be between 1 and 365");
        }
        for (key, rate) in [
            ("sign_in_per_minute", self.sign_in_per_minute),
            ("register_per_hour", self.register_per_hour),
        ] {
            refused.unless(
                (1..=1000).contains(&rate),
                key,
                "must be between 1 and 1000",
            );
        }
        refused.unless(
            (1..=10_000).contains(&self.join_per_minute),
            "join_per_minute",
            "must be between 1 and 10000",
        );
    }
}
