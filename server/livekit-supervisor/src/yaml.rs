//! LiveKit's configuration file: the one we generate, and the few keys we need from one written by hand.
//! Field names are those of livekit-server's `pkg/config/config.go`, which refuses unknown ones.

use std::{
    collections::BTreeMap,
    fs, io,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

use livekit_wire::secret_file::without_values;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    keys::{ApiKeys, write_private},
    options::{
        IngressUrls, LogLevel, Options, Ports, Redis as RedisOptions, Turn as TurnOptions,
        TurnServer as TurnServerOptions, TurnTls,
    },
    state::RunningEngine,
};

/// The media child's file.
pub const FILE_NAME: &str = "livekit-child.yaml";
/// The egress child's file.
pub const EGRESS_FILE_NAME: &str = "egress-child.yaml";
/// The ingress child's file.
pub const INGRESS_FILE_NAME: &str = "ingress-child.yaml";
/// Where the built-in server keeps ingresses, which outlive it.
const INGRESSES_FILE_NAME: &str = "ingresses.json";
/// LiveKit's own default.
const DEFAULT_PORT: u16 = 7880;
/// Where livekit-server tells clients to find TURN over TLS that somebody in front ends.
const HTTPS: u16 = 443;

#[derive(Serialize)]
struct Config<'a> {
    port: u16,
    bind_addresses: &'a [IpAddr],
    keys: BTreeMap<&'a str, &'a str>,
    rtc: Rtc<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<Turn<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<Webhook<'a>>,
    room: Room,
    #[serde(skip_serializing_if = "Option::is_none")]
    egress: Option<Egress<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redis: Option<Redis<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ingress: Option<Ingress<'a>>,
    logging: Logging,
}

/// A key of the built-in server alone.
#[derive(Serialize)]
struct Egress<'a> {
    url: &'a str,
}

/// A key of the official server alone, as is [`Ingress`].
#[derive(Serialize)]
struct Redis<'a> {
    address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    db: u32,
    use_tls: bool,
}

#[derive(Serialize)]
struct Ingress<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    rtmp_base_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whip_base_url: Option<&'a str>,
    /// A key of the built-in server alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    rtmp: Option<bool>,
    /// A key of the built-in server alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Rtc<'a> {
    udp_port: u16,
    /// A key of the built-in server alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    second_udp_port: Option<u16>,
    tcp_port: u16,
    /// Without it a server finds its addresses itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_ip: Option<IpAddr>,
    use_external_ip: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stun_servers: Vec<&'a str>,
    /// livekit-server gathers no loopback candidate without it, so a machine without a network would have none.
    enable_loopback_candidate: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turn_servers: Vec<TurnServer<'a>>,
}

#[derive(Serialize)]
struct TurnServer<'a> {
    host: &'a str,
    port: u16,
    protocol: &'a str,
    secret: &'a str,
}

#[derive(Serialize)]
struct Turn<'a> {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    udp_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cert_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_tls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    front: Option<Front>,
}

/// Keys of the built-in server alone.
#[derive(Serialize)]
struct Front {
    external_tls_port: u16,
    tls_bind_addresses: [IpAddr; 1],
}

#[derive(Serialize)]
struct Webhook<'a> {
    api_key: &'a str,
    urls: Vec<&'a str>,
}

#[derive(Serialize)]
struct Room {
    auto_create: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    empty_timeout: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    departure_timeout: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_participants: Option<u32>,
    enable_remote_unmute: bool,
}

#[derive(Serialize)]
struct Logging {
    json: bool,
    level: &'static str,
}

/// The YAML of one start of the child. Fails on a path that is not UTF-8.
pub fn generate(
    engine: RunningEngine,
    options: &Options,
    keys: &ApiKeys,
    ports: Ports,
    node_ip: Option<IpAddr>,
) -> Result<String, serde_yaml::Error> {
    let external = options.external_ip_from.as_ref();
    let external = external.filter(|_| node_ip.is_none());
    let config = Config {
        port: ports.signal,
        bind_addresses: &options.bind_addresses,
        keys: BTreeMap::from([(keys.api_key.as_str(), keys.api_secret.expose_secret())]),
        rtc: Rtc {
            udp_port: ports.rtc_udp,
            second_udp_port: Some(ports.rtc_second_udp)
                .filter(|port| *port != 0 && engine == RunningEngine::BuiltIn),
            tcp_port: ports.rtc_tcp,
            node_ip,
            use_external_ip: external.is_some(),
            stun_servers: external.into_iter().flatten().map(String::as_str).collect(),
            enable_loopback_candidate: node_ip.is_some_and(|ip| ip.is_loopback()),
            turn_servers: options.turn_server.iter().map(turn_server).collect(),
        },
        turn: options.turn.as_ref().and_then(|of| turn(engine, of, ports)),
        webhook: (!options.webhook_urls.is_empty()).then(|| Webhook {
            api_key: &keys.api_key,
            urls: options.webhook_urls.iter().map(Url::as_str).collect(),
        }),
        room: Room {
            auto_create: options.room.auto_create,
            empty_timeout: options.room.empty_timeout,
            departure_timeout: options.room.departure_timeout,
            max_participants: options.room.max_participants,
            enable_remote_unmute: options.room.enable_remote_unmute,
        },
        egress: match engine {
            RunningEngine::BuiltIn => options
                .egress_url
                .as_ref()
                .map(|url| Egress { url: url.as_str() }),
            RunningEngine::LivekitServer => None,
        },
        redis: options
            .redis
            .as_ref()
            .filter(|_| engine == RunningEngine::LivekitServer)
            .map(redis),
        ingress: match engine {
            RunningEngine::BuiltIn => Some(Ingress {
                rtmp_base_url: options
                    .rtmp
                    .as_deref()
                    .filter(|address| !address.is_empty()),
                whip_base_url: Some(&options.whip_base_url),
                rtmp: options.rtmp.as_ref().map(|_| true),
                state_file: Some(options.data_dir.join(INGRESSES_FILE_NAME)),
            }),
            RunningEngine::LivekitServer if options.ingress == IngressUrls::default() => None,
            RunningEngine::LivekitServer => Some(Ingress {
                rtmp_base_url: options.ingress.rtmp_base_url.as_ref().map(Url::as_str),
                whip_base_url: options.ingress.whip_base_url.as_ref().map(Url::as_str),
                rtmp: None,
                state_file: None,
            }),
        },
        logging: Logging {
            json: true,
            level: match options.log_level {
                LogLevel::Debug => "debug",
                LogLevel::Info => "info",
                LogLevel::Warn => "warn",
                LogLevel::Error => "error",
            },
        },
    };
    serde_yaml::to_string(&config)
}

/// Nothing where no port of it is free; livekit-server refuses a TLS port without a certificate.
fn turn(engine: RunningEngine, turn: &TurnOptions, ports: Ports) -> Option<Turn<'_>> {
    if engine == RunningEngine::LivekitServer && !turn.of_livekit_server {
        return None;
    }
    let open = |port| Some(port).filter(|port| *port != 0);
    let tls = turn
        .tls
        .as_ref()
        .filter(|_| ports.turn_tls != 0 && turn.domain.is_some());
    let mut written = Turn {
        enabled: true,
        domain: turn.domain.as_deref(),
        udp_port: open(ports.turn_udp),
        tls_port: tls.map(|_| ports.turn_tls),
        cert_file: None,
        key_file: None,
        external_tls: None,
        front: None,
    };
    match (tls, engine) {
        (None, _) => {}
        (Some(TurnTls::Child(files)), _) => {
            written.cert_file = Some(&files.cert_file);
            written.key_file = Some(&files.key_file);
        }
        (Some(TurnTls::Front { told_port }), RunningEngine::BuiltIn) => {
            written.external_tls = Some(true);
            written.front = Some(Front {
                external_tls_port: *told_port,
                tls_bind_addresses: [Ipv4Addr::LOCALHOST.into()],
            });
        }
        (Some(TurnTls::Front { told_port: HTTPS }), RunningEngine::LivekitServer) => {
            written.external_tls = Some(true);
        }
        // It would send clients to 443, where nobody is.
        (Some(TurnTls::Front { .. }), RunningEngine::LivekitServer) => written.tls_port = None,
    }
    (written.udp_port.is_some() || written.tls_port.is_some()).then_some(written)
}

fn turn_server(server: &TurnServerOptions) -> TurnServer<'_> {
    TurnServer {
        host: &server.host,
        port: server.port,
        protocol: server.protocol,
        secret: server.secret.expose_secret(),
    }
}

fn redis(redis: &RedisOptions) -> Redis<'_> {
    Redis {
        address: &redis.address,
        username: &redis.username,
        password: redis.password.as_ref().map(ExposeSecret::expose_secret),
        db: redis.db,
        use_tls: redis.use_tls,
    }
}

/// The generated file on the disk; it holds the secret, so it goes when the child does.
#[derive(Debug)]
pub struct ConfigFile {
    path: PathBuf,
}

impl ConfigFile {
    /// Removes what a child left behind that nobody tidied up after.
    pub fn remove_stale(data_dir: &Path, name: &str) -> io::Result<()> {
        match fs::remove_file(data_dir.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Leaves it to the child's keeper, which removes it when the child is gone.
    pub fn hand_over(mut self) {
        self.path = PathBuf::new();
    }

    /// Writes the file, readable by us alone.
    pub fn write(data_dir: &Path, name: &str, text: &str) -> io::Result<Self> {
        let path = data_dir.join(name);
        write_private(&path, text)?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ConfigFile {
    fn drop(&mut self) {
        if self.path.as_os_str().is_empty() {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the child's configuration");
        }
    }
}

/// Why a hand-written file (`config_path`, `LIVEKIT_CONFIG_PATH`) does not say how to reach the child.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    /// It, or the key file it names, cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It is not LiveKit's YAML. The parser's words are left out when they could quote a secret.
    #[error("{} is not LiveKit's configuration: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where it goes wrong.
        problem: String,
    },
    /// Without keys nobody can talk to the child.
    #[error("{} has neither `keys` nor `key_file`; without them the platform cannot reach the child", path.display())]
    NoKeys {
        /// The file.
        path: PathBuf,
    },
}

/// What a hand-written file says about reaching its server.
#[derive(Debug)]
pub struct Reach {
    pub address: IpAddr,
    pub port: u16,
    pub keys: ApiKeys,
}

#[derive(Deserialize)]
struct HandWritten {
    port: Option<u16>,
    #[serde(default)]
    bind_addresses: Vec<String>,
    #[serde(default)]
    keys: BTreeMap<String, String>,
    key_file: Option<PathBuf>,
}

/// Reads the port (LiveKit's default when absent), an address it listens on and, unless `given`, the first key.
pub fn read_hand_written(path: &Path, given: Option<ApiKeys>) -> Result<Reach, ConfigFileError> {
    let written: HandWritten = parse(path)?;
    let address = reachable(
        written
            .bind_addresses
            .iter()
            .filter_map(|text| text.parse().ok()),
    );
    let port = written.port.unwrap_or(DEFAULT_PORT);
    let keys = match given {
        Some(keys) => keys,
        None => first_key(path, written)?,
    };
    Ok(Reach {
        address,
        port,
        keys,
    })
}

fn first_key(path: &Path, written: HandWritten) -> Result<ApiKeys, ConfigFileError> {
    let keys = match written.key_file {
        Some(key_file) => parse(&key_file)?,
        None => written.keys,
    };
    let (api_key, api_secret) = keys
        .into_iter()
        .next()
        .ok_or_else(|| ConfigFileError::NoKeys {
            path: path.to_owned(),
        })?;
    Ok(ApiKeys {
        api_key,
        api_secret: api_secret.into(),
    })
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ConfigFileError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigFileError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_yaml::from_str(&text).map_err(|error| ConfigFileError::Malformed {
        path: path.to_owned(),
        problem: without_values(&error),
    })
}

/// The address to call when the child listens on these: the first concrete one, else loopback.
pub fn reachable(bind_addresses: impl IntoIterator<Item = IpAddr>) -> IpAddr {
    bind_addresses
        .into_iter()
        .find(|address| !address.is_unspecified())
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::options::{Command, TurnCertificate};

    const PORTS: Ports = Ports {
        signal: 7880,
        rtc_udp: 7882,
        rtc_second_udp: 0,
        rtc_tcp: 7881,
        turn_udp: 3478,
        turn_tls: 5349,
    };

    fn keys() -> ApiKeys {
        ApiKeys {
            api_key: "APIkey".into(),
            api_secret: "s".repeat(43).into(),
        }
    }

    fn options() -> Options {
        let command = Command {
            program: "/convoke".into(),
            args: vec![],
        };
        Options::new("/data".into(), command.clone(), command)
    }

    fn yaml(options: &Options, node_ip: &str) -> serde_yaml::Value {
        yaml_for(RunningEngine::BuiltIn, options, node_ip)
    }

    fn yaml_for(engine: RunningEngine, options: &Options, node_ip: &str) -> serde_yaml::Value {
        let text = generate(engine, options, &keys(), PORTS, node_ip.parse().ok()).unwrap();
        serde_yaml::from_str(&text).unwrap()
    }

    #[test]
    fn a_plain_start_writes_ports_keys_rtc_room_ingress_and_logging_and_nothing_else() {
        let written = yaml(&options(), "192.0.2.9");
        let expected: serde_yaml::Value = serde_yaml::from_str(&format!(
            "port: 7880
bind_addresses: [127.0.0.1]
keys: {{APIkey: {}}}
rtc: {{udp_port: 7882, tcp_port: 7881, node_ip: 192.0.2.9, use_external_ip: false, enable_loopback_candidate: false}}
room: {{auto_create: true, enable_remote_unmute: false}}
ingress: {{whip_base_url: '', state_file: /data/ingresses.json}}
logging: {{json: true, level: info}}",
            "s".repeat(43)
        ))
        .unwrap();
        assert_eq!(written, expected);
    }

    #[test]
    fn only_the_built_in_server_is_told_of_a_second_port_of_udp() {
        let ports = Ports {
            rtc_second_udp: 443,
            ..PORTS
        };
        for (engine, told) in [
            (RunningEngine::BuiltIn, true),
            (RunningEngine::LivekitServer, false),
        ] {
            let text = generate(engine, &options(), &keys(), ports, None).unwrap();
            assert_eq!(text.contains("second_udp_port: 443"), told, "{text}");
        }
    }

    #[test]
    fn the_webhooks_go_to_us_and_are_signed_with_our_key() {
        let mut options = options();
        let urls = ["http://127.0.0.1:9000/one", "http://127.0.0.1:9000/two"];
        options.webhook_urls = urls.map(|url| url.parse().unwrap()).to_vec();
        let webhook = &yaml(&options, "192.0.2.9")["webhook"];
        assert_eq!(webhook["api_key"], "APIkey");
        assert_eq!(webhook["urls"], serde_yaml::to_value(urls).unwrap());
    }

    #[test]
    fn only_the_built_in_server_is_told_where_recordings_are_made() {
        let mut options = options();
        options.egress_url = Some("http://127.0.0.1:7980".parse().unwrap());
        let written = |engine| yaml_for(engine, &options, "192.0.2.9");
        assert_eq!(
            written(RunningEngine::BuiltIn)["egress"]["url"],
            "http://127.0.0.1:7980/"
        );
        let official = written(RunningEngine::LivekitServer);
        assert!(official.get("egress").is_none(), "it refuses unknown keys");
    }

    #[test]
    fn only_the_built_in_server_is_told_that_rtmp_is_taken_beside_it() {
        let mut options = options();
        let address = "rtmp://meet.example.org:1935/live";
        options.rtmp = Some(address.to_owned());
        let written = |options: &Options, engine| yaml_for(engine, options, "192.0.2.9");
        let told = &written(&options, RunningEngine::BuiltIn)["ingress"];
        assert_eq!(told["rtmp_base_url"], address);
        assert_eq!(told["rtmp"], true);
        let official = written(&options, RunningEngine::LivekitServer);
        assert!(
            official.get("ingress").is_none(),
            "it has a service of its own"
        );
        options.rtmp = Some(String::new());
        let told = &written(&options, RunningEngine::BuiltIn)["ingress"];
        assert!(told.get("rtmp_base_url").is_none());
        assert_eq!(told["rtmp"], true);
    }

    #[test]
    fn only_the_official_server_is_told_of_redis_and_of_an_ingress_service() {
        let mut options = options();
        options.redis = Some(RedisOptions {
            address: "127.0.0.1:6379".to_owned(),
            username: String::new(),
            password: Some("secret".into()),
            db: 2,
            use_tls: true,
        });
        options.ingress.whip_base_url = Some("https://in.example.org/w".parse().unwrap());
        let official = yaml_for(RunningEngine::LivekitServer, &options, "192.0.2.9");
        let expected: serde_yaml::Value = serde_yaml::from_str(
            "{address: '127.0.0.1:6379', password: secret, db: 2, use_tls: true}",
        )
        .unwrap();
        assert_eq!(official["redis"], expected);
        let whip = &official["ingress"]["whip_base_url"];
        assert_eq!(whip, "https://in.example.org/w");
        let built_in = yaml_for(RunningEngine::BuiltIn, &options, "192.0.2.9");
        assert!(built_in.get("redis").is_none());
        assert_ne!(
            built_in["ingress"]["whip_base_url"],
            "https://in.example.org/w"
        );
    }

    #[test]
    fn only_the_built_in_server_keeps_ingresses_itself() {
        let mut options = options();
        options.whip_base_url = "https://meet.example.org/w".to_owned();
        let written = |engine| yaml_for(engine, &options, "192.0.2.9");
        let ours = &written(RunningEngine::BuiltIn)["ingress"];
        assert_eq!(ours["whip_base_url"], "https://meet.example.org/w");
        assert_eq!(ours["state_file"], "/data/ingresses.json");
        let official = written(RunningEngine::LivekitServer);
        assert!(official.get("ingress").is_none(), "it keeps them in Redis");
    }

    #[test]
    fn turn_over_tls_is_written_only_with_a_certificate_and_never_at_the_top_level() {
        let mut options = options();
        options.turn = Some(TurnOptions {
            domain: None,
            tls: None,
            of_livekit_server: false,
        });
        let written = yaml(&options, "192.0.2.9");
        assert_eq!(written["turn"]["udp_port"], 3478);
        assert!(written["turn"].get("tls_port").is_none());
        assert!(written["turn"].get("domain").is_none());
        options.turn = Some(TurnOptions {
            domain: Some("turn.example.org".into()),
            tls: Some(TurnTls::Child(TurnCertificate {
                cert_file: "/tls/cert.pem".into(),
                key_file: "/tls/key.pem".into(),
            })),
            of_livekit_server: true,
        });
        let written = yaml(&options, "192.0.2.9");
        assert_eq!(written["turn"]["tls_port"], 5349);
        assert_eq!(written["turn"]["cert_file"], "/tls/cert.pem");
        assert!(written.get("tls").is_none());
        assert_eq!(written["turn"]["domain"], "turn.example.org");
        let nameless = options.turn.as_mut().unwrap();
        nameless.domain = None;
        let written = yaml(&options, "192.0.2.9");
        assert!(
            written["turn"].get("tls_port").is_none(),
            "it is for a name"
        );
    }

    #[test]
    fn turn_may_come_through_the_sites_port_and_then_stays_on_the_loopback() {
        let mut options = options();
        let mut written = |engine, told_port| {
            options.turn = Some(TurnOptions {
                domain: Some("meet.example.org".into()),
                tls: Some(TurnTls::Front { told_port }),
                of_livekit_server: true,
            });
            let text = generate(engine, &options, &keys(), PORTS, None).unwrap();
            serde_yaml::from_str::<serde_yaml::Value>(&text).unwrap()["turn"].clone()
        };
        let ours = written(RunningEngine::BuiltIn, 8443);
        assert_eq!(ours["tls_port"], 5349);
        assert_eq!(ours["external_tls"], true);
        assert_eq!(ours["external_tls_port"], 8443);
        assert_eq!(ours["tls_bind_addresses"][0], "127.0.0.1");
        let theirs = written(RunningEngine::LivekitServer, 443);
        assert_eq!(theirs["external_tls"], true);
        assert!(
            theirs.get("external_tls_port").is_none(),
            "it knows no such key"
        );
        let elsewhere = written(RunningEngine::LivekitServer, 8443);
        assert!(elsewhere.get("tls_port").is_none(), "it would tell 443");
        if let Some(turn) = &mut options.turn {
            turn.of_livekit_server = false;
        }
        let engine = RunningEngine::LivekitServer;
        let text = generate(engine, &options, &keys(), PORTS, None).unwrap();
        assert!(
            !text.contains("turn:"),
            "nobody asked for an open relay: {text}"
        );
    }

    #[test]
    fn turn_is_written_only_as_far_as_its_ports_are_free() {
        let mut options = options();
        options.turn = Some(TurnOptions {
            domain: Some("turn.example.org".into()),
            tls: Some(TurnTls::Child(TurnCertificate {
                cert_file: "/tls/cert.pem".into(),
                key_file: "/tls/key.pem".into(),
            })),
            of_livekit_server: true,
        });
        let written = |turn_udp, turn_tls| {
            let ports = Ports {
                turn_udp,
                turn_tls,
                ..PORTS
            };
            let text = generate(RunningEngine::BuiltIn, &options, &keys(), ports, None).unwrap();
            serde_yaml::from_str::<serde_yaml::Value>(&text).unwrap()
        };
        let without_udp = written(0, 5349);
        assert!(without_udp["turn"].get("udp_port").is_none());
        assert_eq!(without_udp["turn"]["tls_port"], 5349);
        assert!(written(3478, 0)["turn"].get("cert_file").is_none());
        assert!(written(0, 0).get("turn").is_none());
    }

    #[test]
    fn a_turn_server_elsewhere_is_told_with_its_secret() {
        let mut options = options();
        options.turn_server = Some(TurnServerOptions {
            host: "turn.example.org".to_owned(),
            port: 443,
            protocol: "tls",
            secret: "shared".into(),
        });
        let expected: serde_yaml::Value = serde_yaml::from_str(
            "[{host: turn.example.org, port: 443, protocol: tls, secret: shared}]",
        )
        .unwrap();
        for engine in [RunningEngine::BuiltIn, RunningEngine::LivekitServer] {
            let written = yaml_for(engine, &options, "192.0.2.9");
            assert_eq!(written["rtc"]["turn_servers"], expected);
        }
    }

    #[test]
    fn a_loopback_media_address_lets_the_child_gather_loopback_candidates() {
        assert_eq!(
            yaml(&options(), "127.0.0.1")["rtc"]["enable_loopback_candidate"],
            true
        );
    }

    #[test]
    fn the_file_is_private_and_goes_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let stale = folder.path().join(FILE_NAME);
        fs::write(&stale, "left by a killed parent").unwrap();
        ConfigFile::remove_stale(folder.path(), FILE_NAME).unwrap();
        assert!(!stale.exists());
        ConfigFile::remove_stale(folder.path(), FILE_NAME).unwrap();
        let file = ConfigFile::write(folder.path(), FILE_NAME, "port: 1\n").unwrap();
        assert_eq!(
            fs::metadata(file.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
        drop(file);
        assert!(!stale.exists());
    }

    #[test]
    fn a_hand_written_file_gives_address_port_and_first_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.yaml");
        fs::write(&path, "port: 7890\nbind_addresses: ['', '::1']\nkeys: {APIa: one, APIb: two}\nredis: {address: x}\n")
            .unwrap();
        let reach = read_hand_written(&path, None).unwrap();
        assert_eq!((reach.address, reach.port), ("::1".parse().unwrap(), 7890));
        assert_eq!(reach.keys.api_key, "APIa");
        assert_eq!(reach.keys.api_secret.expose_secret(), "one");
    }

    #[test]
    fn a_hand_written_file_may_name_a_key_file_and_leave_the_port_to_livekit() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key_file) = (folder.path().join("own.yaml"), folder.path().join("keys"));
        fs::write(&key_file, "APIa: one\n").unwrap();
        fs::write(&path, format!("key_file: {}\n", key_file.display())).unwrap();
        let reach = read_hand_written(&path, None).unwrap();
        assert_eq!(
            (reach.address, reach.port),
            ("127.0.0.1".parse().unwrap(), 7880)
        );
        assert_eq!(reach.keys.api_key, "APIa");
    }

    #[test]
    fn a_hand_written_file_without_keys_or_with_nonsense_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.yaml");
        let message = || read_hand_written(&path, None).unwrap_err().to_string();
        assert!(message().contains("cannot read"), "{}", message());
        fs::write(&path, "port: 7880\n").unwrap();
        assert!(
            read_hand_written(&path, Some(keys())).is_ok(),
            "given keys are enough"
        );
        assert!(
            message().contains("neither `keys` nor `key_file`"),
            "{}",
            message()
        );
        fs::write(&path, "port: 7880\nkeys: my-secret-word\n").unwrap();
        assert!(
            message().contains("is not LiveKit's configuration"),
            "{}",
            message()
        );
        assert!(!message().contains("my-secret-word"), "{}", message());
    }
}
