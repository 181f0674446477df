//! The process between a supervisor and a child that outlives it: starts the child, holds its output until somebody reads it, and
//! ends it when nobody needs it any more. It knows nothing of what the child does but whether it has work.

mod client;
mod lines;
mod process;
mod protocol;
mod question;
mod record;

pub use client::{Ended, Exit, Kept, Refused, end_kept};
pub use process::keep;
pub use protocol::{Order, Question, Work};
pub use record::Record;
