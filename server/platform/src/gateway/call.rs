//! One call of a LiveKit service by a program: checked with the program's key, passed on in the site's name.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use livekit_client::{ForeignAnswer, ForeignCall};
use livekit_wire::twirp::{Code, TwirpError, reply_encoding};

use super::{
    error::GatewayError,
    scope::{self, Call},
};
use crate::{api_keys, app::App, http::bearer_tokens};

const RETRY_AFTER: Duration = Duration::from_secs(2);
const SERVICES: &str = "livekit.";
const EGRESS: &str = "livekit.Egress";

/// Passes a call on to whoever serves it.
pub(super) async fn call(
    State(app): State<App>,
    Path((service, method)): Path<(String, String)>,
    verb: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let encoding = match reply_encoding(&verb, uri.path(), &headers) {
        Ok(encoding) => encoding,
        Err(error) => return error.into_response(),
    };
    let call = Call {
        service: &service,
        method: &method,
        encoding,
        body,
    };
    pass(&app, call, &headers).await.unwrap_or_else(|error| {
        let error = TwirpError::from(error);
        let unavailable = error.code == Code::Unavailable;
        let mut response = error.into_response();
        if unavailable {
            let after = RETRY_AFTER.as_secs().into();
            response.headers_mut().insert(header::RETRY_AFTER, after);
        }
        response
    })
}

async fn pass(app: &App, call: Call<'_>, headers: &HeaderMap) -> Result<Response, GatewayError> {
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
    let Call {
        service, method, ..
    } = call;
    if !service.starts_with(SERVICES) || !service.split('.').all(is_word) || !is_word(method) {
        return Err(GatewayError::NoService(format!("{service}/{method}")));
    }
    let token = bearer_tokens(headers).next().ok_or(GatewayError::NoToken)?;
    let program = api_keys::read_token(app, token).await?;
    let token = match &program {
        Some(program) => {
            scope::check(app, program, &call).await?;
            program.for_media_server(app)?
        }
        // Whoever has the media server's own key may all.
        None if app.livekit.verify(token, app.now()).is_ok() => token.to_owned(),
        None => return Err(GatewayError::UnknownKey),
    };
    let foreign = ForeignCall {
        path: &format!("{service}/{method}"),
        content_type: call.encoding.content_type(),
        body: call.body.clone(),
        token: &token,
    };
    let answer = match &app.recorder {
        Some(recorder) if service == EGRESS => recorder.pass_on(foreign).await?,
        _ => app.livekit.pass_on(foreign).await?,
    };
    match program {
        Some(program) if answer.status == StatusCode::OK => {
            Ok(scope::seen_by(&program, &call, answer).map(respond)?)
        }
        _ => Ok(respond(answer)),
    }
}

fn respond(answer: ForeignAnswer) -> Response {
    let mut response = (answer.status, answer.body).into_response();
    match answer.content_type {
        Some(content_type) => response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type),
        None => response.headers_mut().remove(header::CONTENT_TYPE),
    };
    response
}
