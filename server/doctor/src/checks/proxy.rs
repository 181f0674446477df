//! What is in front of the site: whether it passes WebSockets on and pieces of a body at once, and what cannot come by it.

use crate::{
    Check, Finding,
    facts::{Facts, Front},
};

const CHECK: Check = Check::Proxy;
const NGINX: &str = "nginx: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";` Apache: `ProxyPass … upgrade=websocket`.";

/// Judges what came back through the address that people open.
pub fn proxy(facts: &Facts) -> Vec<Finding> {
    let url = &facts.configured.site_url;
    let Some(front) = &facts.front else {
        let said = "Nothing was asked through the public address: server.public_url is not set, or no site runs.";
        return vec![Finding::skipped(CHECK, said)];
    };
    let behind = facts.configured.https && facts.configured.tls == "off";
    let mut found = Vec::new();
    match &front.page {
        Err(why) => {
            return vec![Finding::warn(
                Check::PublicAddress,
                format!("{url} does not answer from this machine: {why}."),
                "Some routers lead nobody from inside back in: open the link of this report on another network. If it does not open there either, the port of server.public_url is closed or leads elsewhere.",
            )];
        }
        Ok(status) if !front.is_convoke => {
            return vec![Finding::fail(
                Check::PublicAddress,
                format!("At {url} something else than this site answers (status {status})."),
                format!(
                    "Let server.public_url and the proxy lead to {}.",
                    facts.configured.listens
                ),
            )];
        }
        Ok(_) => {}
    }
    found.extend(socket(url, front, behind));
    if front.held_back == Some(true) {
        found.push(Finding::warn(
            CHECK,
            format!("What is in front of {url} holds bodies back until they are whole: pages hear late what happens, and films start late."),
            "nginx: `proxy_buffering off;` for the site. Turn response buffering off in other proxies and CDNs.",
        ));
    }
    if let Some(Err(why)) = &front.turn {
        found.push(Finding::warn(
            CHECK,
            format!("TURN over TLS does not come through {url}: {why}. A proxy for HTTP passes no TURN on."),
            "Let the site end TLS itself (server.tls: acme or files), or name the certificate with livekit.turn.cert_file and let clients reach livekit.turn.tls_port.",
        ));
    }
    found.extend(trust(facts, front, behind));
    if found.is_empty() {
        found.push(Finding::ok(
            CHECK,
            format!("{url} leads here, passes WebSockets on, and holds no body back."),
        ));
    }
    found
}

fn socket(url: &str, front: &Front, behind: bool) -> Option<Finding> {
    let why = front.socket.as_ref().err()?;
    let said = format!("A WebSocket to {url} does not get through: {why}. No call can begin.");
    Some(if behind {
        Finding::fail(
            CHECK,
            said,
            format!("Let the proxy pass upgrades on. {NGINX}"),
        )
    } else {
        Finding::fail(
            CHECK,
            said,
            format!("If there is a proxy in front, let it pass upgrades on. {NGINX}"),
        )
    })
}

fn trust(facts: &Facts, front: &Front, behind: bool) -> Option<Finding> {
    if behind && !facts.configured.trusts_proxies {
        return Some(Finding::fail(
            CHECK,
            "A proxy ends TLS in front of the site, and server.trusted_proxies names none: all visitors share one rate limit, and the site takes them for visitors without TLS.",
            "Set server.trusted_proxies to the proxy's address, such as [127.0.0.1].",
        ));
    }
    (front.https_seen == Some(false) && facts.configured.https).then(|| {
        Finding::fail(
            CHECK,
            "The proxy does not tell the site that visitors use TLS.",
            "Let it send `X-Forwarded-Proto: https` and the Host that was asked for, and name its address in server.trusted_proxies.",
        )
    })
}
