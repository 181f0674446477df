//! Where the names lead that clients are sent to.

use std::net::IpAddr;

use crate::{
    Check, Finding,
    facts::{Facts, Name},
};

const CHECK: Check = Check::Dns;

/// Judges each name.
pub fn dns(facts: &Facts) -> Vec<Finding> {
    facts.names.iter().map(|name| of(name, facts)).collect()
}

fn of(name: &Name, facts: &Facts) -> Finding {
    let Name { name, key, found } = name;
    let addresses = match found {
        Err(error) => {
            return Finding::fail(
                CHECK,
                format!("The name {name} ({key}) leads nowhere: {error}."),
                format!("Add an A record (and AAAA, with IPv6) for {name} at your DNS provider."),
            );
        }
        Ok(addresses) => addresses,
    };
    let listed = list(addresses);
    let public = facts.addresses.seen().is_some_and(is_public);
    if public && !addresses.iter().copied().any(is_public) {
        return Finding::warn(
            CHECK,
            format!(
                "The name {name} ({key}) leads to {listed}, which only devices on the same network reach."
            ),
            "Let its A record name the public address, or use the site on this network alone.",
        );
    }
    let own = |ip: &IpAddr| {
        facts.addresses.own.contains(ip)
            || facts.addresses.seen() == Some(*ip)
            || facts.addresses.announced == Some(*ip)
    };
    if addresses.iter().any(own) || facts.addresses.seen().is_none() {
        return Finding::ok(CHECK, format!("The name {name} ({key}) leads to {listed}."));
    }
    let here = facts.addresses.seen().map(|ip| ip.to_string());
    Finding::warn(
        CHECK,
        format!(
            "The name {name} ({key}) leads to {listed}, and this machine is seen at {}.",
            here.unwrap_or_default()
        ),
        "That is right where a proxy or a CDN on another machine is in front; else correct the A record. Media does not come by such a proxy: livekit.node_ip has to be this machine's.",
    )
}

/// Whether others on the Internet can have it as a destination.
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let shared = first == 100 && (64..128).contains(&second);
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || shared)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_multicast())
        }
    }
}

pub(super) fn list(addresses: &[IpAddr]) -> String {
    let words: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    words.join(", ")
}
