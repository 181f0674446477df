//! One call: its token, its body, and the way to a method and back.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header::CONTENT_LENGTH};
use livekit_wire::{
    Encoding,
    connect::ConnectParams,
    twirp::{Code, Reply, TwirpError, TwirpJson, decode_request, reply_encoding},
};
use prost::Message;
use serde::de::DeserializeOwned;

use super::grants::Grants;
use crate::app::App;

/// A call that has been received whole.
pub(super) struct Call {
    pub app: Arc<App>,
    pub grants: Grants,
    pub method: Method,
    pub path: String,
    pub encoding: Encoding,
    pub body: Bytes,
}

impl Call {
    /// Reads a call; the error is the finished answer.
    pub async fn receive(app: Arc<App>, request: Request) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let params = ConnectParams::parse(parts.uri.query().unwrap_or_default());
        let token = app
            .authorize(&parts.headers, params.access_token.as_deref())
            .map_err(IntoResponse::into_response)?;

        let limit = app.limit.max_api_request_body_size;
        let limit = if limit == 0 { usize::MAX } else { limit };
        let declared = parts
            .headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if let Some(declared) = declared.filter(|declared| *declared > limit) {
            tracing::info!(declared, limit, "request refused");
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "request body too large").into_response());
        }
        let (method, path) = (parts.method, parts.uri.path().to_owned());
        let encoding =
            reply_encoding(&method, &path, &parts.headers).map_err(IntoResponse::into_response)?;
        let body = to_bytes(body, limit).await.map_err(|error| {
            tracing::debug!(%error, "reading a request body failed");
            TwirpError::new(Code::Malformed, "failed to read request body").into_response()
        })?;
        let grants = Grants(token.map(|token| token.claims));
        Ok(Self {
            app,
            grants,
            method,
            path,
            encoding,
            body,
        })
    }

    /// Lets a method answer.
    pub async fn answer<Q, A>(
        self,
        method: impl AsyncFnOnce(&App, &Grants, Q) -> Result<A, TwirpError>,
    ) -> Response
    where
        Q: Message + Default + DeserializeOwned,
        A: Message + TwirpJson,
    {
        let request: Q = match decode_request(self.encoding, &self.body) {
            Ok(request) => request,
            Err(error) => return error.into_response(),
        };
        match method(&self.app, &self.grants, request).await {
            Ok(message) => Reply {
                encoding: self.encoding,
                message,
            }
            .into_response(),
            Err(error) => {
                tracing::info!(path = self.path, code = ?error.code, msg = error.msg, "call refused");
                error.into_response()
            }
        }
    }
}

/// A service has no such method.
pub(super) fn no_handler(call: &Call) -> TwirpError {
    TwirpError::bad_route(
        format!("no handler for path {:?}", call.path),
        &call.method,
        &call.path,
    )
}
