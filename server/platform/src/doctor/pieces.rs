//! A body in two pieces: whoever gets both at once has something in the way that holds bodies back.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use http::header;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    app::App,
    http::{ClientIp, Problem, SiteAddress},
};

const APART: Duration = Duration::from_secs(1);

/// Says how this site sees who asks, and a second later that this is all.
pub async fn pieces(
    State(app): State<App>,
    ip: ClientIp,
    site: SiteAddress,
) -> Result<Response, Problem> {
    app.auth.limits.connection_check(&app, ip).await?;
    let slot = app.long_lived.socket(ip.0)?;
    let first = json!({
        "product": "convoke",
        "https": site.is_https(),
        "address": ip.0,
        "host": site.addressed().map(ToString::to_string),
    });
    let first = Bytes::from(format!("{first}\n"));
    let second = async move {
        sleep(APART).await;
        drop(slot);
        Bytes::from_static(b"{\"end\":true}\n")
    };
    let body = stream::iter([first]).chain(stream::once(second));
    let body = Body::from_stream(body.map(Ok::<_, Infallible>));
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body).into_response())
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn both_pieces_come_and_the_first_says_how_one_is_seen() {
        let app = TestApp::start().await;
        let answer = app.browser().get("/api/doctor/pieces").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let lines: Vec<serde_json::Value> = answer
            .text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["product"], "convoke");
        assert_eq!(lines[0]["https"], false);
        assert_eq!(lines[1]["end"], true);
    }
}
