//! What is remembered of the device that signs in.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{header, request::Parts};

use crate::{app::App, http::ClientIp};

/// The device behind a request, as its owner will recognise it in the list of sessions.
#[derive(Debug, Clone)]
pub struct Device {
    pub ip: ClientIp,
    /// At most 300 characters.
    pub user_agent: Option<String>,
}

impl FromRequestParts<App> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Device, Infallible> {
        let user_agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|text| text.chars().take(300).collect());
        Ok(Device {
            ip: ClientIp::from_request_parts(parts, app).await?,
            user_agent,
        })
    }
}
