//! Sends one live stream to several addresses, each by an ffmpeg of its own, so that none waits for another. It must not know what
//! is in the stream, nor egresses.

mod fan_out;
mod flv;
mod sender;

pub use fan_out::FanOut;
pub use sender::{Failed, Sender};
