//! The standalone service's settings, from the environment variables of element-hq/lk-jwt-service and a few of our own.
//! It must not know what they are for.

mod bind;
mod environment;
mod homeservers;
mod limits;
mod livekit;

pub use bind::{Bind, InvalidBind};
pub use environment::{Environment, EnvironmentError, Redis};
