//! The machine's clock: the one place where the command reads it, to pass it on.

use std::time::SystemTime;

#[expect(
    clippy::disallowed_methods,
    reason = "where the clock that is passed in comes from"
)]
pub fn wall_clock() -> SystemTime {
    SystemTime::now()
}
