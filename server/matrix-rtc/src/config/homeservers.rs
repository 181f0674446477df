//! Whose users may open rooms, and how homeservers are reached.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use http_edge::outbound::{AllowedNetworks, SystemNames, Trust};
use ipnet::IpNet;
use url::Url;

use super::environment::{EnvironmentError, Variables};
use crate::{
    access::FullAccess,
    homeserver::{BreakerSettings, HomeserverSettings, RetrySettings, parse_base_url},
    ids::ServerName,
};

const FULL_ACCESS: &str = "LIVEKIT_FULL_ACCESS_HOMESERVERS";
const OVERRIDES: &str = "LIVEKIT_CS_API_URL_OVERRIDES";
const SKIP_VERIFY: &str = "LIVEKIT_INSECURE_SKIP_VERIFY_TLS";
const SKIP_VERIFY_VALUE: &str = "YES_I_KNOW_WHAT_I_AM_DOING";
const ALLOWED_NETWORKS: &str = "CONVOKE_MATRIX_ALLOWED_NETWORKS";

pub fn read(
    variables: &Variables,
    warnings: &mut Vec<String>,
) -> Result<(FullAccess, HomeserverSettings), EnvironmentError> {
    let full_access = full_access(variables, warnings)?;
    let lab = variables
        .get(SKIP_VERIFY)
        .is_some_and(|value| value == SKIP_VERIFY_VALUE);
    if lab {
        warnings.push(format!(
            "{SKIP_VERIFY} is set: no certificate is checked and homeservers may have any address; \
             this is for tests in a closed network only"
        ));
    }
    let settings = HomeserverSettings {
        trust: Trust::system_unless(lab),
        allowed_networks: AllowedNetworks {
            networks: networks(variables, ALLOWED_NETWORKS)?,
            setting: ALLOWED_NETWORKS,
        },
        all_addresses: lab,
        client_apis: overrides(variables)?,
        dns: Arc::new(SystemNames::open()),
        retry: RetrySettings::default(),
        breaker: BreakerSettings::default(),
    };
    Ok((full_access, settings))
}

/// `*` counts only alone: in a longer list it is most likely a mistake, and would open the SFU to everybody.
fn full_access(
    variables: &Variables,
    warnings: &mut Vec<String>,
) -> Result<FullAccess, EnvironmentError> {
    let list = variables
        .get(FULL_ACCESS)
        .ok_or(EnvironmentError::FullAccessMissing)?;
    let entries: Vec<&str> = list
        .split(|character: char| character == ',' || character.is_whitespace())
        .filter(|entry| !entry.is_empty())
        .collect();
    if entries == ["*"] {
        warnings.push(format!(
            "{FULL_ACCESS} is *: users of every homeserver may open rooms"
        ));
        return Ok(FullAccess::Everybody);
    }
    let mut servers = HashSet::new();
    for entry in entries {
        match ServerName::parse(entry) {
            Ok(server) => {
                servers.insert(server);
            }
            Err(_) if entry == "*" => warnings.push(format!(
                "{FULL_ACCESS} has * among other entries, where it means nothing: it counts only alone"
            )),
            Err(error) => warnings.push(format!("{FULL_ACCESS}: {entry:?} is {error}")),
        }
    }
    if servers.is_empty() {
        warnings.push(format!(
            "{FULL_ACCESS} names no homeserver: nobody may open rooms"
        ));
    }
    Ok(FullAccess::Only(servers))
}

fn overrides(variables: &Variables) -> Result<HashMap<ServerName, Url>, EnvironmentError> {
    let Some(list) = variables.get(OVERRIDES) else {
        return Ok(HashMap::new());
    };
    list.split(',')
        .map(|entry| {
            entry
                .split_once('=')
                .and_then(|(server, url)| {
                    let server = ServerName::parse(server.trim()).ok()?;
                    Some((server, parse_base_url(url.trim())?))
                })
                .ok_or_else(|| {
                    let problem = format!("invalid entry {entry:?}, expected server_name=url");
                    EnvironmentError::invalid(OVERRIDES, problem)
                })
        })
        .collect()
}

/// A list of networks, or of single addresses.
pub fn networks(variables: &Variables, name: &'static str) -> Result<Vec<IpNet>, EnvironmentError> {
    let list = variables.get(name).unwrap_or_default();
    list.split(|character: char| character == ',' || character.is_whitespace())
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            entry
                .parse::<IpNet>()
                .or_else(|_| {
                    entry
                        .parse()
                        .map(|address: std::net::IpAddr| address.into())
                })
                .map_err(|_| {
                    let problem = format!("{entry:?} is no network such as 10.0.0.0/8");
                    EnvironmentError::invalid(name, problem)
                })
        })
        .collect()
}
