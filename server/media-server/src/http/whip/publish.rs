//! `POST`: an SDP offer in, an SDP answer with candidates out.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, ETAG, LINK, LOCATION},
    request::Parts,
};
use livekit_wire::{
    VerifiedToken,
    connect::ConnectParams,
    proto::{IceServer, TrackSource},
};
use str0m::media::MediaKind;

use super::{super::client_address::client_address, text_of};
use super::{super::connect, refusal::WhipRefusal};
use crate::{
    app::App,
    ground::JoinRequest,
    http::refusal::Refusal,
    peer::OneShotOffer,
    whip::{Started, join_request},
};

pub(super) async fn with_join_token(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, WhipRefusal> {
    let (parts, body) = request.into_parts();
    let params = ConnectParams::parse(parts.uri.query().unwrap_or_default());
    let token = app
        .authorize(&parts.headers, params.access_token.as_deref())
        .map_err(Refusal::from)?;
    // Who may not publish is told so before its offer is read.
    let join = join_of(&app, token, &parts).await?;
    let text = text_of(&parts.headers, body, "application/sdp").await?;
    let offer = offer_of(&text)?;
    let join = join_request(publishable(join, &offer)?, &offer);
    let connection = app.connections.token();
    let started = app
        .publishers
        .start(&app.rooms, join, offer, connection)
        .await?;
    let location = format!("/whip/v1/{}", started.publisher.sid);
    Ok(created(&started, &location))
}

/// Everything that can be checked of a token.
async fn join_of(
    app: &App,
    token: Option<VerifiedToken>,
    parts: &Parts,
) -> Result<JoinRequest, WhipRefusal> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = client_address(&parts.headers, peer.map(|info| info.0));
    let nothing = ConnectParams::parse("");
    let endpoint = connect::Endpoint::V0;
    Ok(connect::check(app, endpoint, nothing, token, address, false).await?)
}

/// Reads an offer that publishes something.
pub(super) fn offer_of(text: &str) -> Result<OneShotOffer, WhipRefusal> {
    let offer = OneShotOffer::parse(text).map_err(|error| WhipRefusal::Offer(error.to_string()))?;
    if offer.tracks.is_empty() {
        return Err(WhipRefusal::NothingToPublish);
    }
    Ok(offer)
}

/// The join of somebody who may publish at least one of the offer's tracks.
fn publishable(join: JoinRequest, offer: &OneShotOffer) -> Result<JoinRequest, WhipRefusal> {
    let grants = join.token.claims.video.as_ref();
    let may_publish = |kind| {
        let source = match kind {
            MediaKind::Audio => TrackSource::Microphone,
            MediaKind::Video => TrackSource::Camera,
        };
        grants.is_some_and(|grants| grants.can_publish_source(source))
    };
    if offer.tracks.iter().any(|track| may_publish(track.kind)) {
        Ok(join)
    } else {
        Err(Refusal::NoPermission.into())
    }
}

/// The answer to an offer that was taken.
pub(super) fn created(started: &Started, location: &str) -> Response {
    let mut response = (
        StatusCode::CREATED,
        [(CONTENT_TYPE, "application/sdp")],
        started.answer.clone(),
    )
        .into_response();
    let headers = response.headers_mut();
    let mut add = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.append(name, value);
        }
    };
    add(LOCATION, location);
    add(ETAG, &format!("\"{}\"", started.etag));
    for server in &started.ice_servers {
        for url in &server.urls {
            add(LINK, &link(server, url));
        }
    }
    response
}

/// RFC 9725 section 4.6.
fn link(server: &IceServer, url: &str) -> String {
    let who = if server.username.is_empty() {
        String::new()
    } else {
        let (username, credential) = (quoted(&server.username), quoted(&server.credential));
        format!("; username={username}; credential={credential}; credential-type=\"password\"")
    };
    format!("<{url}>; rel=\"ice-server\"{who}")
}

/// A quoted string (RFC 9110 section 5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_linked_with_its_credentials() {
        let stun = IceServer::default();
        assert_eq!(
            link(&stun, "stun:stun.example:3478"),
            "<stun:stun.example:3478>; rel=\"ice-server\""
        );
        let turn = IceServer {
            username: "ann".to_owned(),
            credential: "a\"b\\c".to_owned(),
            ..IceServer::default()
        };
        assert_eq!(
            link(&turn, "turn:turn.example?transport=udp"),
            "<turn:turn.example?transport=udp>; rel=\"ice-server\"; username=\"ann\"; \
             credential=\"a\\\"b\\\\c\"; credential-type=\"password\""
        );
    }
}
