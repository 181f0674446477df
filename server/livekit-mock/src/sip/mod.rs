//! What is peculiar to calls over SIP: they take their time, and end with a SIP status.

mod dial;
mod status;

pub(crate) use dial::Dial;
pub use status::{SipStatus, SipStatusError};
