//! Twirp, the server's side: requests and answers in protobuf or JSON, errors as `{code, msg, meta}`. It must not know
//! any method.

mod agent_dispatch_json;
mod call;
mod egress_json;
mod error;
mod ingress_json;
mod json;
mod room_service_json;

pub use call::{Reply, decode_request, reply_encoding};
pub use error::{Code, TwirpError};
pub use json::{AsJson, TwirpJson};
