//! Makes a room. Nothing is told to the media server before the first join.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    model::{Access, RoomId, RoomTitle, Slug},
    store::{self, Settings},
    view::{self, MediaDefaults, Room},
};
use crate::{
    app::App,
    audit::{self, Actor},
    auth::CurrentUser,
    db::{self, DbError},
    http::{Json, Problem},
    livekit::token::Permissions,
};

// Among 20^10 generated slugs even one clash is a wonder; more mean a broken source of randomness.
const TRIES: usize = 4;

/// A new room; what is left out takes the server's defaults.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRoom {
    #[garde(skip)]
    name: RoomTitle,
    /// Generated when left out.
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
    media: Option<MediaDefaults>,
}

/// Why a room is not made.
#[derive(Debug, Error)]
pub enum CreateRoomError {
    #[error("the slug is taken")]
    SlugTaken,
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<CreateRoomError> for Problem {
    fn from(error: CreateRoomError) -> Problem {
        match error {
            CreateRoomError::SlugTaken => slug_taken(),
            CreateRoomError::Internal(cause) => Problem::internal(&cause),
        }
    }
}

/// 409: a living room has this slug.
pub(super) fn slug_taken() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "slug_taken",
        "Another room has this address.",
    )
}

/// Makes a room that belongs to the caller.
#[utoipa::path(
    post, path = "/api/rooms", tag = "rooms", operation_id = "createRoom",
    request_body = CreateRoom,
    responses((status = 201, body = Room), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn create(
    State(app): State<App>,
    current: CurrentUser,
    Json(input): Json<CreateRoom>,
) -> Result<(StatusCode, Json<Room>), Problem> {
    let slug = insert(&app, &current, input).await?;
    let caller = Caller::user(current);
    let found = view::find(&app, &slug, &caller).await?;
    let room = found.ok_or_else(|| Problem::not_found("room"))?.room;
    Ok((StatusCode::CREATED, Json(view::show(&app, room, &caller))))
}

async fn insert(
    app: &App,
    current: &CurrentUser,
    input: CreateRoom,
) -> Result<Slug, CreateRoomError> {
    let settings = Settings {
        name: input.name,
        access: input.access.unwrap_or(Access::Public),
        guests_allowed: input
            .guests_allowed
            .unwrap_or(app.config.rooms.guests_allowed),
        max_participants: input
            .max_participants
            .unwrap_or(app.config.rooms.max_participants),
        media: input.media.map_or(Permissions::ALL, Permissions::from),
    };
    let now = app.now();
    for _ in 0..TRIES {
        let slug = input
            .slug
            .clone()
            .unwrap_or_else(|| Slug::generate(&app.random));
        let id = RoomId::new(&app.random, now);
        let mut tx = app.db.begin().await?;
        match store::insert(&mut tx, id, &slug, current.user.id, &settings, now).await {
            Ok(()) => {
                let actor = Actor::user(&current.user);
                audit::record(
                    app,
                    &mut tx,
                    &actor,
                    "room.created",
                    Some(id),
                    None,
                    json!({}),
                )
                .await?;
                tx.commit().await?;
                return Ok(slug);
            }
            // A failed statement ends a PostgreSQL transaction: the next try takes a new one.
            Err(error) if db::is_unique_violation(&error) => {
                if input.slug.is_some() {
                    break;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(CreateRoomError::SlugTaken)
}
