//! Section `livekit`: the media server that carries sound and picture.

use std::{net::IpAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    fault::Refusals,
    regions::{self, Region, RegionName},
    turn::{Turn, TurnServer},
    value,
};

/// Section `livekit`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct LiveKit {
    pub engine: LiveKitEngine,
    #[serde(deserialize_with = "value::optional")]
    pub binary: Option<PathBuf>,
    pub external: bool,
    #[serde(deserialize_with = "value::optional")]
    pub host: Option<Url>,
    #[serde(deserialize_with = "value::optional")]
    pub internal_host: Option<Url>,
    #[serde(deserialize_with = "value::text")]
    pub api_key: Option<String>,
    #[serde(deserialize_with = "value::secret")]
    pub api_secret: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub api_secret_file: Option<PathBuf>,
    pub dangerous_skip_tls_verify: bool,
    #[serde(deserialize_with = "value::optional")]
    pub config_path: Option<PathBuf>,
    #[serde(deserialize_with = "value::optional")]
    pub node_ip: Option<IpAddr>,
    pub use_external_ip: bool,
    pub stun_servers: Vec<String>,
    pub alone_minutes: u32,
    pub ports: Ports,
    pub turn: Turn,
    pub turn_server: TurnServer,
    pub redis: Redis,
    pub ingress: IngressUrls,
    pub region: RegionName,
    pub regions: Vec<Region>,
}

/// Which media server is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LiveKitEngine {
    /// The official one where found, else the built-in one.
    Auto,
    /// Only the official one.
    LivekitServer,
    /// Only the built-in one.
    BuiltIn,
}

/// The child's ports; 0 takes any free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Ports {
    pub signal: u16,
    pub udp: u16,
    pub second_udp: u16,
    pub tcp: u16,
}

/// The Redis over which an official livekit-server reaches LiveKit's services.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    #[serde(deserialize_with = "value::text")]
    pub address: Option<String>,
    #[serde(deserialize_with = "value::text")]
    pub username: Option<String>,
    #[serde(deserialize_with = "value::secret")]
    pub password: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub password_file: Option<PathBuf>,
    pub db: u32,
    pub use_tls: bool,
}

/// Where encoders send to: RTMP of the built-in server, and what an official livekit-server tells of LiveKit's ingress service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngressUrls {
    pub rtmp_port: u16,
    #[serde(deserialize_with = "value::optional")]
    pub rtmp_base_url: Option<Url>,
    #[serde(deserialize_with = "value::optional")]
    pub whip_base_url: Option<Url>,
}

impl Redis {
    fn check(&self, refused: &mut Refusals) {
        let Some(address) = &self.address else {
            let why = "must be set when livekit.redis has a user name or a password";
            let is_bare = self.username.is_none() && self.password.is_none();
            refused.unless(is_bare, "redis.address", why);
            return;
        };
        let port = address.rsplit_once(':').map(|(_, port)| port.parse());
        let why = "must be a host and a port, such as 127.0.0.1:6379";
        refused.unless(matches!(port, Some(Ok(1..=u16::MAX))), "redis.address", why);
    }
}

impl PartialEq for Redis {
    fn eq(&self, other: &Redis) -> bool {
        let Redis {
            address,
            username,
            password,
            password_file,
            db,
            use_tls,
        } = self;
        *address == other.address
            && *username == other.username
            && value::same_secret(password.as_ref(), other.password.as_ref())
            && *password_file == other.password_file
            && *db == other.db
            && *use_tls == other.use_tls
    }
}

impl LiveKit {
    pub(super) fn check(&self, refused: &mut Refusals) {
        if let Some(url) = &self.host {
            let why = "must be a ws or wss URL without a path";
            refused.unless(value::is_origin(url, &["ws", "wss"]), "host", why);
        }
        if let Some(url) = &self.internal_host {
            let why = "must be an http or https URL without a path";
            refused.unless(
                value::is_origin(url, &["http", "https"]),
                "internal_host",
                why,
            );
        }
        if self.external {
            let why = "must be set when livekit.external is true";
            refused.unless(self.host.is_some(), "host", why);
            refused.unless(self.internal_host.is_some(), "internal_host", why);
            refused.unless(self.api_key.is_some(), "api_key", why);
            refused.unless(self.api_secret.is_some(), "api_secret", why);
        }
        if let Some(secret) = &self.api_secret {
            refused.unless(
                secret.expose_secret().len() >= 32,
                "api_secret",
                "must have at least 32 characters",
            );
            refused.unless(
                self.api_key.is_some(),
                "api_key",
                "must be set when livekit.api_secret is set",
            );
        }
        let why = "must be false when livekit.node_ip is set, which is announced alone";
        let alone = self.node_ip.is_none() || !self.use_external_ip;
        refused.unless(alone, "use_external_ip", why);
        let why = "must be hosts with ports, such as stun.example.org:3478";
        let fits = self
            .stun_servers
            .iter()
            .all(|server| value::has_port(server));
        refused.unless(fits, "stun_servers", why);
        let in_minutes = "must be between 1 and 1440";
        let minutes = 1..=1_440;
        refused.unless(
            minutes.contains(&self.alone_minutes),
            "alone_minutes",
            in_minutes,
        );
        self.turn.check(refused);
        self.turn_server.check(refused);
        self.redis.check(refused);
        regions::check(self, refused);
        for (url, schemes, key) in [
            (
                &self.ingress.rtmp_base_url,
                ["rtmp", "rtmps"],
                "ingress.rtmp_base_url",
            ),
            (
                &self.ingress.whip_base_url,
                ["http", "https"],
                "ingress.whip_base_url",
            ),
        ] {
            let fits = url
                .as_ref()
                .is_none_or(|url| schemes.contains(&url.scheme()));
            let [plain, safe] = schemes;
            refused.unless(fits, key, &format!("must be an {plain} or {safe} URL"));
        }
    }
}

impl PartialEq for LiveKit {
    fn eq(&self, other: &LiveKit) -> bool {
        let LiveKit {
            engine,
            binary,
            external,
            host,
            internal_host,
            api_key,
            api_secret,
            api_secret_file,
            dangerous_skip_tls_verify,
            config_path,
            node_ip,
            use_external_ip,
            stun_servers,
            alone_minutes,
            ports,
            turn,
            turn_server,
            redis,
            ingress,
            region,
            regions,
        } = self;
        *engine == other.engine
            && *binary == other.binary
            && *external == other.external
            && *host == other.host
            && *internal_host == other.internal_host
            && *api_key == other.api_key
            && value::same_secret(api_secret.as_ref(), other.api_secret.as_ref())
            && *api_secret_file == other.api_secret_file
            && *dangerous_skip_tls_verify == other.dangerous_skip_tls_verify
            && *config_path == other.config_path
            && *node_ip == other.node_ip
            && *use_external_ip == other.use_external_ip
            && *stun_servers == other.stun_servers
            && *alone_minutes == other.alone_minutes
            && *ports == other.ports
            && *turn == other.turn
            && *turn_server == other.turn_server
            && *redis == other.redis
            && *ingress == other.ingress
            && *region == other.region
            && *regions == other.regions
    }
}
