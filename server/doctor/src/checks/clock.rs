//! Whether this machine's clock agrees with others: tokens and certificates depend on it.

use crate::{Check, Finding, facts::Facts};

const CHECK: Check = Check::Clock;
/// In milliseconds.
const NOTICED: u64 = 2_000;
/// In milliseconds: tokens of minutes are refused, and webhooks are.
const WRONG: u64 = 30_000;

/// Judges it by each clock that was read.
pub fn clock(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut agree = Vec::new();
    let mut unread = Vec::new();
    for clock in &facts.clocks {
        let whose = &clock.whose;
        match &clock.ahead {
            Err(why) => unread.push(format!("{whose} ({why})")),
            Ok(ahead) if ahead.unsigned_abs() < NOTICED => agree.push(whose.as_str()),
            Ok(ahead) => {
                let by = ahead.unsigned_abs() / 1000;
                let way = if *ahead > 0 { "behind" } else { "ahead of" };
                let said = format!("This machine's clock is {by} s {way} the clock of {whose}.");
                let what = "Let NTP keep both clocks right (`timedatectl set-ntp true`).";
                found.push(if ahead.unsigned_abs() < WRONG {
                    Finding::warn(CHECK, said, what)
                } else {
                    Finding::fail(
                        CHECK,
                        format!("{said} Tokens are refused as expired or not good yet."),
                        what,
                    )
                });
            }
        }
    }
    if !agree.is_empty() {
        let said = format!("This machine's clock agrees with {}.", agree.join(", "));
        found.push(Finding::ok(CHECK, said));
    }
    if found.is_empty() {
        let why = if unread.is_empty() {
            "no other clock was read (doctor.time_server)".to_owned()
        } else {
            format!("no answer of {}", unread.join(", "))
        };
        found.push(Finding::skipped(
            CHECK,
            format!("Whether this machine's clock is right is not known: {why}."),
        ));
    }
    found
}
