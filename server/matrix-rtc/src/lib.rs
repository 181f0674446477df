//! MatrixRTC authorization: gives Matrix clients their LiveKit tokens and takes over their delayed leave events.
//! It must not know accounts, meetings or any other part of the site: a LiveKit endpoint and homeservers are its world.

mod access;
mod admission;
mod alias;
mod app;
mod body;
mod call_body;
pub mod config;
pub mod delayed_leave;
mod delegate_delayed_leave;
mod error;
mod get_token;
mod go_json;
mod handover;
mod healthz;
pub mod homeserver;
pub mod ids;
pub mod livekit;
mod member;
mod metrics;
mod observe;
mod open_rooms;
mod openid;
mod paths;
mod rate_limit;
mod router;
mod service;
mod sfu_get;
mod sfu_webhook;
mod sources;
mod turn_away;

pub use access::FullAccess;
pub use rate_limit::RateLimitSettings;
pub use service::{MatrixRtc, OpenError, Options};
pub use sources::{Random, Sources};
