//! Publishers over HTTP (WHIP, RFC 9725): judged like those who open a signal socket, or let in by a stream key, and passed
//! on to the media server. Which media server that is they need not know.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    response::{IntoResponse, Response},
};
use http::Method;
use livekit_client::SignalProxyError;
use serde::Deserialize;

use crate::{
    app::App,
    http::{ClientIp, Problem, SiteAddress, bearer_tokens},
    ingress::{self, StreamRefused},
    participants::{self, SignalError},
};

/// `/whip/v1…`: with a join token.
pub(super) async fn with_join_token(
    State(app): State<App>,
    request: Request,
) -> Result<Response, Problem> {
    let request = if request.method() == Method::POST {
        participants::judged(&app, request).await?
    } else {
        participants::exchanged(&app, request).await?
    };
    pass(&app, request).await
}

/// `/w…`: with a stream key, which the media server judges. A room of ours is opened as we want it.
pub(super) async fn with_stream_key(
    State(app): State<App>,
    client: ClientIp,
    Path(address): Path<StreamAddress>,
    request: Request,
) -> Result<Response, Problem> {
    if request.method() == Method::POST {
        app.auth.limits.join(&app, client).await?;
        let bearer = bearer_tokens(request.headers()).next().map(str::to_owned);
        let key = address.key.or(bearer).unwrap_or_default();
        let opened = ingress::open_room_of(&app, &key).await;
        opened.map_err(|refused| match refused {
            StreamRefused::Unwelcome(reason) => SignalError::from(reason),
            StreamRefused::Open(cause) => cause.into(),
        })?;
    }
    pass(&app, request).await
}

/// What stands in the address of an encoder.
#[derive(Debug, Deserialize)]
pub(super) struct StreamAddress {
    key: Option<String>,
}

async fn pass(app: &App, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Ok(ClientIp(client)) = ClientIp::from_request_parts(&mut parts, app).await;
    let Ok(site) = SiteAddress::from_request_parts(&mut parts, app).await;
    let request = Request::from_parts(parts, body);
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    let body = match Bytes::from_request(limited, app).await {
        Ok(body) => body,
        Err(refused) => return Ok(refused.into_response()),
    };
    let passed = app
        .livekit
        .forward_publisher(Request::from_parts(parts, body), (client, &site));
    let answer = passed.await.map_err(SignalError::from)?;
    Ok(answer.map(Body::from))
}

impl From<SignalProxyError> for Problem {
    fn from(error: SignalProxyError) -> Problem {
        SignalError::from(error).into()
    }
}
