//! Lets somebody into a room: the verdict, a seat, and a token for a few minutes.

use std::{collections::HashMap, time::Duration};

use axum::{extract::State, response::AppendHeaders};
use axum_extra::extract::cookie::Cookie;
use garde::Validate;
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    admission::{self, Refusal},
    caller::Caller,
    model::{RoomRole, Slug},
    store::{self, RoomRow},
    view::{self, Room},
};
use crate::{
    app::App,
    auth::{self, Guest},
    clock::Timestamp,
    db::{DbError, Tx},
    http::{ClientIp, Json, Path, Problem},
    livekit::{
        LiveKitError,
        connectivity::signal_url,
        error::{TokenError, media_unavailable},
        identity::Identity,
        room_service::RoomLimits,
        token::{JoinToken, Permissions},
    },
    participants,
    users::UserName,
};

// From the token to the call: a browser needs two or three seconds, a slow phone ten.
const SEAT_HELD: Duration = Duration::from_secs(30);
// A page that reloads finds its call; LiveKit's own default.
const DEPARTURE_TIMEOUT: u32 = 20;
const EMPTY_TIMEOUT: u32 = 300;

/// Who joins.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRoom {
    /// The name others see; needed from guests, ignored from the signed-in.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    name: Option<UserName>,
}

/// What a browser needs to enter the call.
#[derive(Debug, Serialize, ToSchema)]
pub struct Join {
    /// For livekit-client: ws:// or wss://.
    url: String,
    /// LiveKit's token.
    token: String,
    expires_at: Timestamp,
    identity: Identity,
    name: String,
    room: Room,
    role: RoomRole,
}

/// Why nobody is let in.
#[derive(Debug, Error)]
pub enum JoinRoomError {
    #[error("refused")]
    Refused(Refusal),
    #[error("a guest needs a name")]
    NameRequired,
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<JoinRoomError> for Problem {
    fn from(error: JoinRoomError) -> Problem {
        match error {
            JoinRoomError::Refused(refusal) => refusal.into(),
            JoinRoomError::NameRequired => {
                Problem::invalid_field("name", "required", "Guests need a name.")
            }
            JoinRoomError::Media(cause) => cause.into(),
            JoinRoomError::Token(cause) => Problem::internal(&cause),
            JoinRoomError::Internal(cause) => Problem::internal(&cause),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let forbidden = |code, detail| Problem::new(StatusCode::FORBIDDEN, code, detail);
        match refusal {
            Refusal::SignInRequired => forbidden("sign_in_required", "Sign in to join this room."),
            Refusal::Private => forbidden("private", "This room is for invited people."),
            Refusal::Locked => forbidden("locked", "The room is locked."),
            Refusal::Banned => forbidden("banned", "You were banned from this room."),
            Refusal::Full => Problem::new(StatusCode::CONFLICT, "full", "The room is full."),
            Refusal::MediaUnavailable => media_unavailable(),
        }
    }
}

type SetCookie = AppendHeaders<Option<(HeaderName, String)>>;

/// Asks to join: a token for this room, with what the caller's role may do.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/join", tag = "rooms", operation_id = "joinRoom",
    params(("slug" = Slug, Path)), request_body = JoinRoom,
    responses((status = 200, body = Join), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn join(
    State(app): State<App>,
    ip: ClientIp,
    headers: HeaderMap,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<JoinRoom>,
) -> Result<(SetCookie, Json<Join>), Problem> {
    app.auth.limits.join(ip)?;
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let (join, cookie) = enter(&app, caller, room, input.name, host).await?;
    let header = cookie.map(|cookie| (header::SET_COOKIE, cookie.to_string()));
    Ok((AppendHeaders(header), Json(join)))
}

async fn enter(
    app: &App,
    caller: Caller,
    room: RoomRow,
    name: Option<UserName>,
    host: Option<&str>,
) -> Result<(Join, Option<Cookie<'static>>), JoinRoomError> {
    let facts = admission::facts(&room, &caller, &app.livekit.status());
    admission::decide(&facts).map_err(JoinRoomError::Refused)?;
    let name = match (caller.current_user(), name) {
        (Some(current), _) => current.user.name.clone(),
        (None, Some(name)) => name,
        (None, None) => return Err(JoinRoomError::NameRequired),
    };
    if room.live == 0 {
        open_on_media_server(app, &room).await?;
    }

    let mut tx = app.db.begin().await?;
    let (caller, cookie) = welcome_guest(app, &mut tx, caller, &name).await?;
    // A caller without an identity was given one just now.
    let identity = caller
        .identity()
        .cloned()
        .ok_or(JoinRoomError::NameRequired)?;
    if room.max_participants > 0 {
        take_seat(app, &mut tx, &room, facts.role, &identity).await?;
    }
    let revoked_before = participants::readmit(&mut tx, room.id, &identity).await?;
    let closed_before = store::tokens_not_before(&mut tx, room.id).await?;
    let decided = participants::permissions_of(&mut tx, room.id, &identity.subject()).await?;
    tx.commit().await?;

    let permissions = permissions(facts.role, &room, decided);
    let now = app.now();
    // A token made in the second of a kick must be younger than those that the kick made worthless.
    let earliest = Timestamp(revoked_before.max(closed_before).saturating_mul(1000));
    let expires_at = now + app.config.rooms.token_lifetime();
    let token = app.livekit.join_token(JoinToken {
        room: &room.id.livekit_name(),
        identity: &identity,
        name: name.as_str(),
        attributes: HashMap::from([("role".to_owned(), facts.role.to_string())]),
        permissions,
        not_before: now.max(earliest),
        expires_at,
    })?;
    let join = Join {
        url: signal_url(app, host),
        token,
        expires_at,
        identity,
        name: name.to_string(),
        role: facts.role,
        room: view::show(app, room, &caller),
    };
    Ok((join, cookie))
}

/// What a role may send; what a moderator decided for one person goes before the room's defaults.
fn permissions(role: RoomRole, room: &RoomRow, decided: Option<Permissions>) -> Permissions {
    if role.moderates() {
        Permissions::ALL
    } else {
        decided.unwrap_or_else(|| room.media())
    }
}

/// The media server's own limit leaves room for those who always get in; seats are counted here.
async fn open_on_media_server(app: &App, room: &RoomRow) -> Result<(), LiveKitError> {
    let seats = match room.max_participants {
        0 => 0,
        seats => u32::try_from(seats + 1 + room.moderators).unwrap_or(u32::MAX),
    };
    let limits = RoomLimits {
        max_participants: seats,
        empty_timeout: EMPTY_TIMEOUT,
        departure_timeout: DEPARTURE_TIMEOUT,
    };
    app.livekit
        .create_room(&room.id.livekit_name(), limits, app.now())
        .await?;
    Ok(())
}

async fn welcome_guest(
    app: &App,
    tx: &mut Tx,
    caller: Caller,
    name: &UserName,
) -> Result<(Caller, Option<Cookie<'static>>), DbError> {
    if caller.current_user().is_some() {
        return Ok((caller, None));
    }
    let known: Option<Guest> = caller.known_guest().cloned();
    match known {
        Some(guest) => {
            let guest = auth::welcome_back(app, tx, guest, name.clone()).await?;
            Ok((Caller::guest(guest), None))
        }
        None => {
            let (guest, cookie) = auth::welcome(app, tx, name.clone()).await?;
            Ok((Caller::guest(guest), Some(cookie)))
        }
    }
}

/// Two who ask for the last seat at once are told apart here, not by who connects first.
async fn take_seat(
    app: &App,
    tx: &mut Tx,
    room: &RoomRow,
    role: RoomRole,
    identity: &Identity,
) -> Result<(), JoinRoomError> {
    let now = app.now();
    tx.lock(&format!("seats of {}", room.id)).await?;
    store::delete_expired_seats(tx, now).await?;
    let taken = store::taken_seats(tx, room.id, identity, now).await?;
    if !role.moderates() && taken >= room.max_participants {
        return Err(JoinRoomError::Refused(Refusal::Full));
    }
    store::hold_seat(tx, room.id, identity, now + SEAT_HELD).await?;
    Ok(())
}
