//! The TURN server, for networks that let nothing else through: whether it runs, and whether it is ours that answers.

use crate::{Check, Finding, facts::Facts};

const CHECK: Check = Check::Turn;
/// What the built-in TURN server calls itself.
const REALM: &str = "convoke";

/// Judges each way to it.
pub fn turn(facts: &Facts) -> Vec<Finding> {
    let configured = &facts.configured;
    if configured.external {
        let said = "The LiveKit cluster's own configuration says which TURN servers there are.";
        return vec![Finding::skipped(CHECK, said)];
    }
    if !configured.turn {
        return vec![match &configured.turn_elsewhere {
            Some(server) => Finding::ok(
                CHECK,
                format!("Clients are told of the TURN server {server} (livekit.turn_server)."),
            ),
            None => Finding::warn(
                CHECK,
                "There is no TURN server: networks that block UDP and unusual ports keep people out of calls.",
                "Set livekit.turn.enabled to true, or name one with livekit.turn_server.",
            ),
        }];
    }
    let mut found: Vec<Finding> = facts.turn.iter().map(of).collect();
    if configured.turn_tls.is_none() {
        let why = if configured.tls == "off" && configured.https {
            "the site is behind a proxy that ends TLS, which passes no TURN on"
        } else {
            "it needs a certificate that an authority signed, for a name"
        };
        found.push(Finding::warn(
            CHECK,
            format!("TURN over TLS is off: {why}. Networks that let only HTTPS out keep people out of calls."),
            "Set server.tls to acme or files with server.public_url, or livekit.turn.cert_file and livekit.turn.key_file.",
        ));
    }
    if facts.running.is_none() && found.is_empty() {
        let said = "Whether the TURN server answers is seen only while the site runs.";
        found.push(Finding::skipped(CHECK, said));
    }
    found
}

fn of(way: &crate::facts::TurnWay) -> Finding {
    let (transport, at, key) = (way.transport, &way.at, way.key);
    match &way.answered {
        Ok(realm) if realm == REALM || realm == "livekit" => {
            Finding::ok(CHECK, format!("TURN over {transport} answers at {at}."))
        }
        Ok(realm) => Finding::fail(
            CHECK,
            format!(
                "At {at} ({key}) another TURN server answers, for the realm {realm:?}: it does not know the site's credentials."
            ),
            format!(
                "Stop it or choose another port with {key}; or use it, with livekit.turn_server."
            ),
        ),
        Err(why) => Finding::fail(
            CHECK,
            format!("TURN over {transport} does not answer at {at} ({key}): {why}."),
            format!(
                "The log of `convoke serve` says whether its port was taken; {key} chooses another."
            ),
        ),
    }
}
