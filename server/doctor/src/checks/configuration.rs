//! What of the configuration cannot work for anybody but the one at this machine, however good its values are.

use crate::{Check, Finding, facts::Facts};

const CHECK: Check = Check::Configuration;

/// Judges the configuration by itself.
pub fn configuration(facts: &Facts) -> Vec<Finding> {
    let configured = &facts.configured;
    let mut found = Vec::new();
    if !configured.has_public_url {
        found.push(Finding::warn(
            CHECK,
            "server.public_url is not set: links, the origin check and the address of media are made for this machine alone.",
            "Set server.public_url to the address that people open, such as https://meet.example.org.",
        ));
    } else if configured.is_local {
        found.push(Finding::warn(
            CHECK,
            format!(
                "server.public_url is {}, which leads every device to itself.",
                configured.site_url
            ),
            "Set server.public_url to a name or an address of this machine that other devices reach.",
        ));
    } else if !configured.https {
        found.push(Finding::fail(
            CHECK,
            format!(
                "server.public_url is {}: browsers give no page without TLS a camera or a microphone.",
                configured.site_url
            ),
            "Set server.tls to acme or files and server.public_url to https://…, or put a proxy with TLS in front.",
        ));
    }
    if configured.tls == "self-signed" && !configured.is_local {
        found.push(Finding::warn(
            CHECK,
            "server.tls is self-signed: every browser warns once, phones may refuse it, and there is no TURN over TLS.",
            "Set server.tls to acme, or to files with a certificate that an authority signed.",
        ));
    }
    for name in &configured.ignored_variables {
        found.push(Finding::warn(
            CHECK,
            format!("The variable {name} is set, and nothing here reads it."),
            "Put LiveKit's configuration into a file and name it with livekit.config_path or LIVEKIT_CONFIG_PATH, or use the keys of section livekit.",
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok(
            CHECK,
            format!(
                "The configuration can be read and fits together; people open {}.",
                configured.site_url
            ),
        ));
    }
    found
}
