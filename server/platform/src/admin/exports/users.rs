//! Every account that a list shows, as a file.

use axum::{extract::State, response::Response};

use super::tell;
use crate::{
    accounts::{self, ListUsers, SeesSite, User},
    app::App,
    http::{Column, ExportQuery, Problem, Query, column, export as export_list, moment},
};

const COLUMNS: [Column; 7] = [
    column("id", "/id"),
    column("name", "/name"),
    column("email", "/email"),
    column("role", "/role"),
    column("disabled", "/disabled"),
    moment("created_at", "/created_at"),
    moment("last_seen_at", "/last_seen_at"),
];

/// The accounts of `GET /api/users`, all pages of them.
#[utoipa::path(
    get, path = "/api/admin/users/export", tag = "admin", operation_id = "exportUsers",
    params(ListUsers, ExportQuery),
    responses((status = 200, content((Vec<User> = "application/json"), (String = "text/csv"))),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn export(
    State(app): State<App>,
    SeesSite(who): SeesSite,
    Query(filter): Query<ListUsers>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    tell(&app, &who, "users", format, &filter).await?;
    let now = app.now();
    export_list(("users", now), format, &COLUMNS, move |page| {
        let (app, filter) = (app.clone(), filter.clone());
        async move { accounts::page(&app, &filter, &page).await }
    })
    .await
}
