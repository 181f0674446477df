//! The configuration: one file per section; `config.example.yaml` is the manual and the defaults.

mod auth;
mod database;
mod livekit;
mod load;
mod locate;
mod log;
mod matrix;
mod rooms;
mod server;
mod value;

use serde::Deserialize;

pub use auth::{Auth, Registration};
pub use database::Database;
pub use livekit::{LiveKit, LiveKitEngine, Ports, Turn};
pub use load::ConfigError;
pub use log::{Log, LogFormat};
pub use matrix::Matrix;
pub use rooms::Rooms;
pub use server::{Server, Tls, TrustedProxies};

/// The text of `config.example.yaml`: every key, documented, with its default.
pub const EXAMPLE: &str = include_str!("../../../../config.example.yaml");

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub livekit: LiveKit,
    pub auth: Auth,
    pub rooms: Rooms,
    pub log: Log,
    pub matrix: Matrix,
}

/// Why a value is refused, with its key below the section.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    key: &'static str,
    why: String,
}

impl Refused {
    fn new(key: &'static str, why: impl Into<String>) -> Refused {
        Refused {
            key,
            why: why.into(),
        }
    }

    fn unless(holds: bool, key: &'static str, why: &str) -> Result<(), Refused> {
        if holds {
            Ok(())
        } else {
            Err(Refused::new(key, why))
        }
    }
}
