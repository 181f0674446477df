//! `PATCH`: candidates as they are found, or an ICE restart.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_MATCH},
};

use super::{end::of_token, refusal::WhipRefusal, text_of};
use crate::{
    app::App,
    peer::IceFragment,
    whip::{NotTrickled, Publisher},
};

const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

pub(super) async fn with_join_token(
    State(app): State<Arc<App>>,
    Path(sid): Path<String>,
    request: Request,
) -> Result<Response, WhipRefusal> {
    let publisher = of_token(&app, request.uri(), request.headers(), &sid)?;
    patch(publisher, request).await
}

pub(super) async fn patch(publisher: Publisher, request: Request) -> Result<Response, WhipRefusal> {
    let (parts, body) = request.into_parts();
    let text = text_of(&parts.headers, body, FRAGMENT).await?;
    let etag = generation(&parts.headers).ok_or(WhipRefusal::NoGeneration)?;
    let fragment =
        IceFragment::parse(&text).map_err(|error| WhipRefusal::Fragment(error.to_string()))?;
    // A restart names any generation and brings credentials that are not those of the offer.
    let restart = fragment.credentials.clone().filter(|_| etag == "*");
    let candidates = fragment.candidates.clone();
    match (publisher.trickle(etag, fragment).await, restart) {
        (Err(NotTrickled::OtherCredentials), Some(credentials)) => {
            let restarted = publisher.restart(credentials, candidates).await?;
            let etag = format!("\"{}\"", restarted.etag);
            let headers = [(CONTENT_TYPE, FRAGMENT.to_owned()), (ETAG, etag)];
            Ok((StatusCode::OK, headers, restarted.fragment).into_response())
        }
        (taken, _) => {
            taken?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
    }
}

/// `If-Match`, with the quotes that HTTP wants or without, as the original hands it out.
fn generation(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(IF_MATCH)?.to_str().ok()?.trim();
    let value = value.strip_prefix("W/").unwrap_or(value);
    Some(value.trim_matches('"').to_owned()).filter(|value| !value.is_empty())
}
