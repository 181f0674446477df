//! A stateless, per-request programmable mock of LiveKit's HTTP API and signal socket, for SDK test suites.
//! It must not know rooms, media or any state that outlives a request.

mod advertise;
mod body;
mod call;
mod connection;
mod control;
mod failure;
mod message;
mod methods;
mod permission;
mod populate;
mod region;
mod regions;
mod server;
mod signal;
mod sip;

pub use advertise::{AdvertiseHost, AdvertiseHostError, TwirpPrefix, TwirpPrefixError};
pub use control::{Control, ControlError, FailMode, FailModeError};
pub use methods::DescriptorError;
pub use server::{BindError, DefaultControl, Options, Server};
pub use sip::{SipStatus, SipStatusError};
