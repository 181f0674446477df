//! Whether the media child that an earlier supervisor left is one that we would start: taken over, replaced when its rooms are
//! empty, or ended. It compares what both were told; it starts nothing.

use std::{
    fmt::Write,
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use url::Url;

use crate::{
    choose::Chosen,
    keeper::{Ended, Kept, Record, Refused, end_kept},
    keys::ApiKeys,
    logs::{ChildLog, Speaker},
    options::{Command, Options, Ports},
    state::{MediaAddress, RunningEngine},
    yaml::{ConfigFile, EGRESS_FILE_NAME, FILE_NAME, INGRESS_FILE_NAME, generate},
};

/// The media child's name in the data folder.
pub const NAME: &str = "livekit";
/// For a child that is not the one we want.
const GRACE: Duration = Duration::from_secs(5);

/// What a media child was told, for whoever finds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Told {
    pub address: SocketAddr,
    pub ports: Option<Ports>,
    pub media: Option<MediaAddress>,
    /// Of the built-in server.
    pub version: Option<String>,
    pub webhook_urls: Vec<Url>,
    pub egress_url: Option<Url>,
    /// What must be the same, or it is of no use to us.
    essentials: String,
    /// Everything else.
    details: String,
}

/// A child that is ours now.
#[derive(Debug)]
pub struct Adopted {
    pub kept: Kept,
    pub told: Told,
    pub log: ChildLog,
    /// Whether another would be started today: it goes on while anybody is in its rooms.
    pub is_outdated: bool,
}

/// What was left.
pub enum Found {
    Nobody,
    Ours(Box<Adopted>),
    /// One that we could not use; it is gone.
    Ended {
        at: Instant,
        /// Who was in its rooms, where it said so.
        people: Option<u32>,
    },
}

impl Told {
    /// For a child that is about to be started; `ports` are `None` where a hand-written file decides.
    pub fn new(
        options: &Options,
        chosen: &Chosen,
        keys: &ApiKeys,
        address: SocketAddr,
        started_with: (Option<Ports>, Option<MediaAddress>),
    ) -> Self {
        let (ports, media) = started_with;
        Self {
            address,
            ports,
            media,
            version: (chosen.engine == RunningEngine::BuiltIn)
                .then(|| options.built_in_version.clone()),
            webhook_urls: options.webhook_urls.clone(),
            egress_url: options.egress_url.clone(),
            essentials: essentials(options, chosen, keys),
            details: details(options, chosen, keys, started_with),
        }
    }

    /// Whether we can work with a child that was told this.
    fn is_usable(&self, options: &Options, chosen: &Chosen, keys: &ApiKeys) -> bool {
        let fits = |wanted: u16, has: u16| wanted == 0 || wanted == has;
        let ports = match (&self.ports, &options.config_path) {
            (Some(ports), None) => {
                fits(options.ports.signal, ports.signal)
                    && fits(options.ports.rtc_udp, ports.rtc_udp)
                    && fits(options.ports.rtc_tcp, ports.rtc_tcp)
            }
            (None, Some(_)) => true,
            _ => false,
        };
        ports && self.essentials == essentials(options, chosen, keys)
    }
}

fn essentials(options: &Options, chosen: &Chosen, keys: &ApiKeys) -> String {
    digest(&[
        &chosen.engine.to_string(),
        &keys.api_key,
        keys.api_secret.expose_secret(),
        &format!("{:?}", options.bind_addresses),
        &format!("{:?}", options.config_path),
        &format!("{:?}", options.webhook_urls),
        &format!("{:?}", options.egress_url),
    ])
}

/// Of the file that such a child has, and of the program that it is.
fn details(
    options: &Options,
    chosen: &Chosen,
    keys: &ApiKeys,
    (ports, media): (Option<Ports>, Option<MediaAddress>),
) -> String {
    let file = match (&options.config_path, ports) {
        (Some(path), _) => fs::read_to_string(path).unwrap_or_default(),
        (None, None) => String::new(),
        (None, Some(has)) => {
            // One that was to be any is the one it is; one of TURN, or a second one, that was not to be had is missed by nobody.
            let same = |wanted: u16, has: u16| if wanted == 0 || has == 0 { has } else { wanted };
            let ports = Ports {
                turn_udp: same(options.ports.turn_udp, has.turn_udp),
                turn_tls: same(options.ports.turn_tls, has.turn_tls),
                rtc_second_udp: match options.ports.rtc_second_udp {
                    0 => 0,
                    wanted => same(wanted, has.rtc_second_udp),
                },
                ..has
            };
            let found = media.map(|media| media.node_ip);
            let node_ip = options.told_node_ip(chosen.engine, found);
            generate(chosen.engine, options, keys, ports, node_ip).unwrap_or_default()
        }
    };
    digest(&[
        &file,
        &identity_of(&chosen.command),
        &options.built_in_version,
    ])
}

/// Changes with every other program, also of the same name.
pub fn identity_of(command: &Command) -> String {
    let file = fs::metadata(&command.program).map(|file| {
        let (at, nanos) = (file.mtime(), file.mtime_nsec());
        [
            file.dev().cast_signed(),
            file.ino().cast_signed(),
            file.size().cast_signed(),
            at,
            nanos,
        ]
    });
    let (program, args) = (command.program.display(), &command.args);
    format!("{program} {args:?} {:?}", file.ok())
}

/// Says nothing of the parts, some of which are secret.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Looks for a child that was left, and ends one that is of no use.
pub async fn find(options: &Options, chosen: &Chosen, keys: &ApiKeys, log: ChildLog) -> Found {
    let path = Record::path(&options.data_dir, NAME);
    let Some((kept, record)) = left_behind(&path, log.clone()).await else {
        return Found::Nobody;
    };
    let pid = kept.pid;
    let told: Option<Told> = serde_json::from_value(record.told).ok();
    let usable = told.filter(|told| told.is_usable(options, chosen, keys));
    let Some(told) = usable else {
        let people = kept.work().await;
        tracing::warn!(
            pid,
            people,
            "the media server that runs has other keys, ports or addresses than the configuration: it ends, and whoever is in a \
             call comes back to the next one"
        );
        let at = Instant::now();
        kept.end(GRACE).await;
        return Found::Ended { at, people };
    };
    let now = details(options, chosen, keys, (told.ports, told.media));
    let is_outdated = told.details != now;
    if is_outdated {
        let people = kept.work().await;
        // One that does not say may be busy with many.
        if people == Some(0) {
            tracing::info!(
                pid,
                "nobody is in a call on the media server from before: a new one takes its place"
            );
            let at = Instant::now();
            kept.end(GRACE).await;
            return Found::Ended { at, people };
        }
        tracing::info!(
            pid,
            people,
            "the media server from before goes on, with its own program and settings, until nobody is in a call; \
             `convoke stop --media --restart` has it replaced now"
        );
    } else {
        tracing::info!(pid, "the media server from before goes on");
    }
    Found::Ours(Box::new(Adopted {
        kept,
        told,
        log,
        is_outdated,
    }))
}

/// The child of a record, if it runs and its keeper answers; nothing is left of one whose keeper does not.
pub async fn left_behind(path: &Path, log: ChildLog) -> Option<(Kept, Record)> {
    let record = Record::load(path)?;
    match Kept::adopt(&record, log).await {
        Ok(kept) => return Some((kept, record)),
        Err(Refused::Hangs) => {
            tracing::warn!(
                pid = record.keeper.pid,
                "the keeper of a child hangs and is killed"
            );
            record.kill_keeper();
            record.remove_once_dead(path).await;
        }
        Err(Refused::Gone) => {
            record.remove_if_dead(path);
        }
    }
    None
}

/// What was left of a data folder's children, in people's words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// They are gone now.
    pub ended: Vec<&'static str>,
    /// They run, and cannot be told to end.
    pub refused: Vec<&'static str>,
}

/// A child that is kept in a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildName {
    /// Takes streams into rooms.
    Ingress,
    /// Records rooms.
    Egress,
    /// Has the rooms.
    Media,
}

impl ChildName {
    /// Those that take calls into rooms or out of them before the rooms.
    pub const ALL: [Self; 3] = [Self::Ingress, Self::Egress, Self::Media];

    const fn record(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
            Self::Media => NAME,
        }
    }

    const fn speaker(self) -> Speaker {
        match self {
            Self::Ingress => Speaker::Ingress,
            Self::Egress => Speaker::Egress,
            Self::Media => Speaker::LiveKit,
        }
    }

    /// For people.
    const fn title(self) -> &'static str {
        match self {
            Self::Ingress => "the ingress process",
            Self::Egress => "the recorder",
            Self::Media => "the media server",
        }
    }

    const fn generated_file(self) -> &'static str {
        match self {
            Self::Ingress => INGRESS_FILE_NAME,
            Self::Egress => EGRESS_FILE_NAME,
            Self::Media => FILE_NAME,
        }
    }

    async fn end(self, data_dir: &Path, grace: Duration) -> Ended {
        let log = ChildLog::new(self.speaker(), String::new().into());
        end_kept(&Record::path(data_dir, self.record()), grace, log).await
    }
}

/// Ends a child that a site left which had other settings and that today's does not start, and removes its file, which holds a
/// secret.
pub async fn end_unwanted(data_dir: &Path, child: ChildName) {
    let name = child.title();
    match child.end(data_dir, GRACE).await {
        Ended::Nothing => {}
        Ended::Gone => {
            tracing::info!("{name} from before ended: the configuration has none any more");
        }
        Ended::Refused => {
            tracing::warn!("{name} from before runs, and the configuration has none any more");
            return;
        }
    }
    if let Err(error) = ConfigFile::remove_stale(data_dir, child.generated_file()) {
        tracing::warn!(%error, "the file of {name} from before cannot be removed");
    }
}

/// Ends the children of a data folder whose supervisor is gone, or would start them again: those that take calls into rooms or
/// out of them before the rooms. Says which there were.
pub async fn end_left_behind(data_dir: &Path, grace: Duration) -> LeftBehind {
    let mut left = LeftBehind::default();
    for child in ChildName::ALL {
        match child.end(data_dir, grace).await {
            Ended::Nothing => {}
            Ended::Gone => left.ended.push(child.title()),
            Ended::Refused => left.refused.push(child.title()),
        }
    }
    left
}

/// Addresses that children from before were told, or have: with others they would be of no use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Where the media child posts its first webhook.
    pub webhook: Option<SocketAddr>,
    /// Where the media child listens.
    pub media: Option<SocketAddr>,
    /// Where the media child takes TURN over TLS.
    pub turn_tls: Option<u16>,
    /// All of the media child's ports, where its configuration was generated.
    pub media_ports: Option<Ports>,
    /// Where the egress child listens.
    pub egress: Option<SocketAddr>,
    /// Where the ingress child listens.
    pub ingress: Option<SocketAddr>,
}

impl Remembered {
    /// What the records of those say that run.
    pub fn load(data_dir: &Path) -> Self {
        let told = |name| {
            let path: PathBuf = Record::path(data_dir, name);
            let record = Record::load(&path).filter(|record| record.keeper.lives());
            record.map(|record| record.told)
        };
        let media = told(NAME).and_then(|told| serde_json::from_value::<Told>(told).ok());
        let side = |name| serde_json::from_value(told(name)?.get("address")?.clone()).ok();
        let media = media.as_ref();
        Self {
            webhook: media
                .and_then(|told| told.webhook_urls.first())
                .and_then(address_of),
            media: media.map(|told| told.address),
            turn_tls: media
                .and_then(|told| told.ports)
                .map(|ports| ports.turn_tls)
                .filter(|port| *port != 0),
            media_ports: media.and_then(|told| told.ports),
            // The media server was told of it. Where no recorder runs, it may be another program's by now.
            egress: side("egress").or_else(|| {
                media
                    .and_then(|told| told.egress_url.as_ref())
                    .and_then(address_of)
                    .filter(|address| TcpListener::bind(address).is_ok())
            }),
            ingress: side("ingress"),
        }
    }
}

fn address_of(url: &Url) -> Option<SocketAddr> {
    let ip = url.host_str()?.parse().ok()?;
    Some(SocketAddr::new(ip, url.port()?))
}
