//! The paths of the service, for its routes and for what is counted of them.

pub const SFU_GET: &str = "/sfu/get";
pub const GET_TOKEN: &str = "/get_token";
pub const DELEGATE_DELAYED_LEAVE: &str = "/delegate_delayed_leave";
pub const SFU_WEBHOOK: &str = "/sfu_webhook";
pub const HEALTHZ: &str = "/healthz";
pub const METRICS: &str = "/metrics";

/// Every one there is.
pub const ALL: [&str; 6] = [
    SFU_GET,
    GET_TOKEN,
    DELEGATE_DELAYED_LEAVE,
    SFU_WEBHOOK,
    HEALTHZ,
    METRICS,
];
