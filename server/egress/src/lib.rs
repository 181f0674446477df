//! LiveKit's Egress on a participant of its own: it joins a room as a hidden recorder over the public protocol, writes what it
//! hears and sees into files that no crash can take away, and makes films of them. It must not know a platform, nor which
//! server answers.

mod api;
mod ballast;
mod compose;
mod disk_space;
mod egress;
mod egresses;
mod info;
mod journal;
mod names;
mod order;
mod output;
mod record;
mod server;
mod settings;
mod stream;
mod webhook;

pub use server::{RunError, Server};
pub use settings::{Settings, Webhook};
