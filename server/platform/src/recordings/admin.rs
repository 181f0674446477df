//! What an administrator sees of all recordings, and does about those that are stuck.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    listing::{
        of_site::{OfSite, SiteSort},
        store::SortedRow,
    },
    model::{Recording, RecordingId, RecordingState},
    state::News,
    store, told,
    transfer::{self, store::Stuck},
    view,
};
use crate::{
    accounts::{Admin, SeesRecordings, UserId},
    app::App,
    clock::Timestamp,
    db::{self, text_enum},
    happenings::{self, Happening, Recorded},
    http::{
        Direction, Json, Page, PageQuery, Path, Problem, Query,
        openapi::{self, LONGEST_QUERY},
    },
    rooms::{self, caller::Caller},
};

text_enum! {
    /// Which recordings an administrator looks at.
    Shown {
        /// Those whose film waits for the store or the recorder, and those whose film is lost.
        Stuck => "stuck",
        /// Every one.
        All => "all",
    }
}

/// Which recordings are asked for, and in which order; all that is said must hold.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAllRecordings {
    /// `all` when left out. Those that are stuck come with the newest first only, and nothing else narrows them.
    #[garde(skip)]
    #[param(inline)]
    state: Option<Shown>,
    #[garde(skip)]
    status: Option<RecordingState>,
    /// Part of a title.
    #[garde(length(chars, max = LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    q: Option<String>,
    /// Only those of rooms that this account owns.
    #[garde(skip)]
    user_id: Option<UserId>,
    /// `date` when left out.
    #[garde(skip)]
    #[param(inline)]
    sort: Option<SiteSort>,
    /// When left out `asc` for titles, `desc` for all else.
    #[garde(skip)]
    #[param(inline)]
    direction: Option<Direction>,
}

/// A recording, and why its film does not come.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdminRecording {
    #[serde(flatten)]
    recording: Recording,
    /// How often its film was tried to be moved since it last came further.
    attempts: i64,
    /// What the store or the recorder said last.
    #[schema(required = true)]
    last_error: Option<String>,
    /// When it is tried again.
    #[schema(required = true)]
    next_at: Option<Timestamp>,
}

/// Every recording of this server, newest first when nothing else is asked; or those that are stuck.
#[utoipa::path(
    get, path = "/api/admin/recordings", tag = "admin", operation_id = "listAllRecordings",
    params(ListAllRecordings, PageQuery),
    responses((status = 200, body = Page<AdminRecording>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list_all(
    State(app): State<App>,
    SeesRecordings(current): SeesRecordings,
    Query(wanted): Query<ListAllRecordings>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AdminRecording>>, Problem> {
    let caller = Caller::user(current);
    Ok(Json(page(&app, &caller, &wanted, &query).await?))
}

/// A page of these recordings.
pub async fn page(
    app: &App,
    caller: &Caller,
    wanted: &ListAllRecordings,
    query: &PageQuery,
) -> Result<Page<AdminRecording>, Problem> {
    let mut reads = app.db.reads().await?;
    let rows = match wanted.state.unwrap_or(Shown::All) {
        Shown::Stuck => {
            let rows = store::stuck(&mut reads, &query.before()?, query.fetch()).await?;
            let keyed = rows.into_iter().map(|listed| SortedRow {
                key: listed.recording.id.to_string(),
                listed,
            });
            keyed.collect()
        }
        Shown::All => {
            let of_site = OfSite {
                owner: wanted.user_id,
                state: wanted.status,
                matching: db::contains(wanted.q.as_deref().unwrap_or_default()),
                sort: wanted.sort.unwrap_or(SiteSort::Date),
                direction: wanted.direction,
            };
            of_site.page(&mut reads, query).await?
        }
    };
    let ids: Vec<RecordingId> = rows.iter().map(|row| row.listed.recording.id).collect();
    let transfers = transfer::store::stuck_of(&mut reads, &ids).await?;
    let mut of: Vec<_> = rows.iter().map(SortedRow::room).collect();
    of.sort_unstable();
    of.dedup();
    let standings = rooms::standings(&mut reads, &of, caller).await?;
    let listed = Page::new(
        query,
        rows,
        |row| row.key.clone(),
        |row| {
            let id = row.listed.recording.id;
            let recording = view::show_all(app, row.listed, &standings, caller)?;
            let stuck = transfers.iter().find(|stuck| stuck.recording_id == id);
            Some(show(recording, stuck))
        },
    );
    Ok(listed.flatten())
}

fn show(recording: Recording, stuck: Option<&Stuck>) -> AdminRecording {
    AdminRecording {
        recording,
        attempts: stuck.map_or(0, |stuck| stuck.attempts),
        next_at: stuck.map(|stuck| stuck.next_at),
        last_error: stuck.and_then(|stuck| stuck.last_error.clone()),
    }
}

/// Tries at once to move the film of a recording that waits, or whose film seemed lost.
#[utoipa::path(
    post, path = "/api/admin/recordings/{id}/retry", tag = "admin", operation_id = "retryRecording",
    params(("id" = RecordingId, Path)),
    responses((status = 202), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn retry(
    State(app): State<App>,
    Admin(current): Admin,
    Path(id): Path<RecordingId>,
) -> Result<StatusCode, Problem> {
    let by = Caller::user(current).actor();
    let mut tx = app.db.begin().await?;
    let row = store::to_change(&mut tx, id).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("recording"))?;
    let again = if row.file_name.is_some() {
        told::take(&app, &mut tx, None, &mut row, News::TriedAgain).await?
    } else {
        false
    };
    // A film that became one that is processed again has its job already.
    if !again && !transfer::hurry(&app, &mut tx, id).await? {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "nothing_to_retry",
            "No film of this recording is on its way, and none can be fetched.",
        ));
    }
    let retried = Happening::RecordingRetried(Recorded {
        id,
        title: &row.title,
    });
    let place = told::place(&mut tx, &row).await?;
    happenings::tell(&app, &mut tx, Some(&by), place.as_ref(), &retried).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
