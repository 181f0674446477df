//! One call: its token, its body, and the way to a method and back.

use std::fmt::Display;

use axum::{
    body::{Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use livekit_wire::{
    Encoding,
    twirp::{Code, Reply, TwirpError, TwirpJson, decode_request, reply_encoding},
};
use serde::de::DeserializeOwned;

use crate::egresses::Egresses;

/// Of a request's body; no start asks for more.
const LARGEST_BODY: usize = 1 << 20;

/// A call that has been received whole, of somebody who may record.
pub struct Call {
    method: Method,
    path: String,
    encoding: Encoding,
    body: Bytes,
}

impl Call {
    /// Checks and reads a call.
    pub async fn receive(egresses: &Egresses, request: Request) -> Result<Call, TwirpError> {
        let (parts, body) = request.into_parts();
        may_record(egresses, &parts.headers)?;
        let (method, path) = (parts.method, parts.uri.path().to_owned());
        let encoding = reply_encoding(&method, &path, &parts.headers)?;
        let body = to_bytes(body, LARGEST_BODY)
            .await
            .map_err(|_| TwirpError::new(Code::Malformed, "failed to read request body"))?;
        Ok(Call {
            method,
            path,
            encoding,
            body,
        })
    }

    /// Lets a method answer.
    pub async fn answer<Q, A>(
        self,
        egresses: &Egresses,
        method: impl AsyncFnOnce(&Egresses, Q) -> Result<A, TwirpError>,
    ) -> Response
    where
        Q: prost::Message + Default + DeserializeOwned,
        A: prost::Message + TwirpJson,
    {
        let answered = match decode_request(self.encoding, &self.body) {
            Ok(request) => method(egresses, request).await,
            Err(error) => Err(error),
        };
        match answered {
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

    /// Answers a call of no method.
    pub fn no_handler(self) -> Response {
        let msg = format!("no handler for path {:?}", self.path);
        TwirpError::bad_route(msg, &self.method, &self.path).into_response()
    }
}

/// Whether the caller's token grants `roomRecord`.
pub fn may_record(egresses: &Egresses, headers: &HeaderMap) -> Result<(), TwirpError> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .ok_or_else(TwirpError::permission_denied)?;
    let shared = egresses.shared();
    let verified = shared
        .endpoint
        .verify(token, (shared.wall_clock)())
        .map_err(|error| TwirpError::new(Code::Unauthenticated, error.to_string()))?;
    let grants = verified.claims.video;
    if grants.is_some_and(|video| video.room_record) {
        Ok(())
    } else {
        Err(TwirpError::permission_denied())
    }
}

/// A fault of ours: in the log with its cause, to callers without.
pub fn internal(error: impl Display) -> TwirpError {
    tracing::error!(%error, "a call failed");
    TwirpError::new(Code::Internal, "internal error")
}
