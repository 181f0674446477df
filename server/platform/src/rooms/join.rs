//! Lets somebody into a room: the verdict, a seat, and a token for a few minutes.

use std::{collections::HashMap, time::Duration};

use axum::{extract::State, response::AppendHeaders};
use axum_extra::extract::cookie::Cookie;
use garde::Validate;
use http::{HeaderName, StatusCode, header};
use livekit_wire::token::SignError;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    access::{self, Refusal},
    caller::Caller,
    found::Found,
    model::{RoomRole, Slug},
    open::OpenRoomError,
    region::{self, UnknownRegion},
    seats,
    store::{self, RoomRow},
    view::{self, Room},
};
use crate::{
    accounts::{self, UserName},
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    http::{ClientIp, Json, Path, Problem, SiteAddress},
    livekit::{
        LiveKitError,
        error::media_unavailable,
        identity::Identity,
        token::{JoinToken, Permissions},
    },
    moderation, text,
};

/// Of a token that is used past our signal socket, where nobody turns it away before it opens a connection: enough to
/// connect with, and the media server gives those who are in a call one that lasts.
const LONGEST_PAST_US: Duration = Duration::from_mins(1);

/// Who joins.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRoom {
    /// The name others see; needed from guests, ignored from the signed-in.
    #[garde(skip)]
    #[serde(default)]
    name: Option<UserName>,
    /// The region that the page has the shortest way to, of those that `/api/site` names.
    #[garde(skip)]
    #[serde(default)]
    nearest: Option<String>,
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
    #[error("the name is that of somebody who runs the room")]
    NameTaken,
    #[error(transparent)]
    UnknownRegion(#[from] UnknownRegion),
    #[error(transparent)]
    Media(#[from] LiveKitError),
    #[error(transparent)]
    Token(#[from] SignError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<OpenRoomError> for JoinRoomError {
    fn from(error: OpenRoomError) -> JoinRoomError {
        match error {
            OpenRoomError::Media(cause) => cause.into(),
            OpenRoomError::Internal(cause) => cause.into(),
        }
    }
}

impl From<JoinRoomError> for Problem {
    fn from(error: JoinRoomError) -> Problem {
        match error {
            JoinRoomError::Refused(refusal) => refusal.into(),
            JoinRoomError::NameRequired => {
                Problem::invalid_field("name", "required", "Guests need a name.")
            }
            JoinRoomError::NameTaken => Problem::invalid_field(
                "name",
                "name_taken",
                "Somebody who runs this room has that name.",
            ),
            JoinRoomError::UnknownRegion(_) => region::unknown("nearest"),
            JoinRoomError::Media(cause) => cause.into(),
            JoinRoomError::Token(cause) => Problem::internal(&cause),
            JoinRoomError::Internal(cause) => cause.into(),
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
    site: SiteAddress,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<JoinRoom>,
) -> Result<(SetCookie, Json<Join>), Problem> {
    app.auth.limits.join(&app, ip).await?;
    let found = view::find(&app, &slug, &caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    let entered = enter(&app, caller, found, input, &site).await;
    app.counters.joined(entered.is_ok());
    let (join, cookie) = entered?;
    let header = cookie.map(|cookie| (header::SET_COOKIE, cookie.to_string()));
    Ok((AppendHeaders(header), Json(join)))
}

async fn enter(
    app: &App,
    caller: Caller,
    found: Found,
    input: JoinRoom,
    site: &SiteAddress,
) -> Result<(Join, Option<Cookie<'static>>), JoinRoomError> {
    let room = &found.room;
    let nearest = region::named(app, input.nearest.as_deref())?;
    let facts = access::facts(&found, &caller, &app.media_status());
    access::may_enter(&facts).map_err(JoinRoomError::Refused)?;
    let name = match (caller.current_user(), input.name) {
        (Some(current), _) => current.user.name.clone(),
        (None, Some(name)) => {
            if runs_the_room(app, &found, &name).await? {
                return Err(JoinRoomError::NameTaken);
            }
            name
        }
        (None, None) => return Err(JoinRoomError::NameRequired),
    };
    let livekit = region::enter(app, &found, nearest).await?;
    let past_us = livekit.endpoint().public_ws_url.is_some();

    let (caller, cookie) = welcome(app, caller, &found, &name).await?;
    // A caller without an identity was given one just now.
    let identity = caller
        .identity()
        .cloned()
        .ok_or(JoinRoomError::NameRequired)?;
    // Read after the room's generation: whatever is decided from then on withdraws this token.
    let decided = if facts.role.moderates() {
        None
    } else {
        moderation::permissions(&app.db, room.id, &identity.subject()).await?
    };

    let permissions = permissions(facts.role, room, decided);
    let now = app.now();
    let lifetime = app.config.rooms.token_lifetime();
    let longest = if past_us { LONGEST_PAST_US } else { lifetime };
    let expires_at = now + lifetime.min(longest);
    let token = livekit.join_token(JoinToken {
        room: &room.id.livekit_name(),
        identity: &identity,
        name: name.as_str(),
        attributes: HashMap::from([("role".to_owned(), facts.role.to_string())]),
        generation: Some(room.generation),
        permissions,
        not_before: now,
        expires_at,
    })?;
    let join = Join {
        url: livekit.signal_url(site),
        token,
        expires_at,
        identity,
        name: name.to_string(),
        role: facts.role,
        room: view::show(app, found, &caller, site),
    };
    Ok((join, cookie))
}

/// Writes down what must be known before somebody comes: who a guest is, whose seat is kept, that whoever was sent
/// out may come back. Most who have an account need none of it, and no write.
async fn welcome(
    app: &App,
    caller: Caller,
    found: &Found,
    name: &UserName,
) -> Result<(Caller, Option<Cookie<'static>>), JoinRoomError> {
    let room = &found.room;
    let limited = room.max_participants > 0;
    if caller.current_user().is_some() && !limited && !found.kicked {
        return Ok((caller, None));
    }
    let mut tx = app.db.begin().await?;
    let (caller, cookie) = welcome_guest(app, &mut tx, caller, name).await?;
    let subject = caller.subject().ok_or(JoinRoomError::NameRequired)?;
    if limited {
        let seats = (!found.role.moderates()).then_some(room.max_participants);
        if !seats::take(app, &mut tx, room.id, subject, seats).await? {
            return Err(JoinRoomError::Refused(Refusal::Full));
        }
    }
    moderation::readmit(&mut tx, room.id, subject).await?;
    tx.commit().await?;
    Ok((caller, cookie))
}

/// Whether a name reads as the owner's or a moderator's: nobody without an account takes it.
async fn runs_the_room(app: &App, found: &Found, name: &UserName) -> Result<bool, DbError> {
    let taken = |other: &UserName| text::reads_as(other.as_str()) == text::reads_as(name.as_str());
    if taken(&found.owner_name) {
        return Ok(true);
    }
    let moderators = store::moderators(&app.db, found.room.id).await?;
    let moderators = accounts::people(&app.db, &moderators).await?;
    Ok(moderators.iter().any(|person| taken(&person.name)))
}

/// What a role may send; what a moderator decided for one person goes before the room's defaults.
fn permissions(role: RoomRole, room: &RoomRow, decided: Option<Permissions>) -> Permissions {
    if role.moderates() {
        Permissions::ALL
    } else {
        decided.unwrap_or_else(|| room.media())
    }
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
    if let Some(guest) = caller.known_guest().cloned() {
        let guest = accounts::welcome_back(app, tx, guest, name.clone()).await?;
        return Ok((Caller::guest(guest), None));
    }
    let (guest, cookie) = accounts::welcome(app, tx, name.clone()).await?;
    Ok((Caller::guest(guest), Some(cookie)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::{
        livekit::MediaStatus,
        testing::{
            FakeLiveKit, TestApp, TestRoom,
            livekit::{self, Behaviour},
        },
    };

    /// Browsers reach the media server past us.
    async fn with_another_signal_socket() -> (TestApp, FakeLiveKit) {
        let livekit = FakeLiveKit::start().await;
        let url = livekit.url.clone();
        let app = TestApp::start_with(|_, endpoint| {
            endpoint.internal_url = url;
            endpoint.public_ws_url = Some("wss://livekit.example.org".parse().unwrap());
        });
        (app.await, livekit)
    }

    #[tokio::test]
    async fn a_guest_joins_with_a_name_and_keeps_one_identity() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let mut guest = app.browser();
        let nameless = guest.post(&room.path("/join"), json!({})).await;
        assert_eq!(
            (nameless.status, nameless.json["field"].as_str()),
            (422, Some("name"))
        );
        let first = room.join(&mut guest, "Linus").await;
        assert_eq!(first.status, 200, "{first:?}");
        let identity = first.json["identity"].as_str().unwrap();
        assert!(identity.starts_with("g-"));
        assert_eq!(first.json["name"], "Linus");
        assert_eq!(first.json["role"], "visitor");
        let again = room.join(&mut guest, "Linus T.").await;
        assert_eq!(again.json["identity"], identity);
        assert_eq!(again.json["name"], "Linus T.");
        let other = room.join(&mut app.browser(), "Linus").await;
        assert_ne!(other.json["identity"], identity);
    }

    #[tokio::test]
    async fn a_guest_cannot_take_the_name_of_somebody_who_runs_the_room() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("Ada").await;
        app.user("Grace").await;
        let mut linus = app.user("Linus").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        for (name, role) in [("Grace", "moderator"), ("Linus", "member")] {
            let member = json!({"email": format!("{name}@example.org"), "role": role});
            ada.post(&room.path("/members"), member).await;
        }
        for name in ["Ada", " ada ", "\u{ff21}d\u{200b}a", "GRACE"] {
            let answer = room.join(&mut app.browser(), name).await;
            let error = &answer.json["errors"][0];
            assert_eq!(
                (answer.status, &error["code"]),
                (422, &json!("name_taken")),
                "{name:?}"
            );
        }
        for name in ["Ada L.", "Linus"] {
            assert_eq!(
                room.join(&mut app.browser(), name).await.status,
                200,
                "{name}"
            );
        }
        assert_eq!(room.join(&mut linus, "x").await.status, 200);
        let hidden = room.join(&mut app.browser(), "Eve\u{202e}\u{200b}").await;
        assert_eq!(hidden.json["name"], "Eve");
        let nothing = room.join(&mut app.browser(), "\u{200b}\u{3164}").await;
        assert_eq!(
            (nothing.status, nothing.json["field"].as_str()),
            (422, Some("name"))
        );
    }

    #[tokio::test]
    async fn a_visitors_token_grants_what_the_room_allows_and_the_owners_everything() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let media = json!({"audio": true, "video": false, "screen_share": false, "chat": false});
        let room = TestRoom::create(&mut ada, json!({"media": media})).await;
        let visitor = room.join(&mut app.browser(), "Linus").await;
        let claims = livekit::claims(visitor.json["token"].as_str().unwrap());
        assert_eq!(claims.sub, visitor.json["identity"]);
        assert_eq!(claims.name, "Linus");
        assert_eq!(claims.video.room, room.id);
        assert!(claims.video.room_join && !claims.video.room_admin && !claims.video.room_create);
        assert_eq!(claims.video.can_publish, Some(true));
        assert_eq!(claims.video.can_publish_sources, ["microphone"]);
        assert_eq!(claims.video.can_publish_data, Some(false));
        assert_eq!(claims.video.can_update_own_metadata, Some(false));
        assert_eq!(claims.attributes["role"], "visitor");
        assert_eq!(claims.exp - claims.nbf, 600);

        let owner = room.join(&mut ada, "ignored").await;
        let claims = livekit::claims(owner.json["token"].as_str().unwrap());
        assert_eq!(owner.json["name"], "ada");
        assert!(!claims.video.room_admin);
        assert_eq!(
            claims.video.can_publish_sources,
            ["microphone", "camera", "screen_share", "screen_share_audio"]
        );
        assert_eq!(claims.video.can_publish_data, Some(true));
    }

    #[tokio::test]
    async fn a_room_with_everything_forbidden_grants_no_publishing() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let media = json!({"audio": false, "video": false, "screen_share": false, "chat": true});
        let room = TestRoom::create(&mut ada, json!({"media": media})).await;
        let visitor = room.join(&mut app.browser(), "Linus").await;
        let claims = livekit::claims(visitor.json["token"].as_str().unwrap());
        assert_eq!(claims.video.can_publish, Some(false));
        assert_eq!(claims.video.can_publish_data, Some(true));
    }

    #[tokio::test]
    async fn a_join_leaves_it_to_our_signal_socket_to_open_the_room() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        room.enter(&app, &livekit, &mut ada).await;
        assert!(livekit.calls("CreateRoom").is_empty());
    }

    #[tokio::test]
    async fn where_the_signal_socket_is_not_ours_the_first_join_makes_the_room() {
        let (app, livekit) = with_another_signal_socket().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"max_participants": 4})).await;
        room.enter(&app, &livekit, &mut ada).await;
        room.enter(&app, &livekit, &mut app.browser()).await;
        let calls = livekit.calls("CreateRoom");
        assert_eq!(calls.len(), 1);
        let request: livekit_protocol::CreateRoomRequest = calls[0].request();
        assert_eq!(request.name, room.id);
        // Seats are counted here, as the room is set now.
        assert_eq!(request.max_participants, 0);
        assert_eq!(request.metadata, "");
        assert!(calls[0].claims.video.room_create && !calls[0].claims.video.room_admin);
    }

    #[tokio::test]
    async fn a_token_that_nobody_turns_away_is_a_short_one() {
        let (app, _livekit) = with_another_signal_socket().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let answer = room.join(&mut app.browser(), "Linus").await;
        let claims = livekit::claims(answer.json["token"].as_str().unwrap());
        assert_eq!(claims.exp - claims.nbf, 60);
        let now = app.app().now();
        assert_eq!(answer.json["expires_at"], now.0 + 60_000);
    }

    #[tokio::test]
    async fn the_answer_names_the_site_as_the_browser_reached_it() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        ada.set_header(http::header::HOST, "192.0.2.7:8080");
        assert_eq!(
            room.join(&mut ada, "x").await.json["url"],
            "ws://192.0.2.7:8080"
        );
    }

    #[tokio::test]
    async fn nobody_joins_while_the_media_is_down_or_does_not_answer() {
        let (app, livekit) = with_another_signal_socket().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let reason = "exit code 1".to_owned();
        app.media_status.send_replace(MediaStatus::Down { reason });
        let answer = room.join(&mut ada, "x").await;
        assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
        assert_eq!(answer.headers["retry-after"], "2");
        assert_eq!(
            ada.get(&room.path("")).await.json["join"]["reason"],
            "media_unavailable"
        );
        app.media_status.send_replace(MediaStatus::Ready);
        livekit.behave(Behaviour::Say(502, "<html>bad gateway</html>"));
        let answer = room.join(&mut ada, "x").await;
        assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
        livekit.behave(Behaviour::Say(401, "invalid token"));
        assert_eq!(room.join(&mut ada, "x").await.status, 503);
        livekit.behave(Behaviour::Say(200, "half an ans"));
        let answer = room.join(&mut ada, "x").await;
        assert_eq!((answer.status, answer.code()), (502, "media_failed"));
        livekit.behave(Behaviour::Hang);
        let answer = room.join(&mut ada, "x").await;
        assert_eq!((answer.status, answer.code()), (503, "media_unavailable"));
        livekit.behave(Behaviour::Normal);
        assert_eq!(room.join(&mut ada, "x").await.status, 200);
    }

    #[tokio::test]
    async fn two_who_ask_for_the_last_seat_at_once_do_not_both_get_it() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"max_participants": 2})).await;
        room.enter(&app, &livekit, &mut app.browser()).await;
        let (mut one, mut other) = (app.browser(), app.browser());
        let (one, other) = tokio::join!(room.join(&mut one, "One"), room.join(&mut other, "Two"));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let refused = if one.status == 409 { one } else { other };
        assert_eq!(refused.code(), "full");
        assert_eq!(room.join(&mut ada, "owner").await.status, 200);
    }

    #[tokio::test]
    async fn a_seat_that_nobody_takes_is_free_again_and_a_reload_keeps_ones_own() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"max_participants": 1})).await;
        let (mut one, mut other) = (app.browser(), app.browser());
        assert_eq!(room.join(&mut one, "One").await.status, 200);
        assert_eq!(room.join(&mut other, "Two").await.code(), "full");
        app.advance(Duration::from_secs(31));
        room.enter(&app, &livekit, &mut other).await;
        assert_eq!(room.join(&mut one, "One").await.code(), "full");
        assert_eq!(room.join(&mut other, "Two").await.status, 200);
    }

    #[tokio::test]
    async fn a_private_room_lets_its_members_in_and_tells_others_its_name_only() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({"access": "private"})).await;
        room.enter(&app, &livekit, &mut ada).await;
        let seen = grace.get(&room.path("")).await;
        assert_eq!(seen.json["name"], "Standup");
        assert_eq!(seen.json["live"]["participants"], 0);
        assert_eq!(seen.json["join"]["reason"], "private");
        assert_eq!(room.join(&mut grace, "x").await.code(), "private");
        assert_eq!(
            room.join(&mut app.browser(), "Linus").await.code(),
            "sign_in_required"
        );
        let member = json!({"email": "grace@example.org", "role": "member"});
        assert_eq!(
            ada.post(&room.path("/members"), member.clone())
                .await
                .status,
            201
        );
        assert_eq!(
            ada.post(&room.path("/members"), member).await.code(),
            "already_member"
        );
        let joined = room.join(&mut grace, "x").await;
        assert_eq!(
            (joined.status, joined.json["role"].as_str()),
            (200, Some("member"))
        );
        assert_eq!(joined.json["room"]["live"]["participants"], 1);
        let path = room.path(&format!("/members/{}", grace.user_id));
        assert_eq!(
            ada.patch(&path, json!({"role": "moderator"})).await.json["role"],
            "moderator"
        );
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(room.join(&mut grace, "x").await.code(), "private");
    }

    #[tokio::test]
    async fn a_locked_room_keeps_newcomers_out_and_lets_those_inside_reload() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let mut inside = app.browser();
        room.enter(&app, &livekit, &mut inside).await;
        assert_eq!(
            inside
                .put(&room.path("/lock"), json!({"locked": true}))
                .await
                .status,
            401
        );
        let locked = ada.put(&room.path("/lock"), json!({"locked": true})).await;
        assert_eq!(
            (locked.status, locked.json["locked"].as_bool()),
            (200, Some(true))
        );
        assert_eq!(room.join(&mut app.browser(), "Late").await.code(), "locked");
        assert_eq!(room.join(&mut inside, "Inside").await.status, 200);
        assert_eq!(room.join(&mut ada, "x").await.status, 200);
        ada.put(&room.path("/lock"), json!({"locked": false})).await;
        assert_eq!(room.join(&mut app.browser(), "Late").await.status, 200);
    }

    #[tokio::test]
    async fn joining_too_often_from_one_address_is_refused_for_a_while() {
        let livekit = crate::testing::FakeLiveKit::start().await;
        let url = livekit.url.clone();
        let app = TestApp::start_with(|config, endpoint| {
            config.auth.join_per_minute = 2;
            endpoint.internal_url = url;
        })
        .await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        room.join(&mut ada, "x").await;
        room.join(&mut ada, "x").await;
        let answer = room.join(&mut ada, "x").await;
        assert_eq!((answer.status, answer.code()), (429, "rate_limited"));
        assert!(answer.headers.contains_key("retry-after"));
    }
}
