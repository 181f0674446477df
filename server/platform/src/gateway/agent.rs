//! `/agent`: a worker's socket is passed on to the media server under a token of the site, as long as the worker's API key is
//! good. What workers do is the media server's business.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{FromRequestParts, Request, State},
    response::Response,
};
use http::StatusCode;
use livekit_client::SignalProxyError;
use livekit_wire::token::SignError;
use thiserror::Error;

use crate::{
    api_keys::{self, ApiKeyId, TokenRefused},
    app::App,
    http::{ClientIp, Problem, SiteAddress, TooMany},
    livekit::{
        LiveKitError,
        signal_proxy::{tokens, with_tokens},
    },
};

// Revoking a key closes its workers on the built-in server at once; this is for the others.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Why a worker is not passed on.
#[derive(Debug, Error)]
pub enum AgentError {
    #[error("a token that grants agent is needed, in Authorization: Bearer")]
    NoToken,
    #[error("this API key is limited to rooms, and a worker goes into any")]
    LimitedKey,
    #[error(transparent)]
    Program(#[from] TokenRefused),
    #[error(transparent)]
    Signing(#[from] SignError),
    #[error(transparent)]
    Proxy(#[from] SignalProxyError),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl From<AgentError> for Problem {
    fn from(error: AgentError) -> Problem {
        match error {
            AgentError::NoToken => Problem::unauthenticated(),
            AgentError::LimitedKey => {
                Problem::new(StatusCode::FORBIDDEN, "limited_key", error.to_string())
            }
            AgentError::Program(reason) => reason.into(),
            AgentError::Signing(cause) => Problem::internal(&cause),
            AgentError::Proxy(SignalProxyError::Server(cause)) => LiveKitError::from(cause).into(),
            AgentError::Proxy(SignalProxyError::Malformed) => Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed_request",
                "The request cannot be passed on.",
            ),
            AgentError::TooMany(reason) => reason.into(),
        }
    }
}

/// Passes a worker on to the media server.
pub(super) async fn agent(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Ok(ClientIp(client)) = ClientIp::from_request_parts(&mut parts, &app).await;
    let Ok(site) = SiteAddress::from_request_parts(&mut parts, &app).await;
    let request = Request::from_parts(parts, body);
    Ok(pass(&app, request, client, &site).await?)
}

async fn pass(
    app: &App,
    request: Request,
    client: IpAddr,
    site: &SiteAddress,
) -> Result<Response, AgentError> {
    let tokens = tokens(request.uri(), request.headers());
    let [token] = &tokens[..] else {
        return Err(AgentError::NoToken);
    };
    let (token, key) = match api_keys::read_token(app, token).await? {
        Some(mut program) => {
            if program.api_key.rooms.is_some() {
                return Err(AgentError::LimitedKey);
            }
            // Whose worker it is: the media server closes those of a revoked key.
            program.claims.identity.clone_from(&program.api_key.key);
            (program.for_media_server(app)?, Some(program.api_key.id))
        }
        // Whoever has the media server's own key may all.
        None if app.livekit.verify(token, app.now()).is_ok() => (token.clone(), None),
        None => return Err(AgentError::NoToken),
    };
    let request = with_tokens(request, &[token])?;
    let slot = app.long_lived.socket(client)?;
    let end = revoked(app.clone(), key);
    let passed = app
        .livekit
        .forward_socket(request, (client, site), slot, end);
    Ok(passed.await?)
}

/// Comes when the key is good no more.
async fn revoked(app: App, key: Option<ApiKeyId>) {
    let Some(key) = key else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match api_keys::find(&app, key).await {
            Ok(Some(key)) if key.revoked_at.is_none() => {}
            Ok(_) => return,
            Err(error) => tracing::warn!(%error, "whether an API key is good cannot be said"),
        }
    }
}
