//! The only place of the media server with sockets, threads and the clock; it moves datagrams and knows nothing of
//! what they carry beyond the STUN user name.

mod core;
mod route;

pub use core::Core;
pub use route::{Datagram, Route, Routes, Transport};
