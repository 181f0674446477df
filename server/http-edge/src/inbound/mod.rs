//! Serves HTTP to strangers: every connection has a seat, every wait an end, every buffer a bound.

mod activity;
mod beside;
mod client_address;
mod descriptors;
mod framing;
mod head;
mod limits;
mod path;
mod range;
mod rate_limit;
mod remarks;
mod request_id;
mod seats;
mod serve;
mod shares;
mod stream;

pub use beside::{Beside, Decrypted, Take};
pub use client_address::client_address;
pub use descriptors::{descriptors_for_connections, raise_descriptor_limit};
pub use limits::Limits;
pub use path::clean_path;
pub use range::{ByteRange, Wanted, wanted};
pub use rate_limit::RateLimit;
pub use remarks::Remarks;
pub use request_id::RequestId;
pub use seats::{Refused, Seat, Seats, network};
pub use serve::{Server, TlsSource};
pub use shares::{Share, Shares};
