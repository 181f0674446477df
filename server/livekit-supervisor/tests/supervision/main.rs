//! Facts about the supervisor, seen from outside: real processes on loopback and free ports.
//!
//! Facts listed in `with_every_server!` hold for the fixture, for the official server where LIVEKIT_SERVER_BIN names
//! one, and for the built-in server where CONVOKE_BIN names the binary that has it.

#![expect(
    clippy::disallowed_methods,
    reason = "tests of a real process go by the machine's clock"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod adoption;
mod commands;
mod house;
mod restart;
mod start;
mod stop;

/// Makes one test per server of each named fact, which is an `async fn(House)`.
macro_rules! with_every_server {
    ($($fact:ident),* $(,)?) => {
        mod with_the_fixture {
            $(#[tokio::test] async fn $fact() { super::$fact(crate::house::House::fixture(&[])).await; })*
        }
        mod with_livekit_server {
            $(#[tokio::test] async fn $fact() {
                if let Some(house) = crate::house::House::livekit_server() {
                    super::$fact(house).await;
                }
            })*
        }
        mod with_the_built_in_server {
            $(#[tokio::test] async fn $fact() {
                if let Some(house) = crate::house::House::built_in() {
                    super::$fact(house).await;
                }
            })*
        }
    };
}
use with_every_server;
