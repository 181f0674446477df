//! LiveKit from outside: tokens, calls of its services, webhooks, the signal socket's address and proxy, and a probe.
//! HTTP clients, the time and randomness are passed in. It must not know a platform, a database or which server answers.

mod address;
mod call;
mod endpoint;
mod error;
mod grant;
mod methods;
mod probe;
mod publisher;
mod resources;
mod signal_proxy;
mod webhook;

pub use address::{NotAServer, api_address, signal_address};
pub use call::{Client, ForeignAnswer, ForeignCall};
pub use endpoint::Endpoint;
pub use error::{CallError, Refusal};
pub use grant::Grant;
pub use livekit_wire::twirp::Code;
pub use methods::{Method, agent_dispatch, egress, ingress, room_service, sip};
pub use probe::{PlainHttp, Probe, ProbeError, Way};
pub use signal_proxy::{SignalProxy, SignalProxyError, Visitor};
pub use webhook::{InvalidWebhook, SignedWebhook, receive_webhook};
