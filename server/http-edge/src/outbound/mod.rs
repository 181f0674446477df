//! HTTP that goes out: whose certificates are believed, and which addresses a server may have that somebody outside
//! named. It must not know what is asked there.

mod address_guard;
mod destination;
mod direct;
mod guarded_client;
mod names;
mod trust;

pub use address_guard::{AddressGuard, AllowedNetworks};
pub use destination::{Destination, NoDestination, Reach, Scheme};
pub use direct::{ClientError, direct};
pub use guarded_client::{Answer, GuardedClient, GuardedError, Request};
pub use names::{Names, SystemNames};
pub use trust::Trust;
