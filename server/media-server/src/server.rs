//! The whole server from its settings: sockets bound, shards started, requests served until it is told to stop. It must
//! not know what the parts do.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZero,
    sync::Arc,
    time::Duration,
};

use http_edge::{Limits as HttpLimits, descriptors_for_connections, outbound::ClientError};
use livekit_wire::ids::random_id;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tower::{Layer, util::MapRequestLayer};

use crate::{
    agents::{Agents, Desk},
    app::App,
    config::{Config, TlsEnd, Turn, ice_servers, turn_urls},
    egress::{EgressClient, Launches},
    ground::{AllTraffic, IceServers, NodeInfo, RelayTraffic, RoomDefaults, Settings, Traffic},
    ingress::Ingresses,
    net::{
        AddressConfig, Candidates, Listeners, NetConfig, NetError, system_interfaces, wall_clock,
    },
    peer::PeerConfig,
    room, router,
    shard::{self, Rooms, ShardSender},
    turn::{Door, Places, Relays, Secret},
    webhook::{self, Deliveries},
};

/// The LiveKit version whose protocol is spoken; clients decide by it what they may use.
const LIVEKIT_VERSION: &str = "1.13.5";
/// Recordings that rooms wish and nobody has begun to start.
const WISHES: usize = 1024;
/// How long open connections and undelivered webhooks may take when the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// How often this machine's addresses are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The HTTP port is taken, or not ours to take.
    #[error("port: cannot listen on {address}: {source}")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// A media port cannot be served.
    #[error("rtc.udp_port or rtc.tcp_port: {0}")]
    Net(#[from] NetError),
    /// No HTTP client for webhooks.
    #[error("webhook: {0}")]
    Webhook(#[from] ClientError),
    /// No HTTP client for recordings.
    #[error("egress: {0}")]
    Egress(ClientError),
    /// Serving HTTP failed.
    #[error("serving HTTP failed: {0}")]
    Serve(io::Error),
    /// The rooms ended although nobody asked for it.
    #[error("a worker thread of the rooms has ended")]
    ShardEnded,
}

/// A server whose ports are bound.
pub struct Server {
    listeners: Vec<TcpListener>,
    app: Arc<App>,
    launches: Launches,
    deliveries: Deliveries,
    /// Cancelled last, and by a shard that dies.
    shards: CancellationToken,
}

/// Runs the server until `shutdown`; see [`Server`].
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), RunError> {
    Server::bind(&config).await?.serve(shutdown).await
}

impl Server {
    /// Binds all ports and starts the rooms.
    pub async fn bind(config: &Config) -> Result<Self, RunError> {
        let listeners = bind_http(config).await?;
        let media = bind_media(config).await?;
        let candidates = media.candidates();
        let mut peers = PeerConfig::new(Vec::new());
        peers.ice_lite = config.rtc.use_ice_lite;
        peers.codecs.retain(|codec| {
            let mut enabled = config.room.enabled_codecs.iter();
            enabled.any(|spec| spec.mime.eq_ignore_ascii_case(codec.mime()))
        });
        let (webhooks, events) = mpsc::unbounded_channel();
        let deliveries = webhook::start(&config.webhook, &config.keys, events, wall_clock)?;

        let egress = config.egress.clone().map(|url| {
            EgressClient::new(url, config.keys.clone(), wall_clock).map_err(RunError::Egress)
        });
        let egress = egress.transpose()?;
        let (wish, wishes) = mpsc::channel(WISHES);
        let launches = Launches::start(egress.clone(), wishes, webhooks.clone(), wall_clock);

        let ingresses = Ingresses::open(&config.ingress, webhooks.clone(), wall_clock);

        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let traffic = AllTraffic {
            shards: (0..threads).map(|_| Arc::default()).collect(),
            relayed: Arc::default(),
        };
        let secret = turn_secret(config);
        let door = Arc::new(door(config, &secret, &traffic.relayed, candidates.clone()));
        let settings = settings(config, all_ice_servers(config, &media, secret));
        let node = settings.node.clone();
        let (agents, inbox) = Agents::new();
        let shards = CancellationToken::new();
        let count = u8::try_from(threads).unwrap_or(u8::MAX);
        let senders = media.start(count, &shards, &door, |shard| {
            let candidates = candidates.clone();
            let shared = room::Shared {
                settings: settings.clone(),
                connections: Box::new(shard::Peers::new(
                    shard,
                    peers.clone(),
                    Box::new(move || candidates.now()),
                )),
                webhooks: webhooks.clone(),
                egress: wish.clone(),
                traffic: shard_traffic(&traffic, shard),
                agents: {
                    let agents = agents.clone();
                    Box::new(move |news| agents.tell(news))
                },
            };
            shard::Core::new(Arc::new(shared), wall_clock, rand::make_rng::<StdRng>())
        })?;
        let senders = senders
            .into_iter()
            .map(|sender| Box::new(sender) as Box<dyn ShardSender>)
            .collect();
        let rooms = Rooms::new(senders);
        let desk = Desk::new(rooms.clone(), config.keys.clone(), wall_clock);
        tokio::spawn(desk.run(inbox));
        let app = App::new(
            rooms,
            config.keys.clone(),
            config.limit,
            &config.room,
            egress,
            (agents, ingresses, node, traffic),
            wall_clock,
        );
        Ok(Self {
            listeners,
            app,
            launches,
            deliveries,
            shards,
        })
    }

    /// Where HTTP is served.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners
            .iter()
            .filter_map(|listener| listener.local_addr().ok())
            .collect()
    }

    /// Serves until `shutdown`, then tells every participant, delivers what is left and returns.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), RunError> {
        let Self {
            listeners,
            app,
            launches,
            deliveries,
            shards,
        } = self;
        let stop = CancellationToken::new();
        let mut servers = tokio::task::JoinSet::new();
        for listener in listeners {
            let address = listener.local_addr().ok();
            tracing::info!(
                address = address.map(tracing::field::display),
                "media server listens"
            );
            let service = MapRequestLayer::new(router::drop_double_slash::<axum::body::Body>)
                .layer(router::router(app.clone()));
            let server = http_edge::Server::new(listener, service)
                .limits(http_limits())
                // The platform speaks for all its visitors.
                .exempt(|address| address.is_loopback());
            servers.spawn(server.serve(stop.clone(), DRAIN));
        }

        let outcome = tokio::select! {
            () = shutdown.cancelled() => Ok(()),
            () = shards.cancelled() => Err(RunError::ShardEnded),
            Some(Err(panic)) = servers.join_next() => Err(RunError::Serve(panic.into())),
        };
        tracing::info!("media server stops");
        stop.cancel();
        if tokio::time::timeout(DRAIN, app.rooms.shut_down())
            .await
            .is_err()
        {
            tracing::warn!("not every room could be closed in time");
        }
        app.agents.shut_down();
        app.connections.close();
        if tokio::time::timeout(DRAIN, app.connections.wait())
            .await
            .is_err()
        {
            tracing::warn!("not every client took its farewell in time");
        }
        while servers.join_next().await.is_some() {}
        drop(app);
        shards.cancel();
        if tokio::time::timeout(DRAIN, launches.ended()).await.is_err() {
            tracing::warn!("launching recordings did not end in time");
        }
        deliveries.drain(DRAIN).await;
        outcome
    }
}

/// Every participant has a signal socket, and one address may be a load balancer's.
fn http_limits() -> HttpLimits {
    let usual = HttpLimits::default();
    HttpLimits {
        connections: usual.connections.min(descriptors_for_connections() / 2),
        connections_per_address: 1000,
        ..usual
    }
}

/// The first port of the range that is free.
async fn bind_media(config: &Config) -> Result<Listeners, NetError> {
    let rtc = &config.rtc;
    let addresses = AddressConfig {
        node_ips: rtc.node_ips.clone(),
        public_host: rtc.public_host.clone(),
        external_ip_from: rtc.external_ip_from.clone(),
        loopback: rtc.enable_loopback_candidate,
        interface_names: rtc.interfaces.clone(),
        ips: rtc.ips.clone(),
        interfaces: system_interfaces(),
        look_every: LOOK_EVERY,
    };
    let mut udp_port = rtc.udp_ports.start;
    loop {
        let bound = Listeners::bind(&NetConfig {
            addresses: addresses.clone(),
            udp_port,
            second_udp_port: rtc.second_udp_port,
            tcp_port: rtc.tcp_port,
            turn: config.turn.clone(),
        })
        .await;
        match bound {
            Err(NetError::Bind {
                protocol: "udp",
                ref source,
                ..
            }) if source.kind() == io::ErrorKind::AddrInUse && udp_port < rtc.udp_ports.end => {
                udp_port += 1;
            }
            bound => return bound,
        }
    }
}

async fn bind_http(config: &Config) -> Result<Vec<TcpListener>, RunError> {
    let bind = async |address: IpAddr| {
        let address = SocketAddr::new(address, config.port);
        TcpListener::bind(address)
            .await
            .map_err(|source| RunError::Bind { address, source })
    };
    if config.bind_addresses.is_empty() {
        // One socket for both families where the machine has IPv6.
        return match bind(Ipv6Addr::UNSPECIFIED.into()).await {
            Err(RunError::Bind { source, .. }) if source.kind() != io::ErrorKind::AddrInUse => {
                Ok(vec![bind(Ipv4Addr::UNSPECIFIED.into()).await?])
            }
            bound => Ok(vec![bound?]),
        };
    }
    let mut listeners = Vec::with_capacity(config.bind_addresses.len());
    for address in &config.bind_addresses {
        listeners.push(bind(*address).await?);
    }
    Ok(listeners)
}

fn shard_traffic(traffic: &AllTraffic, shard: u8) -> Arc<Traffic> {
    let shards = &traffic.shards;
    shards.get(usize::from(shard)).cloned().unwrap_or_default()
}

fn turn_secret(config: &Config) -> Secret {
    let given = config.turn.as_ref().and_then(|turn| turn.secret.clone());
    given.map_or_else(|| Secret::made(&mut rand::rng()), Secret::from)
}

/// Nobody comes to it where no port of TURN is open.
fn door(
    config: &Config,
    secret: &Secret,
    relayed: &Arc<RelayTraffic>,
    candidates: Candidates,
) -> Door {
    let tls = config.turn.as_ref().and_then(|turn| turn.tls.as_ref());
    let proxied = tls.is_some_and(|tls| matches!(tls.end, TlsEnd::InFront { .. }));
    Door::new(
        secret.clone(),
        Places::new(proxied),
        Relays::new(relayed.clone()),
        Box::new(move || candidates.udp()),
        &mut rand::rng(),
    )
}

/// The TURN server in here comes first, as in the original.
fn all_ice_servers(config: &Config, media: &Listeners, secret: Secret) -> Arc<IceServers> {
    let candidates = media.candidates();
    let rtc = config.rtc.clone();
    let turn = config.turn.clone().map(|turn| Turn {
        port: media.turn_port(),
        tls: turn.tls.filter(|_| media.has_turn_tls()),
        ..turn
    });
    Arc::new(move |participant_sid| {
        let now = wall_clock();
        let ours = turn.as_ref().map(|turn| {
            let credentials = secret.credentials(participant_sid, now);
            livekit_protocol::IceServer {
                urls: turn_urls(turn, candidates.first_ip()),
                username: credentials.username,
                credential: credentials.password,
            }
        });
        let ours = ours.filter(|server| !server.urls.is_empty());
        ours.into_iter()
            .chain(ice_servers(&rtc, participant_sid, now))
            .collect()
    })
}

fn settings(config: &Config, ice_servers: Arc<IceServers>) -> Settings {
    Settings {
        room: RoomDefaults::from(&config.room),
        limit: config.limit,
        keys: config.keys.clone(),
        node: NodeInfo {
            node_id: random_id("ND_", &mut rand::rng()),
            version: LIVEKIT_VERSION.to_owned(),
            region: config.region.clone(),
        },
        ice_servers,
        allow_pause: config.rtc.congestion_control.allow_pause,
    }
}
