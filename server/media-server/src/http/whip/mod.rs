//! `/whip/v1` and `/w`: publishing over HTTP with a join token or a stream key (RFC 9725; pkg/service/whipservice.go). It
//! must not know how a publisher's session is spoken.

mod end;
mod ingress;
mod patch;
mod publish;
mod refusal;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    routing::{get, patch, post},
};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use crate::app::App;
use refusal::WhipRefusal;

/// The original reads no more (`http.DefaultMaxHeaderBytes`).
const LONGEST_BODY: usize = 1 << 20;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/whip/v1",
            get(nothing_to_get).post(publish::with_join_token),
        )
        .route(
            "/whip/v1/{sid}",
            get(nothing_to_get)
                .patch(patch::with_join_token)
                .delete(end::with_join_token),
        )
        .route("/w", post(ingress::with_bearer))
        .route("/w/{key}", post(ingress::with_key))
        .route(
            "/w/{key}/{sid}",
            patch(ingress::patch_session).delete(ingress::end_session),
        )
}

/// Reserved for what may come (RFC 9725 section 4.1); the original's answer.
async fn nothing_to_get() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// A body of the one type that is meant.
async fn text_of(
    headers: &HeaderMap,
    body: Body,
    content_type: &'static str,
) -> Result<String, WhipRefusal> {
    let said = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = said.and_then(|said| said.split(';').next()).map(str::trim);
    if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case(content_type)) {
        return Err(WhipRefusal::ContentType(content_type));
    }
    let bytes = to_bytes(body, LONGEST_BODY)
        .await
        .map_err(|_| WhipRefusal::TooLarge)?;
    String::from_utf8(bytes.into()).map_err(|_| WhipRefusal::Offer("not UTF-8".to_owned()))
}
