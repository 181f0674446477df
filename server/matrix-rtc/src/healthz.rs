//! `GET /healthz`: says that requests are answered, and nothing about homeservers or the SFU.

/// Nothing but the status.
pub async fn healthz() {}
