//! The signal socket of the mock: opened, or refused, or misbehaving, as the token's attribute `lk.mock` says. It must
//! not know rooms or media: no offer is ever answered.

mod connect;
mod messages;
mod script;
mod session;

pub(crate) use connect::{connect, validate};
