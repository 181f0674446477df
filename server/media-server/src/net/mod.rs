//! The only place of the media server with sockets, threads and the clock; it moves datagrams and knows nothing of
//! what they carry beyond the STUN user name, and leaves TURN to `turn`.

mod address;
mod announce;
mod clock;
mod core;
mod listen;
mod shard;
pub mod stun;
mod tcp;
mod turn;
mod udp;

pub use announce::{AddressConfig, Candidates, ListInterfaces, system_interfaces};
pub use clock::wall_clock;
pub use core::Core;
pub use listen::{Listeners, NetConfig, NetError};
pub use shard::Shard;
