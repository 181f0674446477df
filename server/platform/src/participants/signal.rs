//! The signal socket on this site's origin: tokens that are withdrawn are turned away, the rest is passed on.

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, Request, State},
    response::Response,
};
use http::{StatusCode, Uri};
use livekit_client::SignalProxyError;
use livekit_wire::token::SignError;
use thiserror::Error;
use tokio::time::timeout;

use crate::{
    api_keys::{self, TokenRefused},
    app::App,
    db::DbError,
    http::{ClientIp, Problem, SiteAddress, TooMany},
    livekit::{
        LiveKitError,
        client_sdk::ClientSdk,
        room_service::RoomName,
        signal_proxy::{tokens, with_tokens},
        token::{self, TokenClaim},
    },
    meetings::{self, ClientFacts},
    moderation::{self, Unwelcome, Verdict},
    rooms::{self, OpenRoomError, region},
};

// One in the query and one in a header, and some to spare: each is looked up.
const MOST_TOKENS: usize = 4;
/// For what only the overview wants to know.
const PATIENCE: Duration = Duration::from_millis(500);

/// Why a signal request is not answered by the media server.
#[derive(Debug, Error)]
pub enum SignalError {
    #[error(transparent)]
    Unwelcome(#[from] Unwelcome),
    #[error(transparent)]
    Proxy(#[from] SignalProxyError),
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    Internal(#[from] DbError),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    Program(#[from] TokenRefused),
    #[error(transparent)]
    Signing(#[from] SignError),
}

impl From<OpenRoomError> for SignalError {
    fn from(error: OpenRoomError) -> SignalError {
        match error {
            OpenRoomError::Media(cause) => cause.into(),
            OpenRoomError::Internal(cause) => cause.into(),
        }
    }
}

impl From<SignalError> for Problem {
    fn from(error: SignalError) -> Problem {
        match error {
            SignalError::Unwelcome(reason) => reason.into(),
            SignalError::Media(cause) => cause.into(),
            SignalError::Proxy(SignalProxyError::Server(cause)) => LiveKitError::from(cause).into(),
            SignalError::Proxy(SignalProxyError::Malformed) => Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed_request",
                "The request cannot be passed on.",
            ),
            SignalError::Internal(cause) => cause.into(),
            SignalError::TooMany(reason) => reason.into(),
            SignalError::Program(reason) => reason.into(),
            SignalError::Signing(cause) => Problem::internal(&cause),
        }
    }
}

impl From<Unwelcome> for Problem {
    fn from(reason: Unwelcome) -> Problem {
        // 403 makes livekit-client give up; on 404 it would try the older path.
        let code = match reason {
            Unwelcome::RoomDeleted => "room_deleted",
            Unwelcome::Banned => "banned",
            Unwelcome::AccountClosed => "account_disabled",
            Unwelcome::SignedOut => "signed_out",
            Unwelcome::SecondConnection => "second_connection",
            Unwelcome::Withdrawn => "token_withdrawn",
            Unwelcome::Locked => "locked",
            Unwelcome::Full => "full",
            Unwelcome::ApiKeyRevoked => "api_key_revoked",
            Unwelcome::OtherRegion => "other_region",
        };
        Problem::new(StatusCode::FORBIDDEN, code, reason.to_string())
    }
}

/// Passes a signal request on to the media server.
pub(super) async fn signal(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Ok(ClientIp(client)) = ClientIp::from_request_parts(&mut parts, &app).await;
    let Ok(site) = SiteAddress::from_request_parts(&mut parts, &app).await;
    let request = Request::from_parts(parts, body);
    Ok(pass(&app, request, client, &site).await?)
}

async fn pass(
    app: &App,
    request: Request,
    client: std::net::IpAddr,
    site: &SiteAddress,
) -> Result<Response, SignalError> {
    let request = judged(app, request).await?;
    let slot = app.long_lived.socket(client)?;
    let livekit = match room_of(&request) {
        Some(room) => region::livekit_of(app, &room).await?,
        None => &app.livekit,
    };
    Ok(livekit
        .forward_socket(request, (client, site), slot, std::future::pending())
        .await?)
}

/// The room that a request has a token for; it goes to where that room's call is.
fn room_of(request: &Request) -> Option<RoomName> {
    let tokens = tokens(request.uri(), request.headers());
    let claim = tokens.iter().find_map(|token| token::peek(token))?;
    Some(claim.room)
}

/// A request to join with tokens that the media server believes, if whoever has them is welcome. Their rooms are open then.
pub async fn judged(app: &App, request: Request) -> Result<Request, SignalError> {
    let request = exchanged(app, request).await?;
    for token in tokens(request.uri(), request.headers()) {
        let Some(claim) = token::peek(&token) else {
            continue;
        };
        let livekit = region::livekit_of(app, &claim.room).await?;
        let admitted = livekit.admits(&token, app.now());
        let mut regions = app.every_region();
        if !admitted && regions.any(|region| region.livekit.admits(&token, app.now())) {
            // From before the call moved, or a program's: those are in the first region.
            return Err(Unwelcome::OtherRegion.into());
        }
        if !claim.identity.is_ours()
            && api_keys::let_in_by_revoked(app, &claim.room.0, &claim.identity.to_string()).await?
        {
            return Err(Unwelcome::ApiKeyRevoked.into());
        }
        let case = rooms::case(&mut app.db.reads().await?, &claim.room, &claim.identity).await?;
        match moderation::judge_token(case.as_ref(), &claim) {
            Verdict::Unwelcome(reason) => return Err(reason.into()),
            // A token lives longer than the seat that was kept with it. One that somebody made up takes none.
            Verdict::NeedsSeat { room, seats } if admitted => {
                let subject = claim.identity.subject();
                if !rooms::claim_seat(app, room, &subject, seats).await? {
                    return Err(Unwelcome::Full.into());
                }
            }
            Verdict::NeedsSeat { .. } | Verdict::Welcome => {}
        }
        if claim.identity.is_ours() && asks_for_second_connection(request.uri()) {
            return Err(Unwelcome::SecondConnection.into());
        }
        // A media server that was killed has forgotten its rooms, and one that also serves strangers
        // lets nobody make any by joining: those who come back find theirs as it was.
        if admitted {
            rooms::open_by_name(app, &claim.room).await?;
            if let Some(sdk) = ClientSdk::of_newcomer(request.uri()) {
                note(app, &claim, ClientFacts::of(sdk, request.headers())).await;
            }
        }
    }
    Ok(request)
}

/// Nobody waits in front of a call because the overview lacks a number.
async fn note(app: &App, claim: &TokenClaim, facts: ClientFacts) {
    let noted = meetings::note_client(app, &claim.room, &claim.identity, facts);
    match timeout(PATIENCE, noted).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "with what somebody comes cannot be written down");
        }
        Err(_) => tracing::warn!("with what somebody comes cannot be written down in time"),
    }
}

/// Puts tokens of the media server's own key in the place of those that programs signed with theirs, which it does not
/// know.
pub async fn exchanged(app: &App, request: Request) -> Result<Request, SignalError> {
    let tokens = tokens(request.uri(), request.headers());
    if tokens.len() > MOST_TOKENS {
        return Err(SignalProxyError::Malformed.into());
    }
    let mut exchanged = Vec::with_capacity(tokens.len());
    let mut programs = false;
    for token in tokens {
        let Some(program) = api_keys::read_token(app, &token).await? else {
            exchanged.push(token);
            continue;
        };
        if program.joins() {
            api_keys::admit(app, &program).await?;
        }
        exchanged.push(program.for_media_server(app)?);
        programs = true;
    }
    if programs {
        Ok(with_tokens(request, &exchanged)?)
    } else {
        Ok(request)
    }
}

/// `publish=NAME` lets a token open a connection with an identity of its own, again and again.
fn asks_for_second_connection(uri: &Uri) -> bool {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .any(|(name, value)| name == "publish" && !value.is_empty())
}
