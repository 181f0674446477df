//! HTTP at the edge, both ways: `inbound` serves strangers, `outbound` goes to servers, also to those that strangers name;
//! `metrics` is what an operator can graph of it. It must not know what is served or asked.

mod inbound;
pub mod metrics;
pub mod outbound;

pub use inbound::{
    Beside, ByteRange, Decrypted, Limits, RateLimit, Refused, Remarks, RequestId, Seat, Seats,
    Server, Share, Shares, Take, TlsSource, Wanted, clean_path, client_address,
    descriptors_for_connections, network, raise_descriptor_limit, wanted,
};
