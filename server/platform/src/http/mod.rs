//! What every action shares on the wire: problems, parsed input, pages, cookies, protection.

mod client_ip;
mod json;
mod page;
mod path;
pub mod problem;

pub use client_ip::ClientIp;
pub use json::{Json, Query};
pub use page::{Page, PageQuery};
pub use path::Path;
pub use problem::{FieldError, Problem};
