//! Fills the platform's media port: from a supervised child, or from an external cluster that needs none; and from the recorder
//! beside it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context;
use convoke_platform::{
    BuiltInRecorder, Config, Endpoint, Media, MediaFacts, MediaStatus, RegionMedia, Rtmp,
    SideStatus, TurnPorts,
    config::{LiveKitEngine, RecordingEngine, Server, StorageKind, Tls, TurnEnabled},
};
use http_edge::outbound::{Trust, direct};
use livekit_supervisor::{
    ApiKeys, ChildName, ChildState, ClusterState, Command, EgressOptions, IngressOptions,
    IngressUrls, Options, PortKeys, Ports, Redis, Remembered, RunningEngine, SideFailure,
    SideHandle, SideOptions, SideState, Stop, Supervisor, SupervisorHandle, Timings, Turn,
    TurnCertificate, TurnServer, TurnTls,
};
use tokio::sync::watch;
use url::Url;

use crate::clock::wall_clock;

/// Between two looks whether anybody is in a call.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The media side of the site.
pub struct MediaSide {
    child: Option<SupervisorHandle>,
    recorder: Option<SideHandle>,
    ingress: Option<SideHandle>,
    /// What the ingress is started with.
    encoders: Option<Encoders>,
    turn_behind_site: Option<SocketAddr>,
    media: Media,
}

/// Where RTMP is taken, and by which ffmpeg it is transcoded.
struct Encoders {
    address: SocketAddr,
    ffmpeg: PathBuf,
}

impl MediaSide {
    /// Starts the child, or takes the external cluster's address. `webhook_urls` are told to the child, `admission_url` is asked
    /// before an encoder is let in that does not come by the site.
    pub async fn start(
        config: &Config,
        webhook_urls: Vec<Url>,
        admission_url: Url,
    ) -> anyhow::Result<MediaSide> {
        let remembered = Remembered::load(&config.server.data_dir);
        // Before there is a child that would have to be ended again.
        let ffmpeg = if records_itself(config) {
            let path = std::env::var_os("PATH");
            let found = config.recordings.found_ffmpeg(path.as_deref());
            found.map_err(anyhow::Error::msg)?
        } else {
            None
        };
        let recorder_at = records_itself(config)
            .then(|| remembered.egress.map_or_else(SideHandle::free_address, Ok))
            .transpose()
            .context("no port is free for the recorder")?;
        let mut side = if config.livekit.external {
            external(config)?
        } else {
            child(config, webhook_urls.clone(), recorder_at, &remembered).await?
        };
        side.media.regions = regions(config)?;
        if let Some(address) = recorder_at {
            side.start_recorder(config, address, webhook_urls, ffmpeg)?;
        }
        if let Some(encoders) = side.encoders.take() {
            side.start_ingress(config, encoders, admission_url, &remembered)?;
        }
        for (child, is_wanted) in [
            (ChildName::Ingress, side.ingress.is_some()),
            (ChildName::Egress, side.recorder.is_some()),
            (ChildName::Media, side.child.is_some()),
        ] {
            if !is_wanted {
                livekit_supervisor::end_unwanted(&config.server.data_dir, child).await;
            }
        }
        Ok(side)
    }

    fn start_ingress(
        &mut self,
        config: &Config,
        encoders: Encoders,
        admission_url: Url,
        remembered: &Remembered,
    ) -> anyhow::Result<()> {
        let address = remembered
            .ingress
            .map_or_else(SideHandle::free_address, Ok)
            .context("no port is free for the ingress")?;
        let options = IngressOptions {
            side: self.side(config, "ingress", address)?,
            rtmp_address: encoders.address,
            rtmp_key: "livekit.ingress.rtmp_port",
            admission_url: Some(admission_url),
            ffmpeg: encoders.ffmpeg,
        };
        let ingress = options
            .start(wall_clock)
            .context("cannot start the ingress")?;
        self.media.rtmp = Rtmp::Here {
            port: encoders.address.port(),
            status: relay(ingress.state(), status_of_side),
        };
        self.ingress = Some(ingress);
        Ok(())
    }

    /// What a child beside the media child needs: our own program, told to be this.
    fn side(
        &self,
        config: &Config,
        subcommand: &str,
        address: SocketAddr,
    ) -> anyhow::Result<SideOptions> {
        let endpoint = &self.media.endpoint;
        Ok(SideOptions {
            command: own(subcommand)?,
            child_exec: own("child-exec")?,
            address,
            data_dir: config.server.data_dir.clone(),
            livekit: livekit_supervisor::Endpoint {
                internal_url: endpoint.internal_url.clone(),
                keys: ApiKeys {
                    api_key: endpoint.api_key.clone(),
                    api_secret: endpoint.api_secret.clone(),
                },
            },
            timings: timings(config),
        })
    }

    fn start_recorder(
        &mut self,
        config: &Config,
        address: SocketAddr,
        webhook_urls: Vec<Url>,
        ffmpeg: Option<PathBuf>,
    ) -> anyhow::Result<()> {
        let (endpoint, recordings) = (&self.media.endpoint, &config.recordings);
        let options = EgressOptions {
            side: self.side(config, "egress", address)?,
            folder: config.server.data_dir.join("egress"),
            webhook_urls,
            reserve_mb: u64::from(recordings.reserve_gb) * 1024,
            max_minutes: recordings.max_minutes,
            max_parallel: match recordings.max_parallel {
                0 => usize::MAX,
                most => most.try_into().unwrap_or(usize::MAX),
            },
            ffmpeg: ffmpeg.clone(),
        };
        let recorder = options
            .start(wall_clock)
            .context("cannot start the recorder")?;
        self.media.recorder = Some(BuiltInRecorder {
            endpoint: Endpoint {
                internal_url: recorder.url().clone(),
                public_ws_url: None,
                skip_tls_verify: false,
                ..endpoint.clone()
            },
            ffmpeg,
            status: relay(recorder.state(), status_of_side),
        });
        self.recorder = Some(recorder);
        Ok(())
    }

    /// Where TURN goes that comes by the site's own port; nobody is there while the child restarts.
    pub fn turn_behind_site(&self) -> Option<SocketAddr> {
        self.turn_behind_site
    }

    /// What the platform gets to know.
    pub fn media(&self) -> Media {
        self.media.clone()
    }

    /// From now on nothing of it outlives this process.
    pub fn tie(&self) {
        self.ingress.iter().for_each(SideHandle::tie);
        self.recorder.iter().for_each(SideHandle::tie);
        self.child.iter().for_each(SupervisorHandle::tie);
    }

    /// Waits until nobody is in a call on a media server of ours, at most so long.
    pub async fn drain(&self, longest: Duration) {
        let Some(child) = &self.child else { return };
        self.tie();
        let is_empty = async {
            // Nobody is in a call where none runs; one that does not say may be busy with many.
            while !matches!(*self.media.status.borrow(), MediaStatus::Down { .. }) {
                let people = child.people().await;
                if people == Some(0) {
                    break;
                }
                tracing::info!(people, "waiting until nobody is in a call");
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        if tokio::time::timeout(longest, is_empty).await.is_err() {
            tracing::warn!("calls are cut: they went on for longer than --drain allows");
        }
    }

    /// Ends the ingress, whose encoders leave, and the recorder, which puts down what it has; then the child. Or leaves those to
    /// go on that have work.
    pub async fn stop(self, how: Stop) {
        if let Some(ingress) = self.ingress {
            ingress.stop(how).await;
        }
        if let Some(recorder) = self.recorder {
            recorder.stop(how).await;
        }
        if let Some(child) = self.child {
            child.stop(how).await;
        }
    }
}

/// The media servers in other regions, watched.
fn regions(config: &Config) -> anyhow::Result<Vec<RegionMedia>> {
    let given = "the configuration checks it for livekit.regions";
    let regions = config.livekit.regions.iter().map(|region| {
        let endpoint = Endpoint {
            internal_url: region.internal_host.clone(),
            api_key: region.api_key.clone(),
            api_secret: region.api_secret.clone().context(given)?,
            public_ws_url: region.host.clone(),
            skip_tls_verify: region.dangerous_skip_tls_verify,
        };
        if endpoint.skip_tls_verify {
            tracing::warn!(
                region = %region.name,
                "dangerous_skip_tls_verify is on: the certificate of a region's LiveKit is not checked; this is for \
                 tests in a closed network only"
            );
        }
        Ok(RegionMedia {
            name: region.name.clone(),
            status: watch_cluster(&endpoint)?,
            endpoint,
        })
    });
    regions.collect()
}

/// How a LiveKit that somebody else runs is doing.
fn watch_cluster(endpoint: &Endpoint) -> anyhow::Result<watch::Receiver<MediaStatus>> {
    let watched = livekit_supervisor::Endpoint {
        internal_url: endpoint.internal_url.clone(),
        keys: ApiKeys {
            api_key: endpoint.api_key.clone(),
            api_secret: endpoint.api_secret.clone(),
        },
    };
    let client = direct(&Trust::system_unless(endpoint.skip_tls_verify))
        .and_then(|client| Ok(client.pool_max_idle_per_host(0).build()?))
        .context("cannot make the HTTP client that watches the LiveKit cluster")?;
    let states =
        livekit_supervisor::watch_external(&watched, client, Timings::default(), wall_clock);
    Ok(relay(states, status_of_cluster))
}

fn external(config: &Config) -> anyhow::Result<MediaSide> {
    let livekit = &config.livekit;
    if livekit.dangerous_skip_tls_verify {
        tracing::warn!(
            "livekit.dangerous_skip_tls_verify is on: the LiveKit cluster's certificate is not checked; this is for \
             tests in a closed network only"
        );
    }
    let given = "the configuration checks it for livekit.external";
    let endpoint = Endpoint {
        internal_url: livekit.internal_host.clone().context(given)?,
        api_key: livekit.api_key.clone().context(given)?,
        api_secret: livekit.api_secret.clone().context(given)?,
        public_ws_url: livekit.host.clone(),
        skip_tls_verify: livekit.dangerous_skip_tls_verify,
    };
    let status = watch_cluster(&endpoint)?;
    let (never_ended, ended) = watch::channel(None);
    let (never_known, node_ip) = watch::channel(None);
    tokio::spawn(async move { tokio::join!(never_ended.closed(), never_known.closed()) });
    let facts = MediaFacts {
        engine: "external".to_owned(),
        ..MediaFacts::default()
    };
    Ok(MediaSide {
        child: None,
        recorder: None,
        ingress: None,
        encoders: None,
        turn_behind_site: None,
        media: Media {
            endpoint,
            status,
            ended,
            node_ip,
            starts_anew: false,
            outdated: watch::channel(false).1,
            facts,
            version: watch::channel(None).1,
            recorder: None,
            rtmp: Rtmp::Elsewhere,
            regions: Vec::new(),
        },
    })
}

async fn child(
    config: &Config,
    webhook_urls: Vec<Url>,
    recorder_at: Option<SocketAddr>,
    remembered: &Remembered,
) -> anyhow::Result<MediaSide> {
    let mut options = options(config, webhook_urls)?;
    options.egress_url = recorder_at.map(SideHandle::url_of);
    let encoders = encoders(config);
    let wanted = encoders.as_ref().ok();
    options.rtmp = wanted.map(|encoders| rtmp_base_url(config, encoders));
    let turn_behind_site = turn_behind_site(&options, remembered)?;
    if let Some(address) = turn_behind_site {
        options.ports.turn_tls = address.port();
    }
    let ports = options.ports;
    let node_ip = if let Some(servers) = options.external_ip_from.clone() {
        media_server::net::stun::follow_external_ip(servers)
    } else {
        let public_host = options.public_host.clone();
        livekit_supervisor::follow_node_ip(options.node_ip, public_host).await
    };
    let (child, states) = Supervisor::start(options, &mut rand::rng(), wall_clock).await?;
    let endpoint = Endpoint {
        internal_url: child.endpoint().internal_url.clone(),
        api_key: child.endpoint().keys.api_key.clone(),
        api_secret: child.endpoint().keys.api_secret.clone(),
        public_ws_url: config.livekit.host.clone(),
        skip_tls_verify: false,
    };
    let (encoders, rtmp) = match encoders {
        // The official one has an ingress service of its own.
        _ if child.engine() != RunningEngine::BuiltIn => (None, Rtmp::Elsewhere),
        // Told anew once somebody takes it.
        Ok(encoders) => (Some(encoders), Rtmp::Off),
        Err(why_not) => (None, why_not),
    };
    if let Rtmp::NoFfmpeg { detail: Some(why) } = &rtmp {
        tracing::warn!("RTMP is off: {why}");
    }
    if let Some(encoders) = &encoders {
        warn_of_an_address_that_nobody_reaches(config, encoders);
    }
    let facts = MediaFacts {
        engine: child.engine().to_string(),
        udp_port: Some(ports.rtc_udp).filter(|port| *port != 0),
        second_udp_port: Some(ports.rtc_second_udp)
            .filter(|port| *port != 0 && child.engine() == RunningEngine::BuiltIn),
        tcp_port: Some(ports.rtc_tcp).filter(|port| *port != 0),
        turn: turn_of_child(config, child.engine()) || config.livekit.turn_server.host.is_some(),
        turn_ports: turn_ports(config, child.engine()),
    };
    let version = relay(states.clone(), version_of_child);
    let outdated = relay(states.clone(), |state| {
        matches!(
            state,
            ChildState::Ready {
                is_outdated: true,
                ..
            }
        )
    });
    let status = relay(states, status_of_child);
    let ended = child.ended();
    let starts_anew = !child.is_adopted();
    Ok(MediaSide {
        child: Some(child),
        recorder: None,
        ingress: None,
        encoders,
        turn_behind_site,
        media: Media {
            endpoint,
            status,
            ended,
            node_ip,
            starts_anew,
            outdated,
            facts,
            version,
            recorder: None,
            rtmp,
            regions: Vec::new(),
        },
    })
}

/// What the supervisor is told of the child.
pub fn options(config: &Config, webhook_urls: Vec<Url>) -> anyhow::Result<Options> {
    let livekit = &config.livekit;
    let public_host = config
        .server
        .public_url
        .as_ref()
        .and_then(|url| url.host_str())
        .map(str::to_owned);
    let mut built_in = own("media-server")?;
    if let Some(host) = &public_host {
        built_in.args.extend(["--public-host".into(), host.into()]);
    }
    let mut options = Options::new(config.server.data_dir.clone(), built_in, own("child-exec")?);
    options.engine = match livekit.engine {
        LiveKitEngine::Auto => livekit_supervisor::Engine::Auto,
        LiveKitEngine::LivekitServer => livekit_supervisor::Engine::LivekitServer,
        LiveKitEngine::BuiltIn => livekit_supervisor::Engine::BuiltIn,
    };
    options.binary.clone_from(&livekit.binary);
    options.config_path.clone_from(&livekit.config_path);
    options.keys =
        livekit
            .api_key
            .clone()
            .zip(livekit.api_secret.clone())
            .map(|(api_key, api_secret)| ApiKeys {
                api_key,
                api_secret,
            });
    options.search_path = std::env::var_os("PATH");
    options.ports = Ports {
        signal: livekit.ports.signal,
        rtc_udp: livekit.ports.udp,
        rtc_second_udp: livekit.ports.second_udp,
        rtc_tcp: livekit.ports.tcp,
        turn_udp: livekit.turn.udp_port,
        turn_tls: livekit.turn.tls_port,
    };
    options.port_keys = PortKeys {
        signal: "livekit.ports.signal",
        rtc_udp: "livekit.ports.udp",
        rtc_second_udp: "livekit.ports.second_udp",
        rtc_tcp: "livekit.ports.tcp",
        turn_udp: "livekit.turn.udp_port",
        turn_tls: "livekit.turn.tls_port",
    };
    options.timings = timings(config);
    options.node_ip = livekit.node_ip;
    options.external_ip_from = livekit
        .use_external_ip
        .then(|| livekit.stun_servers.clone());
    options.public_host = public_host;
    options.webhook_urls = webhook_urls;
    options.whip_base_url = config
        .server
        .public_url
        .as_ref()
        .map_or_else(String::new, |url| {
            format!("{}/w", url.as_str().trim_end_matches('/'))
        });
    // Users of foreign homeservers hold tokens, too: none of them may make a room by joining.
    options.room.auto_create = !config.matrix.enabled;
    options.turn = turn(config);
    options.turn_server = turn_server(config);
    let redis = &livekit.redis;
    options.redis = redis.address.clone().map(|address| Redis {
        address,
        username: redis.username.clone().unwrap_or_default(),
        password: redis.password.clone(),
        db: redis.db,
        use_tls: redis.use_tls,
    });
    options.ingress = IngressUrls {
        rtmp_base_url: livekit.ingress.rtmp_base_url.clone(),
        whip_base_url: livekit.ingress.whip_base_url.clone(),
    };
    Ok(options)
}

fn timings(config: &Config) -> Timings {
    let minutes = u64::from(config.livekit.alone_minutes);
    Timings {
        alone_for: Duration::from_mins(minutes),
        ..Timings::default()
    }
}

/// RTMP, where it is wanted and there is an ffmpeg; or what is to be said of it. Whether its port is free is seen at each start.
fn encoders(config: &Config) -> Result<Encoders, Rtmp> {
    let port = config.livekit.ingress.rtmp_port;
    if port == 0 {
        return Err(Rtmp::Off);
    }
    let path = std::env::var_os("PATH");
    match config.recordings.found_ffmpeg(path.as_deref()) {
        Ok(Some(ffmpeg)) => Ok(Encoders {
            address: SocketAddr::new(config.server.host, port),
            ffmpeg,
        }),
        Ok(None) => Err(Rtmp::NoFfmpeg { detail: None }),
        Err(why) => Err(Rtmp::NoFfmpeg { detail: Some(why) }),
    }
}

/// Behind a proxy the site listens on this machine alone, and a proxy for HTTP does not pass RTMP on.
fn warn_of_an_address_that_nobody_reaches(config: &Config, encoders: &Encoders) {
    let told_otherwise = config.livekit.ingress.rtmp_base_url.is_some();
    if encoders.address.ip().is_loopback() && config.server.public_url.is_some() && !told_otherwise
    {
        tracing::warn!(
            address = %encoders.address,
            "RTMP reaches this machine only, as server.host says; have the port passed on and name it with \
             livekit.ingress.rtmp_base_url"
        );
    }
}

/// What encoders are told; empty leaves it to whoever asks.
fn rtmp_base_url(config: &Config, encoders: &Encoders) -> String {
    if let Some(url) = &config.livekit.ingress.rtmp_base_url {
        return url.to_string();
    }
    let public = config.server.public_url.as_ref();
    let host = public.and_then(|url| url.host_str());
    host.map_or_else(String::new, |host| {
        format!("rtmp://{host}:{}/live", encoders.address.port())
    })
}

/// Whether the recorder is ours. A cluster may have its own one, which puts films into a bucket; it cannot put them on our disk.
fn records_itself(config: &Config) -> bool {
    config.recordings.enabled
        && match config.recordings.engine {
            RecordingEngine::Auto => {
                !config.livekit.external || config.recordings.storage.kind == StorageKind::Disk
            }
            RecordingEngine::BuiltIn => true,
            RecordingEngine::Endpoint => false,
        }
}

/// A command of this program.
pub fn own(argument: &str) -> anyhow::Result<Command> {
    Ok(Command {
        program: std::env::current_exe().context("cannot find this program's own path")?,
        args: vec![argument.into()],
    })
}

fn turn(config: &Config) -> Option<Turn> {
    let turn = Some(&config.livekit.turn).filter(|turn| turn.enabled != TurnEnabled::Off)?;
    let own = turn.cert_file.clone().zip(turn.key_file.clone());
    let tls = match (own, config.server.tls) {
        (Some((cert_file, key_file)), _) => Some(TurnTls::Child(TurnCertificate {
            cert_file,
            key_file,
        })),
        // One port for everything: the site ends TLS, and passes on what is TURN.
        (None, Tls::Files | Tls::Acme) => Some(TurnTls::Front {
            told_port: public_port(&config.server),
        }),
        // Browsers refuse TURN over TLS with a certificate that no authority signed.
        (None, Tls::Off | Tls::SelfSigned) => None,
    };
    let public = config.server.public_url.as_ref();
    let public = public.and_then(|url| url.domain()).map(str::to_owned);
    let domain = turn.domain.clone().or(public);
    if tls.is_some() && domain.is_none() {
        tracing::warn!(
            "TURN over TLS is off: neither livekit.turn.domain nor server.public_url names this machine"
        );
    }
    Some(Turn {
        domain,
        tls,
        of_livekit_server: turn.enabled == TurnEnabled::On,
    })
}

/// The port where clients are told that TURN over TLS is, and whether that is the site's own; `None`: nowhere.
pub fn told_turn(config: &Config) -> Option<(u16, bool)> {
    let turn = turn(config).filter(|turn| turn.domain.is_some())?;
    Some(match turn.tls? {
        TurnTls::Child(_) => (config.livekit.turn.tls_port, false),
        TurnTls::Front { told_port } => (told_port, true),
    })
}

fn turn_of_child(config: &Config, engine: RunningEngine) -> bool {
    match config.livekit.turn.enabled {
        TurnEnabled::Auto => engine == RunningEngine::BuiltIn,
        TurnEnabled::On => true,
        TurnEnabled::Off => false,
    }
}

fn turn_ports(config: &Config, engine: RunningEngine) -> TurnPorts {
    if !turn_of_child(config, engine) {
        return TurnPorts::default();
    }
    let udp = Some(config.livekit.turn.udp_port).filter(|port| *port != 0);
    TurnPorts {
        udp,
        // The official one relays by UDP and TLS.
        tcp: udp.filter(|_| engine == RunningEngine::BuiltIn),
        tls: told_turn(config).and_then(|(port, is_sites)| (!is_sites).then_some(port)),
    }
}

/// Where people find the site's port, which may be passed on from another.
fn public_port(server: &Server) -> u16 {
    let told = server.public_url.as_ref();
    let told = told.and_then(Url::port_or_known_default);
    told.unwrap_or(server.port)
}

/// Where the child takes TURN that comes by the site's port, if it does.
fn turn_behind_site(
    options: &Options,
    remembered: &Remembered,
) -> anyhow::Result<Option<SocketAddr>> {
    let by_site = options.turn.as_ref().is_some_and(|turn| {
        turn.domain.is_some() && matches!(turn.tls, Some(TurnTls::Front { .. }))
    });
    let before = remembered
        .turn_tls
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    (by_site && options.config_path.is_none())
        .then(|| before.map_or_else(SideHandle::free_address, Ok))
        .transpose()
        .context("no port is free for TURN behind the site's")
}

fn turn_server(config: &Config) -> Option<TurnServer> {
    let server = &config.livekit.turn_server;
    Some(TurnServer {
        host: server.host.clone()?,
        port: server.port,
        protocol: server.protocol.as_str(),
        secret: server.secret.clone()?,
    })
}

fn relay<State: Send + Sync + 'static, Told: Send + Sync + 'static>(
    mut states: watch::Receiver<State>,
    told: fn(&State) -> Told,
) -> watch::Receiver<Told> {
    let (sender, receiver) = watch::channel(told(&states.borrow_and_update()));
    tokio::spawn(async move {
        loop {
            tokio::select! {
                changed = states.changed() => if changed.is_err() { return },
                () = sender.closed() => return,
            }
            sender.send_replace(told(&states.borrow_and_update()));
        }
    });
    receiver
}

fn version_of_child(state: &ChildState) -> Option<String> {
    match state {
        ChildState::Ready { version, .. } => version.clone(),
        ChildState::Starting { .. } | ChildState::Down { .. } | ChildState::Stopped => None,
    }
}

fn status_of_cluster(state: &ClusterState) -> MediaStatus {
    match state {
        ClusterState::Starting => MediaStatus::Starting,
        ClusterState::Ready => MediaStatus::Ready,
        ClusterState::Down { reason } => MediaStatus::Down {
            reason: reason.to_string(),
        },
    }
}

fn status_of_side(state: &SideState) -> SideStatus {
    let failed = |failure: &SideFailure| match failure {
        SideFailure::PortTaken { port, key } => SideStatus::PortTaken {
            detail: format!("{port} ({key})"),
        },
        SideFailure::Ended(reason) => SideStatus::Restarting {
            reason: reason.clone(),
        },
    };
    match state {
        SideState::Starting { after: None } => SideStatus::Starting,
        SideState::Starting {
            after: Some(failure),
        } => failed(failure),
        SideState::Ready => SideStatus::Ready,
        SideState::Down { reason } => failed(reason),
        SideState::Stopped => SideStatus::Restarting {
            reason: "the site is stopping".to_owned(),
        },
    }
}

fn status_of_child(state: &ChildState) -> MediaStatus {
    match state {
        ChildState::Starting { after: None } => MediaStatus::Starting,
        ChildState::Starting {
            after: Some(failure),
        } => MediaStatus::Down {
            reason: failure.to_string(),
        },
        ChildState::Ready { .. } => MediaStatus::Ready,
        ChildState::Down { reason, .. } => MediaStatus::Down {
            reason: reason.to_string(),
        },
        ChildState::Stopped => MediaStatus::Down {
            reason: "the site is stopping".to_owned(),
        },
    }
}
