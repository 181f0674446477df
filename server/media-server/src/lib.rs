//! The built-in LiveKit-compatible media server: one node, no Redis. Sockets and the wall clock live in `net` and `http`
//! only; `room`, `participant`, `peer`, `forward` and `turn` take input and time and give output and deadlines.

#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "tests may start from the machine's clock"
    )
)]

mod agents;
mod app;
pub mod config;
mod egress;
pub mod forward;
pub mod ground;
mod http;
mod ingress;
pub mod net;
pub mod participant;
pub mod peer;
pub mod room;
mod room_service;
mod router;
mod server;
pub mod shard;
pub mod turn;
pub mod webhook;
mod whip;

pub use config::Config;
pub use server::{RunError, Server, run};
