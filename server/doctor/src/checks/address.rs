//! The address that media is announced with, against what this machine has and what others see of it.

use std::net::IpAddr;

use super::dns::{is_public, list};
use crate::{
    Check, Finding,
    facts::{Addresses, Facts},
};

const CHECK: Check = Check::Address;

/// Judges the announced address.
pub fn address(facts: &Facts) -> Vec<Finding> {
    if facts.configured.external {
        let said = "The LiveKit cluster announces its own addresses (rtc.node_ip in its configuration); they are not known here.";
        return vec![Finding::skipped(CHECK, said)];
    }
    let Some(announced) = facts.addresses.announced else {
        return vec![Finding::fail(
            CHECK,
            "This machine has no address that media could be announced with.",
            "Connect it to a network, or set livekit.node_ip.",
        )];
    };
    vec![of(announced, facts)]
}

fn of(announced: IpAddr, facts: &Facts) -> Finding {
    let addresses = &facts.addresses;
    let key = if addresses.configured {
        "livekit.node_ip"
    } else {
        "found by itself"
    };
    let set = match addresses.seen() {
        Some(seen) => format!("Set livekit.node_ip to {seen}, as others see this machine."),
        None => "Set livekit.node_ip to the address that clients reach.".to_owned(),
    };
    let named = format!("Media is announced with {announced} ({key})");
    if announced.is_loopback() || announced.is_unspecified() || announced.is_multicast() {
        let said = format!("{named}, which no other device reaches.");
        return if facts.configured.is_local {
            Finding::warn(CHECK, said, set)
        } else {
            Finding::fail(CHECK, said, set)
        };
    }
    match addresses.seen() {
        Some(seen) if seen == announced => {
            Finding::ok(CHECK, format!("{named}, as others see this machine."))
        }
        Some(seen) if !is_public(announced) && is_public(seen) => of_private(&named, seen, facts),
        // Several public addresses are usual.
        Some(_) if addresses.own.contains(&announced) => Finding::ok(
            CHECK,
            format!("{named}, which is one of this machine's own."),
        ),
        Some(seen) => Finding::fail(
            CHECK,
            format!(
                "{named}, which is neither this machine's ({}) nor what others see of it ({seen}).",
                list(&addresses.own)
            ),
            set,
        ),
        None => unseen(&named, announced, addresses),
    }
}

/// Right for an office, wrong for the Internet; the site's name tells which it is for.
fn of_private(named: &str, seen: IpAddr, facts: &Facts) -> Finding {
    let set = format!(
        "Set livekit.node_ip to {seen} and let the router pass the media ports on to here."
    );
    if facts.addresses.public.iter().copied().any(is_public) {
        Finding::fail(
            CHECK,
            format!(
                "{named}, a private address, and the site's name is public: people on other networks get no sound and no picture, or only by TURN."
            ),
            set,
        )
    } else {
        Finding::warn(
            CHECK,
            format!("{named}, a private address: only devices on this network reach it."),
            set,
        )
    }
}

fn unseen(named: &str, announced: IpAddr, addresses: &Addresses) -> Finding {
    let unasked = match &addresses.stun {
        None => "no STUN server was asked (doctor.stun_servers)".to_owned(),
        Some(Err(why)) => {
            format!("no STUN server answered: {why}; outgoing UDP or DNS may be blocked")
        }
        Some(Ok(_)) => "no STUN server named an address".to_owned(),
    };
    if addresses.own.contains(&announced) || addresses.outbound == Some(announced) {
        return Finding::ok(
            CHECK,
            format!(
                "{named}, which is this machine's own. What others see is not known: {unasked}."
            ),
        );
    }
    let leads = addresses.public.contains(&announced);
    let said = format!(
        "{named}, which no interface of this machine has ({}). Whether a router leads it here is not known: {unasked}.",
        list(&addresses.own)
    );
    let what = "Check livekit.node_ip, and open the link of this report on another network.";
    if leads {
        Finding::warn(CHECK, said, what)
    } else {
        Finding::fail(CHECK, said, what)
    }
}
