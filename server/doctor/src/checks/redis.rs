//! The Redis over which an official livekit-server reaches LiveKit's services.

use crate::{Check, Finding, facts::Facts};

/// Judges it, where one is configured.
pub fn redis(facts: &Facts) -> Vec<Finding> {
    let check = Check::Redis;
    let Some((address, answered)) = &facts.redis else {
        return Vec::new();
    };
    vec![match answered {
        Ok(()) => Finding::ok(check, format!("Redis at {address} answers.")),
        Err(why) => Finding::fail(
            check,
            format!(
                "Redis at {address} (livekit.redis.address) does not answer: {why}. livekit-server will not start."
            ),
            "Start it, and compare livekit.redis with its address, password and network.",
        ),
    }]
}
