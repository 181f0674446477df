//! Convoke's product: HTTP API, accounts, rooms, jobs and the embedded web UI.
//! It must not know which LiveKit server answers behind its endpoint, nor any other crate of ours but `http-edge`.

#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "tests may start from the machine's clock"
    )
)]

pub mod config;

mod accounts;
mod admin;
mod agents;
mod api_keys;
mod app;
mod audit;
mod auth;
mod background;
mod backup;
mod certificates;
mod clock;
mod db;
mod derived;
mod doctor;
mod egress;
mod events;
mod gateway;
mod happenings;
mod health;
mod http;
mod ingress;
mod invites;
mod jobs;
mod live_rooms;
mod livekit;
mod livekit_events;
mod matrix;
mod meetings;
mod metrics;
mod moderation;
mod pages;
mod participants;
mod platform;
mod preferences;
mod quality;
mod random;
mod recordings;
mod rooms;
mod router;
mod settings;
mod sip;
mod site;
mod storage;
mod system;
#[cfg(test)]
mod testing;
mod text;
mod usage;
mod webhooks;

pub use accounts::{Role, User, UserId};
pub use agents::commands::{
    CommandError, CommandLine, CommandProcess, CommandProcessState, KeepsCommands, KeptCommand,
};
pub use auth::{
    Accounts, CreatedAccount, NewAccount, NewAccountError, OpenAccountsError,
    ResetPasswordLinkError,
};
pub use backup::{
    Copied, CopyError, CopyUnfit, DatabaseFile, NewerSchema, copy_database, database_file,
    judge_copy, judge_schema,
};
pub use certificates::SiteCertificate;
pub use clock::Timestamp;
pub use config::{Config, ConfigError};
pub use doctor::{BeginCheckError, BegunCheck, Examiner, Records, records};
pub use livekit::RegionMedia;
pub use livekit::endpoint::{
    BuiltInRecorder, Endpoint, Media, MediaFacts, MediaStatus, Rtmp, SideStatus, TurnPorts,
};
pub use matrix::{DelayedLeave, DelayedLeaves, SERVICE_PATH as MATRIX_SERVICE_PATH};
pub use metrics::Source as MetricsSource;
pub use platform::{ClaimedDatabase, OpenError, Platform};
pub use recordings::check as check_recordings;
pub use storage::free_bytes;
pub use system::{KeptLog, LogLevel, LogLine, Origin};
pub use usage::CertificateEnd;
