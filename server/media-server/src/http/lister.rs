//! Lets in whoever may list rooms: what is told of all of them at once is for nobody else.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use livekit_wire::connect::ConnectParams;

use crate::app::App;

/// Somebody whose token grants `roomList`.
pub(super) struct Lister;

impl FromRequestParts<Arc<App>> for Lister {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let params = ConnectParams::parse(parts.uri.query().unwrap_or_default());
        let token = app
            .authorize(&parts.headers, params.access_token.as_deref())
            .map_err(IntoResponse::into_response)?;
        let video = token.and_then(|token| token.claims.video);
        if video.is_some_and(|video| video.room_list) {
            Ok(Self)
        } else {
            let refused = "a token with the grant roomList is needed";
            Err((StatusCode::UNAUTHORIZED, refused).into_response())
        }
    }
}
