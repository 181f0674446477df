//! The server's half: every check, one after the other, and what the other half needs to know of this server.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{checks, facts::Facts, finding::Finding};

/// What the server found out about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorServerHalf)]
pub struct ServerHalf {
    /// What each check found, in the order in which things depend on each other.
    pub findings: Vec<Finding>,
    /// Where clients are sent.
    pub told: Told,
}

/// Ports and addresses that have to be reachable from outside; a sentence about the way of a browser names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DoctorTold)]
pub struct Told {
    /// The site's address.
    pub site: String,
    /// Where media is announced.
    #[schema(required = true)]
    pub node_ip: Option<String>,
    #[schema(required = true)]
    /// UDP port of media.
    pub udp: Option<u16>,
    #[schema(required = true)]
    #[serde(default)]
    /// Another UDP port of media.
    pub second_udp: Option<u16>,
    #[schema(required = true)]
    /// TCP port of media.
    pub tcp: Option<u16>,
    #[schema(required = true)]
    /// UDP and TCP port of TURN.
    pub turn: Option<u16>,
    #[schema(required = true)]
    /// TCP port of TURN over TLS.
    pub turn_tls: Option<u16>,
    /// Whether the site ends TLS itself on the port where TURN over TLS comes.
    pub turn_by_site: bool,
    /// Whether a router translates addresses, as far as it was seen.
    pub nat: bool,
    /// Whether the media server is a cluster that others run.
    pub external: bool,
}

/// Judges everything that was collected.
pub fn examine(facts: &Facts) -> ServerHalf {
    let findings = [
        checks::configuration(facts),
        checks::site(facts),
        checks::dns(facts),
        checks::certificate(facts),
        checks::ports(facts),
        checks::address(facts),
        checks::nat(facts),
        checks::proxy(facts),
        checks::turn(facts),
        checks::media_server(facts),
        checks::media_file(facts),
        checks::redis(facts),
        checks::webhooks(facts),
        checks::database(facts),
        checks::disk(facts),
        checks::storage(facts),
        checks::clock(facts),
    ];
    ServerHalf {
        findings: findings.into_iter().flatten().collect(),
        told: facts.told(),
    }
}
