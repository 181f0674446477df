//! RTMP into rooms: takes encoders that name a stream key, has an ffmpeg make of what they send what browsers in calls take, and
//! publishes that as the ingress's participant. It must not know a platform, nor where ingresses are kept.

mod admission;
mod encoder;
mod encoders;
mod encoding;
mod flv;
mod h264;
mod media_server;
mod opening;
mod pace;
mod publish;
mod rtmp;
mod server;
mod settings;

pub use server::{RunError, Server};
pub use settings::Settings;
