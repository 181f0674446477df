//! Collects what the doctor judges: from the configuration, the system, the network and the running site. It judges
//! nothing itself, changes nothing, and joins no room.

mod ask;
mod certificates;
mod clocks;
mod media;
mod media_file;
mod ports;
mod redis;
mod site;
mod stun;

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    time::{Duration, SystemTime},
};

use convoke_platform::{
    Config, Examiner, Records,
    config::{Server, Tls, TurnEnabled},
    free_bytes,
};
use doctor::{
    examine,
    facts::{Addresses, Configured, Disk, Facts, Media, Name, TurnTls as ToldTurnTls, Webhooks},
};
use livekit_supervisor::RunningEngine;
use tokio::{net::lookup_host, time::timeout};
use url::{Host, Url};

use crate::{clock::wall_clock, compose, data_dir, environment};

/// For each question to somebody else.
const PATIENCE: Duration = Duration::from_secs(5);
/// What livekit-server reads, and Convoke keeps from its child.
const OF_LIVEKIT: [&str; 4] = ["LIVEKIT_CONFIG", "LIVEKIT_KEYS", "NODE_IP", "UDP_PORT"];

/// What only the process knows that asks: the records, and which webhooks were turned away.
pub struct Known {
    /// What the database says; `Err`: it cannot be used.
    pub records: Result<Records, String>,
    /// When a webhook was turned away last, and why.
    pub refused: Option<(SystemTime, String)>,
    /// Names of the environment's variables.
    pub variables: Vec<String>,
}

/// Looks at this very server whenever it is asked to.
pub fn examiner(config: Config) -> Examiner {
    Box::new(move |records, refused| {
        let config = config.clone();
        Box::pin(async move {
            let known = Known {
                records,
                refused,
                variables: environment::variables().map(|(name, _)| name).collect(),
            };
            examine(&collect(&config, known).await)
        })
    })
}

/// Everything, asked at once where it can be.
pub async fn collect(config: &Config, known: Known) -> Facts {
    let engine = media::engine(config);
    let mut configured = configured(config, engine.as_ref().ok().copied());
    configured.ignored_variables = ignored(&known.variables);
    let client = ask::Client::new(config);
    let path = std::env::var_os("PATH");
    let (running, names, stun, storage, clocks) = tokio::join!(
        site::running(&client),
        names(config),
        stun::seen_from_outside(&config.doctor.stun_servers, PATIENCE),
        convoke_platform::check_recordings(config, path.as_deref()),
        clocks::read(config),
    );
    // Whoever answers at our port serves our folder, or is another site.
    let other_site = running.is_some() && !data_dir::is_claimed(&config.server.data_dir);
    let running = running.filter(|_| !other_site);
    let keys = media::keys(config);
    let (mut front, certificates, media, redis, tried) = tokio::join!(
        site::front(&client, running.is_some()),
        certificates::seen(config),
        media(config, &engine, keys.as_ref()),
        redis::ping(config, PATIENCE),
        site::webhook(&client, running.is_some(), keys.as_ref()),
    );
    if let Some(front) = &mut front
        && front.is_convoke
        && !config.livekit.external
    {
        front.turn = certificates::turn(config).await;
    }
    let announced = match (&running, config.livekit.external) {
        (_, true) => None,
        (Some(running), _) => running.node_ip,
        (None, _) if config.livekit.use_external_ip => {
            media_server::net::stun::external_ip(&config.livekit.stun_servers).await
        }
        (None, _) => Some(
            livekit_supervisor::node_ip(config.livekit.node_ip, public_host(&config.server)).await,
        ),
    };
    let addresses = Addresses {
        announced,
        configured: config.livekit.node_ip.is_some(),
        outbound: livekit_supervisor::outbound(),
        own: own_addresses(),
        stun,
        public: of_site(config, &names),
    };
    let turn = stun::ways(&configured, &addresses, running.is_some(), PATIENCE).await;
    let (database, heard) = match known.records {
        Ok(records) => (Ok(records.database), records.webhook_heard),
        Err(why) => (Err(why), None),
    };
    Facts {
        now: wall_clock(),
        ports: ports::wanted(config, engine.as_ref().ok().copied(), running.as_ref()),
        webhooks: Webhooks {
            url: format!("{}/api/livekit/webhook", config.server.site_url()),
            heard,
            refused: known.refused,
            tried,
        },
        configured,
        running,
        other_site,
        names,
        certificates,
        addresses,
        front,
        turn,
        database,
        disks: disks(config),
        storage,
        clocks,
        media,
        redis,
    }
}

async fn media(
    config: &Config,
    engine: &Result<RunningEngine, String>,
    keys: Option<&livekit_supervisor::ApiKeys>,
) -> Media {
    let engine_name = if config.livekit.external {
        Ok("external")
    } else {
        engine.clone().map(media::name)
    };
    let (version, probed, signal) = tokio::join!(
        media::version(config),
        media::probe(config, PATIENCE),
        media::signal(config, PATIENCE),
    );
    let path = config.livekit.config_path.as_deref();
    let official = engine
        .as_ref()
        .is_ok_and(|it| *it == RunningEngine::LivekitServer);
    Media {
        engine: engine_name,
        version,
        probed,
        signal,
        file: path
            .filter(|_| !config.livekit.external)
            .map(|path| media_file::read(path, keys, official)),
    }
}

fn configured(config: &Config, engine: Option<RunningEngine>) -> Configured {
    let (server, livekit) = (&config.server, &config.livekit);
    let told = compose::told_turn(config).filter(|_| !livekit.external);
    Configured {
        site_url: server.site_url(),
        has_public_url: server.public_url.is_some(),
        is_local: is_local(server),
        https: server.is_https(),
        tls: match server.tls {
            Tls::Off => "off",
            Tls::SelfSigned => "self-signed",
            Tls::Files => "files",
            Tls::Acme => "acme",
        },
        listens: server.listen_address().to_string(),
        listens_on_loopback: server.host.is_loopback(),
        trusts_proxies: !server.trusted_proxies.networks().is_empty(),
        external: livekit.external,
        turn: match livekit.turn.enabled {
            TurnEnabled::Auto => engine == Some(RunningEngine::BuiltIn),
            TurnEnabled::On => true,
            TurnEnabled::Off => false,
        },
        turn_elsewhere: livekit.turn_server.host.clone(),
        udp: livekit.ports.udp,
        second_udp: livekit.ports.second_udp,
        tcp: livekit.ports.tcp,
        turn_udp: livekit.turn.udp_port,
        turn_tls: told.map(|(port, by_site)| ToldTurnTls { port, by_site }),
        ignored_variables: Vec::new(),
    }
}

fn ignored(variables: &[String]) -> Vec<String> {
    let set = |name: &&str| variables.iter().any(|variable| variable == name);
    let ignored = OF_LIVEKIT.iter().copied().filter(|name| set(name));
    ignored.map(str::to_owned).collect()
}

/// Its name or address leads every device to itself.
fn is_local(server: &Server) -> bool {
    server.public_url.is_none() || server.is_called_localhost()
}

fn public_host(server: &Server) -> Option<&str> {
    server.public_url.as_ref().and_then(Url::host_str)
}

/// Looks the names up that clients are sent to.
async fn names(config: &Config) -> Vec<Name> {
    let livekit = &config.livekit;
    let named = |url: &Option<Url>| url.as_ref().and_then(Url::domain).map(str::to_owned);
    let wanted = [
        (named(&config.server.public_url), "server.public_url"),
        (livekit.turn.domain.clone(), "livekit.turn.domain"),
        (livekit.turn_server.host.clone(), "livekit.turn_server.host"),
        (named(&livekit.host), "livekit.host"),
    ];
    let mut found: Vec<Name> = Vec::new();
    for (name, key) in wanted {
        let Some(name) = name.filter(|name| found.iter().all(|known| known.name != *name)) else {
            continue;
        };
        // Turned-off TURN sends nobody anywhere.
        if key == "livekit.turn.domain" && livekit.turn.enabled == TurnEnabled::Off {
            continue;
        }
        found.push(Name {
            found: look_up(&name).await,
            name,
            key,
        });
    }
    found
}

async fn look_up(name: &str) -> Result<Vec<IpAddr>, String> {
    let found = timeout(PATIENCE, lookup_host((name, 0))).await;
    let found = found.map_err(|_| "the resolver does not answer".to_owned())?;
    let found = found.map_err(|error| error.to_string())?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}

/// Where the site's name leads, or its address.
fn of_site(config: &Config, names: &[Name]) -> Vec<IpAddr> {
    let host = config.server.public_url.as_ref().and_then(Url::host);
    match host {
        Some(Host::Ipv4(ip)) => vec![ip.into()],
        Some(Host::Ipv6(ip)) => vec![ip.into()],
        Some(Host::Domain(domain)) => {
            let found = names.iter().find(|name| name.name == domain);
            let found = found.and_then(|name| name.found.as_ref().ok());
            found.cloned().unwrap_or_default()
        }
        None => Vec::new(),
    }
}

fn own_addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let shared = found
        .iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local());
    shared.map(if_addrs::Interface::ip).collect()
}

fn disks(config: &Config) -> Vec<Disk> {
    let (server, recordings) = (&config.server, &config.recordings);
    let disk = |path: &Path, key, reserve| Disk {
        path: path.display().to_string(),
        key,
        free: free_bytes(path),
        reserve,
        writable: writable(path),
    };
    let reserve = u64::from(recordings.reserve_gb) * 1_000_000_000;
    let mut disks = vec![disk(
        &server.data_dir,
        "server.data_dir",
        if recordings.enabled { reserve } else { 0 },
    )];
    if let Some(folder) = recordings.folder.as_deref().filter(|_| recordings.enabled) {
        disks.push(disk(folder, "recordings.folder", reserve));
    }
    disks
}

/// A file that has no name in the folder: it is gone with this process, however that ends. What is missing is made at the
/// start, in the nearest folder above that is there.
fn writable(path: &Path) -> Result<(), String> {
    use nix::{
        fcntl::{OFlag, open},
        sys::stat::Mode,
        unistd::{AccessFlags, access},
    };
    let mut there = path;
    while !there.exists() {
        let Some(above) = there.parent() else { break };
        there = if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        };
    }
    let unnamed = OFlag::O_TMPFILE | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
    match open(there, unnamed, Mode::S_IRUSR | Mode::S_IWUSR) {
        Ok(_) => Ok(()),
        // Not every file system has files without a name.
        Err(nix::errno::Errno::EOPNOTSUPP | nix::errno::Errno::EISDIR) => {
            access(there, AccessFlags::W_OK | AccessFlags::X_OK).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.desc().to_owned()),
    }
}

/// Where something on this machine listens, as this machine reaches it.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
