//! Whose the ports are that this program needs.

use crate::{
    Check, Finding,
    facts::{Facts, Holder, Port},
};

const CHECK: Check = Check::Ports;

/// Judges each port; those that are well are told in one sentence.
pub fn ports(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let (mut well, mut left) = (Vec::new(), Vec::new());
    for port in &facts.ports {
        let Port {
            number,
            protocol,
            key,
            holder,
            optional,
        } = port;
        let name = format!("{} port {number} ({key})", protocol.name());
        let finding = if *optional {
            Finding::warn
        } else {
            Finding::fail
        };
        match holder {
            Holder::Us if facts.running.is_none() => left.push(name),
            Holder::Free | Holder::Us => well.push(name),
            Holder::Another => found.push(finding(
                CHECK,
                format!("{name} is taken by another program."),
                format!("Stop that program (`ss -lnp` names it), or choose another port with {key}."),
            )),
            Holder::Refused(why) => found.push(finding(
                CHECK,
                format!("{name} cannot be had: {why}."),
                "Ports below 1024 need a right: `setcap cap_net_bind_service=+ep` on the program, or AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit; else correct server.host.".to_owned(),
            )),
        }
    }
    if !left.is_empty() {
        let names = left.join(", ");
        found.push(Finding::ok(
            CHECK,
            format!("{names}: the site's media server, which goes on while the site is away; the next start takes it up."),
        ));
    }
    if !well.is_empty() {
        let state = if facts.running.is_some() {
            "are the site's"
        } else {
            "are free"
        };
        found.push(Finding::ok(CHECK, format!("{} {state}.", well.join(", "))));
    }
    found
}
