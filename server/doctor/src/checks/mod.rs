//! The checks, one file each: facts in, findings out.

mod address;
mod certificate;
mod clock;
mod configuration;
mod database;
mod disk;
mod dns;
mod media_file;
mod media_server;
mod nat;
mod ports;
mod proxy;
mod redis;
mod site;
mod storage;
mod turn;
mod webhooks;

pub use address::address;
pub use certificate::certificate;
pub use clock::clock;
pub use configuration::configuration;
pub use database::database;
pub use disk::disk;
pub use dns::{dns, is_public};
pub use media_file::media_file;
pub use media_server::media_server;
pub use nat::nat;
pub use ports::ports;
pub use proxy::proxy;
pub use redis::redis;
pub use site::site;
pub use storage::storage;
pub use turn::turn;
pub use webhooks::webhooks;
