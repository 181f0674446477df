//! The media server: which one it is, its version, and whether it answers and takes our keys.

use crate::{
    Check, Finding,
    facts::{Facts, MediaFault},
};

const CHECK: Check = Check::MediaServer;

/// Judges the media server.
pub fn media_server(facts: &Facts) -> Vec<Finding> {
    let engine = match &facts.media.engine {
        Ok(engine) => *engine,
        Err(why) => {
            return vec![Finding::fail(
                CHECK,
                format!("No media server can be started: {why}."),
                "Set livekit.engine to built-in, or install livekit-server and name it with livekit.binary.",
            )];
        }
    };
    let mut found = Vec::new();
    if let Some((at, Err(fault))) = &facts.media.probed {
        found.push(probed(at, fault));
    }
    if let Some((at, Err(why))) = &facts.media.signal {
        found.push(Finding::fail(
            CHECK,
            format!("Browsers cannot open {at} (livekit.host): {why}."),
            "livekit.host has to be the ws:// or wss:// address that browsers reach; its proxy has to pass upgrades on.",
        ));
    }
    if let Some(running) = &facts.running
        && running.media != "ready"
        && found.is_empty()
    {
        found.push(Finding::fail(
            CHECK,
            format!("The media server ({engine}) is {}.", running.media),
            "The page Administration, Health says why, and the log of `convoke serve`.",
        ));
    }
    if found.is_empty() {
        let version = facts.media.version.as_deref();
        let version = version.map_or_else(String::new, |version| format!(" {version}"));
        let said = format!("The media server is {engine}{version}.");
        let asked = facts.running.is_some() || facts.media.probed.is_some();
        found.push(if asked {
            Finding::ok(CHECK, format!("{said} It answers."))
        } else {
            Finding::skipped(CHECK, format!("{said} It starts with the site."))
        });
    }
    found
}

fn probed(at: &str, fault: &MediaFault) -> Finding {
    match fault {
        MediaFault::Unreachable(why) => Finding::fail(
            CHECK,
            format!(
                "The LiveKit cluster at {at} (livekit.internal_host) cannot be reached: {why}."
            ),
            "Check the address, the port and the firewall between here and there; it is http:// where livekit-server 1.12 or later has no proxy with TLS in front.",
        ),
        MediaFault::Certificate(why) => Finding::fail(
            CHECK,
            format!("The certificate of {at} (livekit.internal_host) is not trusted: {why}."),
            "Give it one that an authority signed, use http:// inside your network, or set livekit.dangerous_skip_tls_verify for a closed lab.",
        ),
        MediaFault::KeysRefused => Finding::fail(
            CHECK,
            format!("The LiveKit cluster at {at} refuses livekit.api_key or livekit.api_secret."),
            "Take the pair from `keys:` of its configuration. If it is the right pair, compare both clocks.",
        ),
        MediaFault::Unexpected(why) => Finding::fail(
            CHECK,
            format!("At {at} (livekit.internal_host) no LiveKit server answers: {why}."),
            "Let livekit.internal_host lead to livekit-server's own port (7880), not to another service.",
        ),
    }
}
