//! What every action shares on the wire: problems, parsed input, pages, protection, the web UI.

mod authorization;
mod client_ip;
mod exact;
mod export;
mod if_match;
mod json;
mod long_lived;
mod objects;
mod observe;
pub mod openapi;
mod order;
mod page;
mod path;
mod problem;
mod protect;
mod reference;
mod security_headers;
mod site_address;
pub mod web_ui;

pub use authorization::{authorization, bearer_tokens};
pub use client_ip::ClientIp;
pub use exact::exact;
pub use export::{Column, ExportFormat, ExportQuery, column, export, moment};
pub use if_match::IfMatch;
pub use json::{Json, Query, given};
pub use long_lived::{LongLived, StreamSlot, TooMany};
pub use order::{Direction, Keys, Way};
pub use page::{Page, PageQuery};
pub use path::Path;
pub use problem::{FieldError, Problem};
pub use protect::{api, everything};
pub use reference::routes as reference;
pub use site_address::SiteAddress;
pub use web_ui::method_not_allowed;
