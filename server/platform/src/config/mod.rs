//! The configuration: one file per section; `config.example.yaml` is the manual and the defaults.

mod acme;
mod agents;
mod audit;
mod auth;
mod database;
mod doctor;
mod fault;
mod livekit;
mod load;
mod locate;
mod log;
mod manual;
mod matrix;
mod metrics;
mod ports;
mod quality;
mod recordings;
mod regions;
mod rooms;
mod server;
mod setting;
mod turn;
mod value;
mod webhooks;
mod written;

use serde::Deserialize;

pub use acme::Acme;
pub use agents::{AgentCommand, Agents, CommandName, MOST_PROCESSES};
pub use audit::Audit;
pub use auth::{Auth, Registration};
pub use database::Database;
pub use doctor::Doctor;
pub use fault::ConfigError;
pub use livekit::{LiveKit, LiveKitEngine, Ports};
pub use log::{Log, LogFormat};
pub use matrix::Matrix;
pub use metrics::Metrics;
pub use quality::Quality;
pub use recordings::{PathStyle, RecordingEngine, Recordings, S3, Storage, StorageKind};
pub use regions::{InvalidRegionName, Region, RegionName};
pub use rooms::Rooms;
pub use server::{LONGEST_SITE_NAME, Server, Tls, TrustedProxies};
pub use setting::{Setting, SettingSource};
pub use turn::{Turn, TurnEnabled, TurnProtocol, TurnServer};
pub use webhooks::Webhooks;

/// The text of `config.example.yaml`: every key, documented, with its default.
pub const EXAMPLE: &str = include_str!("../../../../config.example.yaml");

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Config {
    pub server: Server,
    pub acme: Acme,
    pub database: Database,
    pub livekit: LiveKit,
    pub auth: Auth,
    pub rooms: Rooms,
    pub agents: Agents,
    pub recordings: Recordings,
    pub webhooks: Webhooks,
    pub metrics: Metrics,
    pub quality: Quality,
    pub audit: Audit,
    pub doctor: Doctor,
    pub log: Log,
    pub matrix: Matrix,
}
