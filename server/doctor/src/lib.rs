//! What is wrong with a site, in plain words: judges facts that others have collected, on the server and in a browser on
//! another network. It opens no socket and no file, and must not know a command line, a database or HTTP.

mod checks;
pub mod facts;
mod finding;
mod server;
#[cfg(test)]
mod tests;

pub use finding::{Check, Finding, State, worst};
pub use server::{ServerHalf, Told, examine};
