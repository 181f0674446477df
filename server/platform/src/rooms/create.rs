//! Makes a room. Nothing is told to the media server before the first join.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    model::{
        Access, MOST_SEATS, NewSlug, ReservedSlug, RoomId, RoomRegion, RoomTitle, Slug, seats,
    },
    region::{self, UnknownRegion},
    store::{self, KnownRoom, Settings},
    view::{self, MediaDefaults, Room},
};
use crate::{
    accounts::CurrentUser,
    app::App,
    audit::Actor,
    db::{self, DbError},
    happenings::{self, Happening},
    http::{Json, Problem, SiteAddress},
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
    #[garde(range(max = MOST_SEATS))]
    #[schema(schema_with = seats)]
    max_participants: Option<u32>,
    #[garde(skip)]
    media: Option<MediaDefaults>,
    /// Where its calls are to be; `automatic` when left out.
    #[garde(skip)]
    region: Option<RoomRegion>,
}

/// Why a room is not made.
#[derive(Debug, Error)]
pub enum CreateRoomError {
    #[error("the slug is taken")]
    SlugTaken,
    #[error(transparent)]
    UnknownRegion(#[from] UnknownRegion),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<CreateRoomError> for Problem {
    fn from(error: CreateRoomError) -> Problem {
        match error {
            CreateRoomError::SlugTaken => slug_taken(),
            CreateRoomError::UnknownRegion(_) => region::unknown("region"),
            CreateRoomError::Internal(cause) => cause.into(),
        }
    }
}

impl From<ReservedSlug> for Problem {
    fn from(error: ReservedSlug) -> Problem {
        Problem::invalid_field("slug", "reserved", error.to_string())
    }
}

/// 409: a living room has this slug.
pub(super) fn slug_taken() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "slug_taken",
        "Another room has this address.",
    )
    .about("slug")
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
    site: SiteAddress,
    current: CurrentUser,
    Json(input): Json<CreateRoom>,
) -> Result<(StatusCode, Json<Room>), Problem> {
    let chosen = input.slug.clone().map(NewSlug::try_from).transpose()?;
    let slug = insert(&app, &current, chosen, input).await?;
    let caller = Caller::user(current);
    let found = view::find(&app, &slug, &caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    Ok((
        StatusCode::CREATED,
        Json(view::show(&app, found, &caller, &site)),
    ))
}

async fn insert(
    app: &App,
    current: &CurrentUser,
    chosen: Option<NewSlug>,
    input: CreateRoom,
) -> Result<Slug, CreateRoomError> {
    let of_site = app.settings.get();
    let region = input.region.unwrap_or(RoomRegion::Automatic);
    region::check(app, &region)?;
    let settings = Settings {
        name: input.name,
        access: input.access.unwrap_or(Access::Public),
        guests_allowed: input.guests_allowed.unwrap_or(of_site.guests_allowed),
        max_participants: input.max_participants.unwrap_or(of_site.max_participants),
        keep_recordings_days: 0,
        media: input.media.map_or(Permissions::ALL, Permissions::from),
        region,
    };
    let now = app.now();
    for _ in 0..TRIES {
        let slug = chosen
            .clone()
            .map_or_else(|| Slug::generate(&app.random), |NewSlug(slug)| slug);
        let id = RoomId::new(&app.random, now);
        let mut tx = app.db.begin().await?;
        match store::insert(&mut tx, id, &slug, current.user.id, &settings, now).await {
            Ok(()) => {
                let by = Actor::user(&current.user);
                let room = KnownRoom {
                    id,
                    slug: slug.clone(),
                };
                let created = Happening::RoomCreated;
                happenings::tell(app, &mut tx, Some(&by), Some(&room), &created).await?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{TestApp, TestRoom};

    #[tokio::test]
    async fn a_room_gets_a_link_and_belongs_to_its_maker() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let answer = ada
            .post(
                "/api/rooms",
                json!({"name": " Standup ", "max_participants": 5}),
            )
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let room = &answer.json;
        let slug = room["slug"].as_str().unwrap();
        assert_eq!(slug.len(), 12);
        assert!(room["url"].as_str().unwrap().ends_with(&format!("/{slug}")));
        assert_eq!(room["name"], "Standup");
        assert_eq!(room["role"], "owner");
        assert_eq!(room["owner"]["name"], "ada");
        assert_eq!(room["access"], "public");
        assert_eq!(room["join"], json!({"allowed": true, "reason": null}));
        assert_eq!(
            room["live"],
            json!({"participants": 0, "started_at": null, "region": null})
        );
        assert!(livekit.calls("CreateRoom").is_empty());
    }

    #[tokio::test]
    async fn two_who_want_one_link_at_once_do_not_both_get_it() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut grace = app.user("grace").await;
        let wish = json!({"name": "Town hall", "slug": "town-hall"});
        let (one, other) = tokio::join!(
            ada.post("/api/rooms", wish.clone()),
            grace.post("/api/rooms", wish.clone()),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let refused = if one.status == 409 { one } else { other };
        assert_eq!(refused.code(), "slug_taken");
        assert_eq!(refused.json["errors"][0]["field"], "slug");
    }

    #[tokio::test]
    async fn an_address_of_the_site_is_no_rooms_link() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let made = ada
            .post("/api/rooms", json!({"name": "A", "slug": "admin"}))
            .await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let moved = ada.patch(&room.path(""), json!({"slug": "sign-in"})).await;
        for refused in [made, moved] {
            let error = &refused.json["errors"][0];
            assert_eq!(
                (&error["field"], &error["code"]),
                (&json!("slug"), &json!("reserved"))
            );
        }
    }

    #[tokio::test]
    async fn a_deleted_rooms_link_is_free_again() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({"slug": "town-hall"})).await;
        assert_eq!(ada.delete(&room.path("")).await.status, 204);
        assert_eq!(ada.get(&room.path("")).await.code(), "not_found");
        let again = TestRoom::create(&mut ada, json!({"slug": "town-hall"})).await;
        assert_ne!(again.id, room.id);
    }

    #[tokio::test]
    async fn a_room_that_makes_no_sense_is_refused_by_field() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        for (input, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": "x", "slug": "Nö"}), "slug"),
            (json!({"name": "x", "slug": "admin"}), "slug"),
            (
                json!({"name": "x", "max_participants": 10_001}),
                "max_participants",
            ),
            (json!({"name": "x", "access": "secret"}), "access"),
        ] {
            let answer = ada.post("/api/rooms", input.clone()).await;
            assert_eq!(
                (answer.status, answer.code()),
                (422, "validation_failed"),
                "{input}"
            );
            assert_eq!(answer.json["field"], field, "{input}");
        }
        let mut stranger = app.browser();
        let answer = stranger.post("/api/rooms", json!({"name": "x"})).await;
        assert_eq!(answer.code(), "unauthenticated");
    }
}
