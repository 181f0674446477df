//! Lists a recording's links for outsiders.

use axum::extract::State;

use super::{find_to_share, model::Share, store};
use crate::{
    app::App,
    http::{Json, Page, PageQuery, Path, Problem, Query},
    recordings::RecordingId,
    rooms::caller::Caller,
};

/// A recording's links, also expired ones, newest first.
#[utoipa::path(
    get, path = "/api/recordings/{id}/shares", tag = "recordings", operation_id = "listRecordingShares",
    params(("id" = RecordingId, Path), PageQuery),
    responses((status = 200, body = Page<Share>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Share>>, Problem> {
    find_to_share(&app, id, &caller).await?;
    let rows = store::list(&app.db, id, &page.before()?, page.fetch()).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |row| row.id.to_string(),
        Share::from,
    )))
}
