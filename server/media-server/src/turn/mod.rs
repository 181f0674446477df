//! TURN (RFC 8656) to this media server and to nobody else: who may have a relayed address, and what goes over it. It must
//! not know sockets or the clock.

mod allocation;
mod credentials;
mod door;
mod frame;
mod message;
mod nonce;
mod places;
mod relays;

#[cfg(test)]
mod tests;

pub use allocation::{Allocation, Passed};
pub use credentials::{Credentials, Secret};
pub use door::{Answer, Door, OurAddresses};
pub use frame::{NotTurn, pad, take_frame};
pub use places::{Places, is_near};
pub use relays::{Lease, Parcel, Relays, is_relayed};
