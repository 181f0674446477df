//! What is wrong with a site, in plain words: judges facts that others have collected, on the server and in a browser on
//! another network. It opens no socket and no file, and must not know a command line, a database or HTTP.

pub mod browser;
mod checks;
pub mod facts;
mod finding;
mod server;
#[cfg(test)]
mod tests;
mod verdict;
#[cfg(test)]
mod verdict_tests;

pub use browser::{BrowserHalf, Measured, Outcome, Tried, Way};
pub use finding::{Check, Finding, State, text, worst};
pub use server::{ServerHalf, Told, examine};
pub use verdict::{Report, report};
