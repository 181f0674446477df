//! Links that let somebody back into an account whose password is lost: made by an administrator or on the
//! command line, used once, gone after a day.

pub mod create;
pub mod issue;
pub mod redeem;
pub mod store;
