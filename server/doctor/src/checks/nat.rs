//! Whether a router between here and the Internet changes addresses, and what it has to pass on.

use crate::{Check, Finding, Told, facts::Facts};

const CHECK: Check = Check::Nat;

/// Judges the network around this machine.
pub fn nat(facts: &Facts) -> Vec<Finding> {
    let told = facts.told();
    let Some(Ok(seen)) = &facts.addresses.stun else {
        let said = "Whether there is NAT cannot be known without an answer of a STUN server (doctor.stun_servers).";
        return vec![Finding::skipped(CHECK, said)];
    };
    match facts.addresses.nat() {
        Some(true) => {}
        Some(false) | None => {
            return vec![Finding::ok(
                CHECK,
                "There is no NAT: this machine has the address that others see.",
            )];
        }
    }
    let ports: Vec<u16> = seen.iter().map(|(_, port)| *port).collect();
    let address = facts.addresses.seen().map(|ip| ip.to_string());
    let address = address.unwrap_or_default();
    if ports.windows(2).any(|pair| pair[0] != pair[1]) {
        return vec![Finding::warn(
            CHECK,
            format!(
                "This machine is behind a NAT that gives each destination another port; others see {address}."
            ),
            format!(
                "Only ports that are passed on by name work there: {}.",
                forwarded(&told)
            ),
        )];
    }
    vec![Finding::warn(
        CHECK,
        format!(
            "This machine is behind NAT; others see {address}. Whether its ports are passed on cannot be known from inside."
        ),
        format!(
            "Let the router pass on {}, then open the link of this report on another network.",
            forwarded(&told)
        ),
    )]
}

/// What has to come in.
fn forwarded(told: &Told) -> String {
    let ports = [
        ("UDP", told.udp),
        ("TCP", told.tcp),
        ("UDP and TCP", told.turn),
        ("TCP", told.turn_tls.filter(|_| !told.turn_by_site)),
    ];
    let mut words: Vec<String> = ports
        .into_iter()
        .filter_map(|(protocol, port)| Some(format!("{protocol} {}", port?)))
        .collect();
    words.push("the site's own port".to_owned());
    words.join(", ")
}
