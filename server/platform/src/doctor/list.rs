//! Lists the checks that are kept.

use axum::extract::State;

use super::{model::DoctorCheck, store};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Page, PageQuery, Problem, Query},
};

/// The checks of the last days with what both halves say together, newest first.
#[utoipa::path(
    get, path = "/api/admin/doctor/checks", tag = "admin", operation_id = "listDoctorChecks", params(PageQuery),
    responses((status = 200, body = Page<DoctorCheck>), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn list(
    State(app): State<App>,
    _: SeesSite,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<DoctorCheck>>, Problem> {
    let rows = store::list(&app.db, &page.before()?, page.fetch()).await?;
    Ok(Json(Page::new(
        &page,
        rows,
        |row| row.id.to_string(),
        |row| row.seen(None),
    )))
}
