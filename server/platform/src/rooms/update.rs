//! Changes a room's settings.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use utoipa::{ToSchema, openapi::Object};

use super::{
    caller::Caller,
    create::slug_taken,
    model::{Access, MOST_SEATS, NewSlug, RoomId, RoomRegion, RoomTitle, Slug, seats},
    region::{self, UnknownRegion},
    store::{self, KnownRoom, Settings},
    view::{self, Room},
};
use crate::{
    app::App,
    audit,
    db::{self, DbError},
    happenings::{self, Happening},
    http::{IfMatch, Json, Path, Problem, SiteAddress, openapi},
    livekit::token::Permissions,
    recordings::{self, LONGEST_KEPT},
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
    #[garde(range(max = MOST_SEATS))]
    #[schema(schema_with = seats)]
    max_participants: Option<u32>,
    /// Days that recordings which begin from now on are kept after their end; 0 = as long as the site keeps them. Not
    /// longer than that.
    #[garde(range(max = LONGEST_KEPT))]
    #[schema(schema_with = kept)]
    keep_recordings_days: Option<u32>,
    #[garde(skip)]
    media: Option<MediaChange>,
    /// Where its calls are to be from the next one on: `automatic`, or a region.
    #[garde(skip)]
    region: Option<RoomRegion>,
}

fn kept() -> Object {
    openapi::number_or_null(LONGEST_KEPT)
}

/// Which media defaults change.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
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
    #[error("no such room")]
    NotFound,
    #[error("somebody changed it meanwhile")]
    ChangedMeanwhile,
    #[error("the slug is taken")]
    SlugTaken,
    #[error("the site does not keep recordings that long")]
    KeptTooLong,
    #[error(transparent)]
    UnknownRegion(#[from] UnknownRegion),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<UpdateRoomError> for Problem {
    fn from(error: UpdateRoomError) -> Problem {
        match error {
            UpdateRoomError::NotFound => Problem::not_found("room"),
            UpdateRoomError::ChangedMeanwhile => Problem::changed_meanwhile(),
            UpdateRoomError::SlugTaken => slug_taken(),
            UpdateRoomError::KeptTooLong => Problem::invalid_field(
                "keep_recordings_days",
                "kept_too_long",
                "This site does not keep recordings that long.",
            ),
            UpdateRoomError::UnknownRegion(_) => region::unknown("region"),
            UpdateRoomError::Internal(cause) => cause.into(),
        }
    }
}

/// Changes a room; tokens handed out before keep what they granted.
#[utoipa::path(
    patch, path = "/api/rooms/{slug}", tag = "rooms", operation_id = "updateRoom",
    params(("slug" = Slug, Path), IfMatch), request_body = UpdateRoom,
    responses((status = 200, body = Room), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn update(
    State(app): State<App>,
    site: SiteAddress,
    caller: Caller,
    Path(slug): Path<Slug>,
    if_match: IfMatch,
    Json(change): Json<UpdateRoom>,
) -> Result<Json<Room>, Problem> {
    let room = view::find_owned(&app, &slug, &caller).await?.room;
    let chosen = change.slug.clone().map(NewSlug::try_from).transpose()?;
    let slug = apply(&app, &caller, room.id, if_match, chosen, change).await?;
    let found = view::find(&app, &slug, &caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    Ok(Json(view::show(&app, found, &caller, &site)))
}

async fn apply(
    app: &App,
    caller: &Caller,
    room: RoomId,
    if_match: IfMatch,
    chosen: Option<NewSlug>,
    change: UpdateRoom,
) -> Result<Slug, UpdateRoomError> {
    let of_site = recordings::kept_days(app.settings.get().keep_recordings_days, 0);
    let wanted = change.keep_recordings_days.unwrap_or(0);
    if !recordings::may_keep(of_site, wanted) {
        return Err(UpdateRoomError::KeptTooLong);
    }
    if let Some(region) = &change.region {
        region::check(app, region)?;
    }
    let mut tx = app.db.begin().await?;
    let before = store::settings_to_change(&mut tx, room)
        .await?
        .ok_or(UpdateRoomError::NotFound)?;
    if !if_match.allows(before.updated_at) {
        return Err(UpdateRoomError::ChangedMeanwhile);
    }
    let state_before = json!({ "slug": before.slug, "name": before.name, "access": before.access,
        "guests_allowed": before.guests_allowed, "max_participants": before.max_participants,
        "keep_recordings_days": before.keep_recordings_days, "region": before.region,
        "media": { "audio": before.audio, "video": before.video,
            "screen_share": before.screen_share, "chat": before.chat } });
    let slug = chosen.map_or(before.slug, |NewSlug(slug)| slug);
    let media = change.media.unwrap_or_default();
    let settings = Settings {
        name: change.name.unwrap_or(before.name),
        access: change.access.unwrap_or(before.access),
        guests_allowed: change.guests_allowed.unwrap_or(before.guests_allowed),
        max_participants: change
            .max_participants
            .unwrap_or_else(|| u32::try_from(before.max_participants).unwrap_or(0)),
        keep_recordings_days: change
            .keep_recordings_days
            .unwrap_or_else(|| u32::try_from(before.keep_recordings_days).unwrap_or(0)),
        media: Permissions {
            audio: media.audio.unwrap_or(before.audio),
            video: media.video.unwrap_or(before.video),
            screen_share: media.screen_share.unwrap_or(before.screen_share),
            chat: media.chat.unwrap_or(before.chat),
        },
        region: change.region.unwrap_or(before.region),
    };
    store::update(&mut tx, room, &slug, &settings, app.now())
        .await
        .map_err(|error| {
            if db::is_unique_violation(&error) {
                UpdateRoomError::SlugTaken
            } else {
                error.into()
            }
        })?;
    let after = json!({ "slug": slug, "name": settings.name, "access": settings.access,
        "guests_allowed": settings.guests_allowed, "max_participants": settings.max_participants,
        "keep_recordings_days": settings.keep_recordings_days, "region": settings.region,
        "media": settings.media });
    let place = KnownRoom { id: room, slug };
    let changes = audit::changes(&state_before, &after);
    let updated = Happening::RoomUpdated { changes };
    happenings::tell(app, &mut tx, Some(&caller.actor()), Some(&place), &updated).await?;
    tx.commit().await?;
    Ok(place.slug)
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

    #[tokio::test]
    async fn two_changes_at_once_are_both_made() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut other_tab = ada.clone();
        for _ in 0..5 {
            let room = TestRoom::create(&mut ada, json!({})).await;
            let path = room.path("");
            let (one, other) = tokio::join!(
                ada.patch(
                    &path,
                    json!({"access": "private", "media": {"chat": false}})
                ),
                other_tab.patch(
                    &path,
                    json!({"name": "Town hall", "media": {"video": false}})
                ),
            );
            assert_eq!((one.status, other.status), (200, 200));
            let now = ada.get(&path).await.json;
            assert_eq!(
                (&now["access"], &now["name"]),
                (&json!("private"), &json!("Town hall"))
            );
            let media = json!({"audio": true, "video": false, "screen_share": true, "chat": false});
            assert_eq!(now["media"], media);
        }
    }

    #[tokio::test]
    async fn a_change_to_what_somebody_else_changed_meanwhile_is_refused_when_asked_to() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        let seen = ada.get(&room.path("")).await.json["updated_at"].to_string();
        let mut other_tab = ada.clone();
        // Within the same millisecond, too: the clock stands still.
        let first = other_tab
            .patch(&room.path(""), json!({"name": "Theirs"}))
            .await;
        assert_eq!(first.status, 200);
        // A lock is no change of settings: a page that edits them is not disturbed.
        other_tab
            .put(&room.path("/lock"), json!({"locked": true}))
            .await;
        ada.set_header(http::header::IF_MATCH, &format!("\"{seen}\""));
        let refused = ada.patch(&room.path(""), json!({"name": "Mine"})).await;
        assert_eq!((refused.status, refused.code()), (412, "changed_meanwhile"));
        assert_eq!(ada.get(&room.path("")).await.json["name"], "Theirs");
        let seen = first.json["updated_at"].to_string();
        ada.set_header(http::header::IF_MATCH, &format!("\"{seen}\""));
        let made = ada.patch(&room.path(""), json!({"name": "Mine"})).await;
        assert_eq!(
            (made.status, &made.json["name"]),
            (200, &json!("Mine")),
            "{made:?}"
        );
    }

    #[tokio::test]
    async fn a_room_deleted_meanwhile_is_neither_changed_nor_deleted_again() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut ada = app.user("ada").await;
        let mut other_tab = ada.clone();
        let room = TestRoom::create(&mut ada, json!({})).await;
        let path = room.path("");
        let (one, other) = tokio::join!(ada.delete(&path), other_tab.delete(&path));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
        assert_eq!(ada.patch(&path, json!({"name": "x"})).await.status, 404);
    }
}
