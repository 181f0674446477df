//! Opening the socket, and `validate`, which clients ask why it did not open.

use axum::{
    body::Body,
    extract::{FromRequestParts, ws::WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Request, StatusCode, header::ACCESS_CONTROL_ALLOW_ORIGIN};
use livekit_wire::{
    Claims, TokenError,
    connect::{ConnectParams, decode_join_request},
    token::verify_any_key,
};

use super::{
    script::{Mode, Script},
    session::{self, Session},
};
use crate::{permission::bearer, region::Region};

/// Bytes of a message: LiveKit's own bound.
const MAX_MESSAGE: usize = 2 << 20;

/// Why a socket does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("invalid token: {0}")]
    Token(#[from] TokenError),
    #[error("internal server error")]
    Internal,
    /// What a server says that is not LiveKit's.
    #[error("404 page not found")]
    NoService,
    #[error("requested room does not exist")]
    NoRoom,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NoService | Self::NoRoom => StatusCode::NOT_FOUND,
        };
        (status, self.to_string()).into_response()
    }
}

/// Answers what opening the socket would.
pub(crate) fn validate(region: &Region, request: &Request<Body>) -> Response {
    let answer = match admit(region, request.uri().query(), request.headers()) {
        Ok(_) => "success".into_response(),
        Err(refusal) => refusal.into_response(),
    };
    ([(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], answer).into_response()
}

/// Opens the socket, or refuses.
pub(crate) async fn connect(region: &Region, request: Request<Body>) -> Response {
    let (mut parts, _) = request.into_parts();
    let session = match admit(region, parts.uri.query(), &parts.headers) {
        Ok(session) => session,
        Err(refusal) => return refusal.into_response(),
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let stop = region.mock.stop.clone();
    let running = region.mock.running.token();
    upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(async move |socket| {
            session::run(socket, session, &stop).await;
            drop(running);
        })
}

fn admit(region: &Region, query: Option<&str>, headers: &HeaderMap) -> Result<Session, Refusal> {
    let params = ConnectParams::parse(query.unwrap_or_default());
    let claims = claims(region, &params, headers)?;
    let script = Script::of(&claims);
    match script.mode {
        Mode::Validate500 => return Err(Refusal::Internal),
        Mode::ValidateServiceNotFound => return Err(Refusal::NoService),
        Mode::RoomNotFound => return Err(Refusal::NoRoom),
        _ => {}
    }
    Ok(Session {
        region: region.name(),
        resumes: resumes(&params),
        claims,
        script,
        clock: region.mock.clock,
    })
}

fn claims(
    region: &Region,
    params: &ConnectParams,
    headers: &HeaderMap,
) -> Result<Claims, TokenError> {
    let token = params
        .access_token
        .as_deref()
        .unwrap_or_else(|| bearer(headers));
    let mock = &region.mock;
    Ok(verify_any_key(token, &mock.api_secret, (mock.clock)())?.claims)
}

/// Whether the client resumes a session. The single-connection clients say it inside their join request; one that cannot
/// be read says nothing, as in LiveKit's own mock.
fn resumes(params: &ConnectParams) -> bool {
    let packed = params.join_request.as_deref().map(decode_join_request);
    let inside = match packed.transpose() {
        Ok(join_request) => join_request.is_some_and(|request| request.reconnect),
        Err(error) => {
            tracing::warn!(%error, "passing over a join request");
            false
        }
    };
    params.reconnect || inside
}
