//! Facts about rooms, told by scripted participants: signal messages, peer events and time, without sockets.

mod agents;
mod data;
pub(crate) mod harness;
mod hostile;
mod joining;
mod leaving;
mod permission;
mod publishing;
mod recording;
mod resuming;
mod subscribing;
