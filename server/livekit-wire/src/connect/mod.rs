//! What a client says when it opens the signal WebSocket: query parameters, and in v1 a packed `JoinRequest`. Who may
//! join is decided elsewhere.

mod join_request;
mod params;

pub use join_request::{
    JoinRequestError, MAX_JOIN_REQUEST, decode_join_request, encode_join_request,
};
pub use params::{AttributesError, ConnectParams};
