//! `/.well-known/matrix/client`: tells Matrix clients which homeserver and which MatrixRTC service this host stands for.

use axum::{Json, extract::State, response::IntoResponse};
use http::header;
use serde_json::json;

use crate::{
    app::App,
    http::{Problem, SiteAddress},
};

/// Where the MatrixRTC service answers on this site.
pub const SERVICE_PATH: &str = "/livekit/jwt";

/// Answers as [MSC4143](https://github.com/matrix-org/matrix-spec-proposals/pull/4143) asks; 404 unless configured.
pub async fn client(
    State(app): State<App>,
    site: SiteAddress,
) -> Result<impl IntoResponse, Problem> {
    let matrix = &app.config.matrix;
    let homeserver = matrix
        .homeserver_url
        .as_ref()
        .filter(|_| matrix.enabled && matrix.well_known)
        .ok_or_else(|| Problem::not_found("page"))?;
    let body = json!({
        "m.homeserver": { "base_url": homeserver.as_str().trim_end_matches('/') },
        "org.matrix.msc4143.rtc_foci": [{
            "type": "livekit",
            "livekit_service_url": format!("{}{SERVICE_PATH}", site.origin()),
        }],
    });
    // Clients are web pages of other origins.
    Ok(([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(body)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::TestApp;

    #[tokio::test]
    async fn a_host_that_is_a_matrix_server_name_announces_homeserver_and_service() {
        let app = TestApp::start_with(|config, _| {
            config.server.public_url = Some("https://example.org".parse().unwrap());
            config.matrix.enabled = true;
            config.matrix.well_known = true;
            config.matrix.homeserver_url = Some("https://matrix.example.org".parse().unwrap());
        })
        .await;
        let answer = app.browser().get("/.well-known/matrix/client").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        let expected = json!({
            "m.homeserver": { "base_url": "https://matrix.example.org" },
            "org.matrix.msc4143.rtc_foci": [{
                "type": "livekit",
                "livekit_service_url": "https://example.org/livekit/jwt",
            }],
        });
        assert_eq!(answer.json, expected);
    }

    #[tokio::test]
    async fn a_host_that_is_none_announces_nothing() {
        let app = TestApp::start().await;
        let answer = app.browser().get("/.well-known/matrix/client").await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
    }
}
