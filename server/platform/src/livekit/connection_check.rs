//! A way into a throw-away room, so that a browser can try the whole path of a call. Such a room is on no record: presence,
//! history, seats and lists know rooms by their ids only, and its name is none.

use std::{collections::HashMap, time::Duration};

use axum::extract::State;
use livekit_wire::token::SignError;
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    LiveKitError,
    connectivity::signal_url,
    identity::{Identity, InvalidIdentity},
    room_service::{Beginning, RoomName},
    token::{JoinToken, Permissions},
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{ClientIp, Json, Problem, SiteAddress},
    random::Random,
};

/// What the name of each of these rooms starts with; no room of the site is called so.
const PREFIX: &str = "connection-check-";
// A check needs seconds; the room is gone as soon as it is left.
const TOKEN_LIFE: Duration = Duration::from_mins(1);
const BEGINNING: Beginning = Beginning {
    max_participants: 1,
    empty_timeout: 30,
    departure_timeout: 1,
    agents: Vec::new(),
};
// Each way is tried by itself, some until they fail.
const LONG_TOKEN_LIFE: Duration = Duration::from_mins(3);
const LONG_BEGINNING: Beginning = Beginning {
    max_participants: 2,
    empty_timeout: 60,
    departure_timeout: 20,
    agents: Vec::new(),
};
/// Nothing may be sent: the room is no place to meet.
const NOTHING: Permissions = Permissions {
    audio: false,
    video: false,
    screen_share: false,
    chat: false,
};
/// A moving picture, to measure what becomes of it.
const PICTURE: Permissions = Permissions {
    video: true,
    ..NOTHING
};

/// What a browser needs for the check.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionCheck {
    /// For livekit-client: ws:// or wss://.
    url: String,
    /// LiveKit's token, good for one minute and this check only.
    token: String,
    expires_at: Timestamp,
}

/// Why no check can be made.
#[derive(Debug, Error)]
pub enum ConnectionCheckError {
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    Token(#[from] SignError),
    #[error(transparent)]
    Identity(#[from] InvalidIdentity),
}

impl From<ConnectionCheckError> for Problem {
    fn from(error: ConnectionCheckError) -> Problem {
        match error {
            ConnectionCheckError::Media(cause) => cause.into(),
            ConnectionCheckError::Token(cause) => Problem::internal(&cause),
            ConnectionCheckError::Identity(cause) => Problem::internal(&cause),
        }
    }
}

/// Whether this is the name of a throw-away room: no list shows one.
pub fn is_throw_away(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Opens a throw-away room that nobody sees, to try the whole way of a call. Needs no account.
#[utoipa::path(
    post, path = "/api/connectivity/check", tag = "livekit", operation_id = "startConnectionCheck",
    responses((status = 200, body = ConnectionCheck), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn start(
    State(app): State<App>,
    ip: ClientIp,
    site: SiteAddress,
) -> Result<Json<ConnectionCheck>, Problem> {
    app.auth.limits.connection_check(&app, ip).await?;
    Ok(Json(open(&app, &site).await?))
}

async fn open(app: &App, site: &SiteAddress) -> Result<ConnectionCheck, ConnectionCheckError> {
    let now = app.now();
    let name = new_name(&app.random);
    let room = RoomName(name.clone());
    app.livekit.create_room(&room, BEGINNING, now).await?;
    let expires_at = now + TOKEN_LIFE;
    Ok(ConnectionCheck {
        url: signal_url(app, site),
        token: token(app, &room, &name, NOTHING, (now, expires_at))?,
        expires_at,
    })
}

fn new_name(random: &Random) -> String {
    format!("{PREFIX}{}", random.token())
}

fn token(
    app: &App,
    room: &RoomName,
    identity: &str,
    permissions: Permissions,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<String, ConnectionCheckError> {
    let identity: Identity = identity.parse()?;
    let token = JoinToken {
        room,
        identity: &identity,
        name: "",
        attributes: HashMap::new(),
        generation: None,
        permissions,
        not_before: now,
        expires_at,
    };
    Ok(app.livekit.join_token(token)?)
}

/// A throw-away room where one browser is twice: to send, and to receive.
pub struct PairRoom {
    room: RoomName,
}

/// The room once it is there.
pub struct OpenPairRoom {
    /// For livekit-client: ws:// or wss://.
    pub url: String,
    /// LiveKit's token for what sends.
    pub sender_token: String,
    /// LiveKit's token for what receives.
    pub receiver_token: String,
    /// Until when both are good.
    pub expires_at: Timestamp,
}

impl PairRoom {
    /// Names one.
    pub fn new(random: &Random) -> PairRoom {
        PairRoom {
            room: RoomName(new_name(random)),
        }
    }

    /// What the media server calls it.
    pub fn name(&self) -> &str {
        &self.room.0
    }

    /// Makes it on the media server.
    pub async fn open(
        self,
        app: &App,
        site: &SiteAddress,
    ) -> Result<OpenPairRoom, ConnectionCheckError> {
        let now = app.now();
        app.livekit
            .create_room(&self.room, LONG_BEGINNING, now)
            .await?;
        let times = (now, now + LONG_TOKEN_LIFE);
        let token = |side: &str, permissions| {
            let identity = format!("{}-{side}", self.room.0);
            token(app, &self.room, &identity, permissions, times)
        };
        Ok(OpenPairRoom {
            url: signal_url(app, site),
            sender_token: token("sender", PICTURE)?,
            receiver_token: token("receiver", NOTHING)?,
            expires_at: times.1,
        })
    }
}
#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TestApp, TestRoom, livekit};

    #[tokio::test]
    async fn anybody_gets_a_room_of_their_own_that_may_send_nothing() {
        let (app, media) = TestApp::start_with_livekit().await;
        let first = app
            .browser()
            .post("/api/connectivity/check", json!({}))
            .await;
        assert_eq!(first.status, 200, "{first:?}");
        let claims = livekit::claims(first.json["token"].as_str().unwrap());
        assert!(claims.video.room_join && !claims.video.room_create && !claims.video.room_admin);
        assert_eq!(claims.video.can_publish, Some(false));
        assert_eq!(claims.video.can_publish_data, Some(false));
        let request: livekit_protocol::CreateRoomRequest = media.calls("CreateRoom")[0].request();
        assert_eq!(request.name, claims.video.room);
        assert_eq!(
            (request.max_participants, request.departure_timeout),
            (1, 1)
        );
        let second = app
            .browser()
            .post("/api/connectivity/check", json!({}))
            .await;
        let others = livekit::claims(second.json["token"].as_str().unwrap());
        assert_ne!(others.video.room, claims.video.room);
        assert_ne!(others.sub, claims.sub);
    }

    #[tokio::test]
    async fn what_happens_in_a_check_is_neither_a_meeting_nor_a_person() {
        let (app, media) = TestApp::start_with_livekit().await;
        let mut ada = app.admin().await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let check = ada.post("/api/connectivity/check", json!({})).await;
        let claims = livekit::claims(check.json["token"].as_str().unwrap());
        let now = app.app().now();
        let person = livekit_protocol::ParticipantInfo {
            sid: "PA_check".to_owned(),
            identity: claims.sub.clone(),
            ..Default::default()
        };
        for kind in [
            "room_started",
            "participant_joined",
            "participant_left",
            "room_finished",
        ] {
            let event = media.event(kind, &claims.video.room, Some(&person), now);
            livekit::deliver(&app, &event).await;
        }
        assert_eq!(
            ada.get("/api/admin/overview").await.json["live_participants"],
            0
        );
        let meetings = ada.get(&room.path("/meetings")).await;
        assert_eq!(meetings.json["items"], json!([]));
    }

    #[tokio::test]
    async fn checks_are_counted_per_address() {
        let (app, _media) = TestApp::start_with_livekit().await;
        let mut browser = app.browser();
        for _ in 0..20 {
            browser.post("/api/connectivity/check", json!({})).await;
        }
        let answer = browser.post("/api/connectivity/check", json!({})).await;
        assert_eq!((answer.status, answer.code()), (429, "rate_limited"));
    }
}
