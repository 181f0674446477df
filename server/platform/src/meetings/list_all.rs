//! Every call that was held on the site: in which room, when, how long, with how many people.

use std::collections::HashMap;

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{Attendance, MeetingId},
    store::{self, SiteMeetingRow, Span},
    visits,
};
use crate::{
    accounts::{Right, SeesRooms},
    app::App,
    clock::Timestamp,
    db::{DbError, Reads},
    http::{
        Direction, Json, Keys, Page, PageQuery, Path, Problem, Query, Way,
        openapi::{self, LONGEST_QUERY},
    },
    recordings::{self, OfMeeting},
    rooms::{self, RoomId, RoomTitle, Slug, caller::Caller, named},
};

/// Which meetings are asked for, and in which order; all that is said must hold.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAllMeetings {
    /// The room that it was held in: by its link, or by its id where it is deleted.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    room: Option<String>,
    /// Begun at this moment or later.
    #[garde(skip)]
    from: Option<Timestamp>,
    /// Begun before this moment.
    #[garde(skip)]
    to: Option<Timestamp>,
    /// By when they began; `desc`, the newest first, when left out.
    #[garde(skip)]
    #[param(inline)]
    direction: Option<Direction>,
}

/// A call that is or was, anywhere on the site.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteMeeting {
    id: MeetingId,
    room: MeetingRoom,
    /// LiveKit's RM_…
    sid: String,
    started_at: Timestamp,
    #[schema(required = true)]
    ended_at: Option<Timestamp>,
    /// How long it took; until now where it goes on.
    seconds: u64,
    /// How many people were in it.
    people: i64,
    /// How many recordings there are of it.
    recordings: i64,
}

/// Where it was held.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingRoom {
    id: RoomId,
    slug: Slug,
    name: RoomTitle,
    /// Whether the room was deleted since.
    deleted: bool,
}

/// A call that is or was, with everybody who was there.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingDetail {
    meeting: SiteMeeting,
    attendances: Vec<Attendance>,
    /// Its recordings; `null` for those who see none of other people's rooms.
    #[schema(required = true)]
    recordings: Option<Vec<OfMeeting>>,
}

/// Every meeting of this site, newest first when nothing else is asked.
#[utoipa::path(
    get, path = "/api/admin/meetings", tag = "admin", operation_id = "listAllMeetings",
    params(ListAllMeetings, PageQuery),
    responses((status = 200, body = Page<SiteMeeting>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_all(
    State(app): State<App>,
    SeesRooms(current): SeesRooms,
    Query(filter): Query<ListAllMeetings>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SiteMeeting>>, Problem> {
    let caller = Caller::user(current);
    Ok(Json(page(&app, &caller, &filter, &query).await?))
}

/// A page of these meetings.
pub async fn page(
    app: &App,
    caller: &Caller,
    filter: &ListAllMeetings,
    query: &PageQuery,
) -> Result<Page<SiteMeeting>, Problem> {
    let way = Way {
        keys: Keys::Digits,
        descending: filter.direction != Some(Direction::Asc),
    };
    let room = match &filter.room {
        Some(text) if !text.is_empty() => named::sought(app, text).await?.0,
        _ => String::new(),
    };
    let span = Span::of(way.behind(query)?, way.descending, filter.from, filter.to);
    let mut reads = app.db.reads().await?;
    let rows = store::of_site(&mut reads, way.descending, &span, &room, query.fetch()).await?;
    let mut facts = Facts::read(&mut reads, &rows, caller).await?;
    let now = app.now();
    let listed = Page::new(query, rows, |row| row.key.clone(), |row| row);
    Ok(Page {
        items: listed
            .items
            .into_iter()
            .filter_map(|row| facts.show(row, now))
            .collect(),
        next_cursor: listed.next_cursor,
    })
}

/// One meeting of this site, with everybody who was there.
#[utoipa::path(
    get, path = "/api/admin/meetings/{id}", tag = "admin", operation_id = "readMeeting",
    params(("id" = MeetingId, Path)),
    responses((status = 200, body = MeetingDetail), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn read(
    State(app): State<App>,
    SeesRooms(current): SeesRooms,
    Path(id): Path<MeetingId>,
) -> Result<Json<MeetingDetail>, Problem> {
    let caller = Caller::user(current);
    let gone = || Problem::not_found("meeting");
    let now = app.now();
    let mut reads = app.db.reads().await?;
    let row = store::one_of_site(&mut reads, id).await?.ok_or_else(gone)?;
    let mut facts = Facts::read(&mut reads, std::slice::from_ref(&row), &caller).await?;
    let stays = store::history_attendances(&mut reads, [&id]).await?;
    let recordings = if caller.may(Right::SeeRecordings) {
        Some(recordings::of_meeting(&mut reads, id).await?)
    } else {
        None
    };
    Ok(Json(MeetingDetail {
        meeting: facts.show(row, now).ok_or_else(gone)?,
        attendances: visits::merge(stays, now),
        recordings,
    }))
}

/// What others have on record of the meetings of a page.
struct Facts {
    rooms: HashMap<RoomId, rooms::Standing>,
    people: HashMap<MeetingId, i64>,
    recordings: HashMap<MeetingId, i64>,
}

impl Facts {
    async fn read(
        reads: &mut Reads,
        rows: &[SiteMeetingRow],
        caller: &Caller,
    ) -> Result<Facts, DbError> {
        let ids: Vec<MeetingId> = rows.iter().map(|row| row.id).collect();
        let mut of: Vec<RoomId> = rows.iter().map(|row| row.room_id).collect();
        of.sort_unstable();
        of.dedup();
        Ok(Facts {
            rooms: rooms::standings(&mut *reads, &of, caller).await?,
            people: store::count_people(&mut *reads, &ids).await?,
            recordings: recordings::count_of_meetings(reads, &ids).await?,
        })
    }

    fn show(&mut self, row: SiteMeetingRow, now: Timestamp) -> Option<SiteMeeting> {
        let room = self.rooms.get(&row.room_id)?;
        let until = row.ended_at.unwrap_or(now);
        Some(SiteMeeting {
            id: row.id,
            room: MeetingRoom {
                id: room.id,
                slug: room.slug.clone(),
                name: room.name.clone(),
                deleted: room.deleted,
            },
            sid: row.sid,
            started_at: row.started_at,
            ended_at: row.ended_at,
            seconds: until.since(row.started_at).as_secs(),
            people: self.people.remove(&row.id).unwrap_or(0),
            recordings: self.recordings.remove(&row.id).unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::{TestApp, TestClient, TestRoom};

    async fn begun(admin: &mut TestClient, query: &str) -> Vec<String> {
        let path = format!("/api/admin/meetings?limit=1&{query}");
        let all = admin.get_all(&path).await.into_iter();
        all.map(|meeting| meeting["room"]["slug"].as_str().unwrap().to_owned())
            .collect()
    }

    #[tokio::test]
    async fn calls_of_all_rooms_are_found_by_room_and_time_and_told_with_people_and_recordings() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let mut rooms = Vec::new();
        for slug in ["one", "two", "three"] {
            app.advance(Duration::from_mins(1));
            let room = TestRoom::create(&mut ada, json!({ "slug": slug })).await;
            room.enter(&app, &livekit, &mut ada).await;
            rooms.push((room, app.app().now().0));
        }
        rooms[2].0.enter(&app, &livekit, &mut app.browser()).await;
        let starts: Vec<Value> = admin.get("/api/admin/meetings").await.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|meeting| meeting["started_at"].clone())
            .collect();
        let mut all = async |query: &str| begun(&mut admin, query).await;
        assert_eq!(all("").await, ["three", "two", "one"]);
        assert_eq!(all("direction=asc").await, ["one", "two", "three"]);
        assert_eq!(all("room=two").await, ["two"]);
        let second = starts[1].as_i64().unwrap();
        for direction in ["asc", "desc"] {
            let since = format!("direction={direction}&from={second}");
            let mut found = all(&since).await;
            found.sort();
            assert_eq!(found, ["three", "two"], "{since}");
            let between = format!("{since}&to={}", second + 1);
            assert_eq!(all(&between).await, ["two"], "{between}");
            assert_eq!(
                all(&format!("direction={direction}&to={second}")).await,
                ["one"]
            );
        }
        let listed = admin.get("/api/admin/meetings?room=three").await.json;
        let meeting = &listed["items"][0];
        assert_eq!(
            (&meeting["people"], &meeting["recordings"]),
            (&json!(2), &json!(0))
        );
        assert_eq!(meeting["ended_at"], json!(null));
        let path = format!("/api/admin/meetings/{}", meeting["id"].as_str().unwrap());
        let detail = admin.get(&path).await.json;
        assert_eq!(detail["meeting"], *meeting);
        assert_eq!(
            detail["attendances"].as_array().unwrap().len(),
            2,
            "{detail}"
        );
        assert_eq!(detail["recordings"], json!([]));
        admin
            .patch(
                &format!("/api/users/{}", ada.user_id),
                json!({"role": "support"}),
            )
            .await;
        assert_eq!(ada.get(&path).await.json["recordings"], json!(null));
        // A deleted room's calls stay, under its id.
        ada.delete(&rooms[1].0.path("")).await;
        let gone = admin
            .get(&format!("/api/admin/meetings?room={}", rooms[1].0.id))
            .await
            .json;
        assert_eq!(gone["items"][0]["room"]["deleted"], true, "{gone}");
        let nobody = "/api/admin/meetings/01900000-0000-7000-8000-000000000000";
        assert_eq!(admin.get(nobody).await.status, 404);
    }
}
