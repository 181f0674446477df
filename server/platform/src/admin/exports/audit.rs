//! Every audit record that a list shows, as a file.

use axum::{extract::State, response::Response};

use super::tell;
use crate::{
    accounts::SeesSite,
    app::App,
    audit::{self, AuditQuery, AuditRecord},
    http::{Column, ExportQuery, Problem, Query, column, export as export_list, moment},
};

const COLUMNS: [Column; 9] = [
    column("id", "/id"),
    moment("at", "/at"),
    column("actor_id", "/actor/user_id"),
    column("actor", "/actor/name"),
    column("action", "/action"),
    column("room_link", "/room_slug"),
    column("target", "/target"),
    column("target_name", "/target_name"),
    column("detail", "/detail"),
];

/// The records of `GET /api/admin/audit`, all pages of them.
#[utoipa::path(
    get, path = "/api/admin/audit/export", tag = "admin", operation_id = "exportAuditRecords",
    params(AuditQuery, ExportQuery),
    responses((status = 200, content((Vec<AuditRecord> = "application/json"), (String = "text/csv"))),
        (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn export(
    State(app): State<App>,
    SeesSite(who): SeesSite,
    Query(filter): Query<AuditQuery>,
    Query(ExportQuery { format }): Query<ExportQuery>,
) -> Result<Response, Problem> {
    tell(&app, &who, "audit", format, &filter).await?;
    let now = app.now();
    export_list(("activity", now), format, &COLUMNS, move |page| {
        let (app, filter) = (app.clone(), filter.clone());
        async move { audit::page(&app, &filter, &page).await }
    })
    .await
}
