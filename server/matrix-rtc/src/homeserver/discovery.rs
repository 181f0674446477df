//! Where a homeserver's federation API is (Matrix specification, server-server API, "Resolving server names"). It must
//! not know what is asked there.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode, header::CACHE_CONTROL};
use http_edge::outbound::{Destination, Reach, Scheme};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::time::{Instant, timeout};

use super::{
    dns::{Dns, ServiceRecord},
    exchange::{Exchanges, Question},
    room::make_room,
};
use crate::{
    ids::{ServerHost, ServerName},
    sources::Random,
};

/// The port of the federation API where nothing names another.
const FEDERATION_PORT: u16 = 8448;
const WELL_KNOWN_PORT: u16 = 443;
const LARGEST_WELL_KNOWN: usize = 50 * 1024;
/// A well-known host that is silent must leave time for the federation API itself.
const WELL_KNOWN_TIMEOUT: Duration = Duration::from_secs(3);
const DNS_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a delegation is remembered when the homeserver does not say, and at most and at least when it does.
const DEFAULT_LIFETIME: Duration = Duration::from_hours(1);
const LONGEST_LIFETIME: Duration = Duration::from_hours(24);
const SHORTEST_LIFETIME: Duration = Duration::from_mins(5);
/// How long it is remembered that there is none.
const ABSENCE_LIFETIME: Duration = Duration::from_mins(10);
const MOST_REMEMBERED: usize = 1024;
/// A zone may list more than we are ready to knock at for one request.
const MOST_SERVICES: usize = 4;

#[derive(Deserialize)]
struct WellKnown {
    #[serde(rename = "m.server")]
    server: String,
}

/// Where a homeserver may be.
pub struct Found {
    /// To be tried in this order; never none.
    pub destinations: Vec<Destination>,
    /// Why they may be the wrong ones, in words for the log.
    pub doubt: Option<String>,
}

impl Found {
    fn of(destinations: Vec<Destination>) -> Self {
        Self {
            destinations,
            doubt: None,
        }
    }
}

/// Finds homeservers.
pub struct Discovery {
    exchanges: Arc<Exchanges>,
    dns: Arc<dyn Dns>,
    random: Random,
    delegations: Mutex<HashMap<ServerName, (Option<ServerName>, Instant)>>,
}

impl Discovery {
    pub fn new(exchanges: Arc<Exchanges>, dns: Arc<dyn Dns>, random: Random) -> Self {
        Self {
            exchanges,
            dns,
            random,
            delegations: Mutex::default(),
        }
    }

    /// The servers to try.
    pub async fn destinations(&self, server: &ServerName, reach: Reach) -> Found {
        if let Some(explicit) = explicit(server, reach) {
            return Found::of(vec![explicit]);
        }
        let (delegated, doubt) = self.delegation(server, reach).await;
        let destinations = match delegated {
            Some(delegated) => match explicit(&delegated, reach) {
                Some(explicit) => vec![explicit],
                None => self.by_service_records(&delegated, reach).await,
            },
            None => self.by_service_records(server, reach).await,
        };
        Found {
            destinations,
            doubt,
        }
    }

    /// Asks anew next time: what was found did not answer.
    pub fn forget(&self, server: &ServerName) {
        self.delegations.lock().remove(server);
    }

    /// The name that the homeserver is delegated to, and why that could not be found out.
    async fn delegation(
        &self,
        server: &ServerName,
        reach: Reach,
    ) -> (Option<ServerName>, Option<String>) {
        let now = Instant::now();
        if let Some((delegated, until)) = self.delegations.lock().get(server)
            && now < *until
        {
            return (delegated.clone(), None);
        }
        let (delegated, lifetime, doubt) = match self.well_known(server, reach).await {
            Ok(Some((delegated, lifetime))) => (Some(delegated), lifetime, None),
            Ok(None) => (None, ABSENCE_LIFETIME, None),
            Err(doubt) => (None, ABSENCE_LIFETIME, Some(doubt)),
        };
        let mut delegations = self.delegations.lock();
        make_room(&mut delegations, MOST_REMEMBERED, |(_, until)| *until);
        delegations.insert(server.clone(), (delegated.clone(), now + lifetime));
        (delegated, doubt)
    }

    /// Any answer but a good one means that there is no delegation; no answer means it too, with a word for the log.
    async fn well_known(
        &self,
        server: &ServerName,
        reach: Reach,
    ) -> Result<Option<(ServerName, Duration)>, String> {
        let ServerHost::Name(host) = server.host() else {
            return Ok(None);
        };
        let question = Question {
            purpose: "well_known_server",
            method: Method::GET,
            path_and_query: "/.well-known/matrix/server".to_owned(),
            largest_answer: LARGEST_WELL_KNOWN,
        };
        let destination = by_name(host, WELL_KNOWN_PORT, server.as_str(), reach);
        let asked = timeout(
            WELL_KNOWN_TIMEOUT,
            self.exchanges.ask(&destination, &question),
        )
        .await;
        let doubt = |why: String| format!("https://{host}/.well-known/matrix/server: {why}");
        let answer = match asked {
            Ok(Ok(answer)) if answer.status == StatusCode::OK => answer,
            Ok(Ok(_)) => return Ok(None),
            Ok(Err(error)) => return Err(doubt(error.to_string())),
            Err(_) => return Err(doubt("no answer in time".to_owned())),
        };
        let delegated = serde_json::from_slice(&answer.body)
            .ok()
            .and_then(|WellKnown { server }| ServerName::parse(server).ok());
        Ok(delegated.map(|delegated| (delegated, lifetime(&answer.headers))))
    }

    async fn by_service_records(&self, server: &ServerName, reach: Reach) -> Vec<Destination> {
        let name = server.as_str();
        for service in ["matrix-fed", "matrix"] {
            let record_name = format!("_{service}._tcp.{name}");
            let looked_up = timeout(DNS_TIMEOUT, self.dns.services(&record_name)).await;
            let records = match looked_up {
                Ok(Ok(records)) => records,
                Ok(Err(error)) => {
                    tracing::debug!(%server, %error, "SRV records cannot be looked up");
                    break;
                }
                Err(_) => break,
            };
            // A lone "." says that there is no such service (RFC 2782).
            let records: Vec<_> = records
                .into_iter()
                .filter(|record| !record.target.is_empty())
                .collect();
            if !records.is_empty() {
                return in_order(records, self.random)
                    .into_iter()
                    .take(MOST_SERVICES)
                    .map(|record| Destination {
                        host: record.target,
                        port: record.port,
                        ..by_name(name, FEDERATION_PORT, name, reach)
                    })
                    .collect();
            }
        }
        vec![by_name(name, FEDERATION_PORT, name, reach)]
    }
}

/// A literal address or an explicit port leaves nothing to look up.
fn explicit(server: &ServerName, reach: Reach) -> Option<Destination> {
    let port = server.port();
    match (server.host(), port) {
        (ServerHost::Address(address), port) => {
            let tls_name = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            Some(Destination {
                scheme: Scheme::Https,
                host: address.to_string(),
                port: port.unwrap_or(FEDERATION_PORT),
                tls_name,
                host_header: server.as_str().to_owned(),
                reach,
            })
        }
        (ServerHost::Name(host), Some(port)) => Some(by_name(host, port, server.as_str(), reach)),
        (ServerHost::Name(_), None) => None,
    }
}

fn by_name(host: &str, port: u16, host_header: &str, reach: Reach) -> Destination {
    Destination {
        scheme: Scheme::Https,
        host: host.to_owned(),
        port,
        tls_name: host.to_ascii_lowercase(),
        host_header: host_header.to_owned(),
        reach,
    }
}

/// Lower priorities first; within one, by chance in proportion to the weights (RFC 2782).
fn in_order(mut records: Vec<ServiceRecord>, random: Random) -> Vec<ServiceRecord> {
    // The exponential-race form of weighted sampling: the smallest -ln(u)/weight wins.
    let mut keyed: Vec<(f64, ServiceRecord)> = records
        .drain(..)
        .map(|record| {
            let chance = -(1.0 - random.fraction()).ln();
            (chance / f64::from(record.weight).max(1e-6), record)
        })
        .collect();
    keyed.sort_by(|(a, first), (b, second)| {
        first.priority.cmp(&second.priority).then(a.total_cmp(b))
    });
    keyed.into_iter().map(|(_, record)| record).collect()
}

fn lifetime(headers: &HeaderMap) -> Duration {
    let max_age = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|directive| {
            let (name, seconds) = directive.trim().split_once('=')?;
            name.eq_ignore_ascii_case("max-age")
                .then(|| seconds.parse().ok())?
        });
    max_age.map_or(DEFAULT_LIFETIME, |seconds| {
        Duration::from_secs(seconds).clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, target: &str) -> ServiceRecord {
        ServiceRecord {
            priority,
            weight,
            target: target.to_owned(),
            port: 1,
        }
    }

    #[test]
    fn a_lower_priority_comes_first_and_a_higher_weight_mostly() {
        let random = Random::new(rand::random);
        let mut heavy_first = 0;
        for _ in 0..1000 {
            let ordered = in_order(
                vec![
                    record(1, 0, "z"),
                    record(0, 1, "light"),
                    record(0, 9, "heavy"),
                ],
                random,
            );
            let names: Vec<_> = ordered
                .iter()
                .map(|record| record.target.as_str())
                .collect();
            assert_eq!(names[2], "z");
            heavy_first += u32::from(names[0] == "heavy");
        }
        // 900 are expected; ten standard deviations are 95.
        assert!((805..=995).contains(&heavy_first), "{heavy_first}");
    }

    #[test]
    fn a_lifetime_is_what_the_homeserver_says_within_reason() {
        let of = |value: &str| {
            lifetime(
                &[(CACHE_CONTROL, value.parse().unwrap())]
                    .into_iter()
                    .collect(),
            )
        };
        assert_eq!(of("public, Max-Age=7200"), Duration::from_hours(2));
        assert_eq!(of("max-age=0"), SHORTEST_LIFETIME);
        assert_eq!(of("max-age=99999999"), LONGEST_LIFETIME);
        assert_eq!(of("max-age=soon"), DEFAULT_LIFETIME);
        assert_eq!(lifetime(&HeaderMap::new()), DEFAULT_LIFETIME);
    }

    #[test]
    fn an_address_or_a_port_leaves_nothing_to_look_up() {
        let found = |name: &str| {
            let found = explicit(&ServerName::parse(name).unwrap(), Reach::Guarded)?;
            Some((found.host, found.port, found.tls_name, found.host_header))
        };
        let expected = |host: &str, port, tls: &str, header: &str| {
            Some((host.to_owned(), port, tls.to_owned(), header.to_owned()))
        };
        assert_eq!(
            found("1.2.3.4"),
            expected("1.2.3.4", 8448, "1.2.3.4", "1.2.3.4")
        );
        assert_eq!(found("[::1]:9"), expected("::1", 9, "[::1]", "[::1]:9"));
        assert_eq!(
            found("A.example:9"),
            expected("A.example", 9, "a.example", "A.example:9")
        );
        assert_eq!(found("a.example"), None);
    }
}
