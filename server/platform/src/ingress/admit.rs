//! Says whether an encoder may come in by a stream key; for the ingress process, which does not come by the site.

use axum::{body::Bytes, extract::State};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{StreamRefused, open_room_of};
use crate::{
    app::App,
    http::{Problem, authorization},
    participants::SignalError,
};

/// Who wants in.
#[derive(Debug, Deserialize)]
struct Question {
    stream_key: String,
}

/// Opens the room of a stream key, or says why its encoder stays outside.
pub async fn admit(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    if !app
        .livekit
        .has_signed(&body, authorization(&headers), app.now())
    {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "This is not signed with the media server's key.",
        ));
    }
    let question: Question = serde_json::from_slice(&body).map_err(|error| {
        let says = error.to_string();
        Problem::new(StatusCode::BAD_REQUEST, "malformed_request", says)
    })?;
    let opened = open_room_of(&app, &question.stream_key).await;
    opened.map_err(|refused| match refused {
        StreamRefused::Unwelcome(reason) => SignalError::from(reason),
        StreamRefused::Open(cause) => cause.into(),
    })?;
    Ok(StatusCode::NO_CONTENT)
}
