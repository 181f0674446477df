//! Changes a room's settings.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    create::slug_taken,
    model::{Access, RoomTitle, Slug},
    store::{self, RoomRow, Settings},
    view::{self, Room},
};
use crate::{
    app::App,
    audit,
    db::{self, DbError},
    http::{Json, Path, Problem},
};

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRoom {
    #[garde(skip)]
    name: Option<RoomTitle>,
    #[garde(skip)]
    slug: Option<Slug>,
    #[garde(skip)]
    access: Option<Access>,
    #[garde(skip)]
    guests_allowed: Option<bool>,
    /// 0 = no limit
    #[garde(range(max = 10_000))]
    max_participants: Option<u32>,
    #[garde(skip)]
    media: Option<MediaChange>,
}

/// Which media defaults change.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaChange {
    audio: Option<bool>,
    video: Option<bool>,
    screen_share: Option<bool>,
    chat: Option<bool>,
}

/// Why a room is not changed.
#[derive(Debug, Error)]
pub enum UpdateRoomError {
    #[error("the slug is taken")]
    SlugTaken,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<UpdateRoomError> for Problem {
    fn from(error: UpdateRoomError) -> Problem {
        match error {
            UpdateRoomError::SlugTaken => slug_taken(),
            UpdateRoomError::Internal(cause) => Problem::internal(&cause),
        }
    }
}

/// Changes a room; tokens handed out before keep what they granted.
#[utoipa::path(
    patch, path = "/api/rooms/{slug}", tag = "rooms", operation_id = "updateRoom",
    params(("slug" = Slug, Path)), request_body = UpdateRoom,
    responses((status = 200, body = Room), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(change): Json<UpdateRoom>,
) -> Result<Json<Room>, Problem> {
    let room = view::find_owned(&app, &slug, &caller).await?.room;
    let slug = apply(&app, &caller, &room, change).await?;
    view::announce(&app, room.id, &slug);
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    Ok(Json(view::show(&app, room, &caller)))
}

async fn apply(
    app: &App,
    caller: &Caller,
    room: &RoomRow,
    change: UpdateRoom,
) -> Result<Slug, UpdateRoomError> {
    let slug = change.slug.unwrap_or_else(|| room.slug.clone());
    let mut media = room.media();
    if let Some(change) = change.media {
        media.audio = change.audio.unwrap_or(media.audio);
        media.video = change.video.unwrap_or(media.video);
        media.screen_share = change.screen_share.unwrap_or(media.screen_share);
        media.chat = change.chat.unwrap_or(media.chat);
    }
    let seats = u32::try_from(room.max_participants).unwrap_or(0);
    let settings = Settings {
        name: change.name.unwrap_or_else(|| room.name.clone()),
        access: change.access.unwrap_or(room.access),
        guests_allowed: change.guests_allowed.unwrap_or(room.guests_allowed),
        max_participants: change.max_participants.unwrap_or(seats),
        media,
    };
    let mut tx = app.db.begin().await?;
    store::update(&mut tx, room.id, &slug, &settings, app.now())
        .await
        .map_err(|error| {
            if db::is_unique_violation(&error) {
                UpdateRoomError::SlugTaken
            } else {
                error.into()
            }
        })?;
    let detail = json!({ "slug": slug, "name": settings.name, "access": settings.access,
        "guests_allowed": settings.guests_allowed, "max_participants": settings.max_participants,
        "media": settings.media });
    audit::record(
        app,
        &mut tx,
        &caller.actor(),
        "room.updated",
        Some(room.id),
        None,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(slug)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn an_owner_changes_one_setting_and_the_others_stay() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"guests_allowed": false})).await;
        let answer = ada
            .patch(&room.path(""), json!({"media": {"chat": false}}))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json["guests_allowed"], false);
        let media = json!({"audio": true, "video": true, "screen_share": true, "chat": false});
        assert_eq!(answer.json["media"], media);
    }

    #[tokio::test]
    async fn a_stranger_changes_and_deletes_nothing_but_an_administrator_may() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let change = json!({"name": "Mine now"});
        assert_eq!(
            grace.patch(&room.path(""), change.clone()).await.code(),
            "forbidden"
        );
        assert_eq!(grace.delete(&room.path("")).await.code(), "forbidden");
        let answer = app.browser().patch(&room.path(""), change.clone()).await;
        assert_eq!(answer.code(), "unauthenticated");
        assert_eq!(admin.patch(&room.path(""), change).await.status, 200);
        assert_eq!(admin.delete(&room.path("")).await.status, 204);
    }

    #[tokio::test]
    async fn a_room_cannot_move_to_a_taken_link() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        TestRoom::create(&mut ada, json!({"slug": "first"})).await;
        let room = TestRoom::create(&mut ada, json!({"slug": "second"})).await;
        let answer = ada.patch(&room.path(""), json!({"slug": "first"})).await;
        assert_eq!((answer.status, answer.code()), (409, "slug_taken"));
    }
}
