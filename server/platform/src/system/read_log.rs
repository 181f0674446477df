//! Shows administrators what was logged last.

use axum::extract::State;
use garde::Validate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{LogLevel, LogLine};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Json, Problem, Query, openapi},
};

/// Which lines.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// The least that a line must say; `trace` when left out.
    #[garde(skip)]
    level: Option<LogLevel>,
    /// Part of the line, in any case.
    #[garde(length(chars, max = openapi::LONGEST_QUERY))]
    #[param(schema_with = openapi::query)]
    q: Option<String>,
}

/// What this process and its children logged last, the newest first: warnings and errors of the site, everything of the
/// children, 500 lines each.
#[utoipa::path(
    get, path = "/api/admin/log", tag = "admin", operation_id = "readLog", params(LogQuery),
    responses(
        (status = 200, body = Vec<LogLine>),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn read(
    State(app): State<App>,
    _: SeesSite,
    Query(query): Query<LogQuery>,
) -> Json<Vec<LogLine>> {
    let wanted = query.q.unwrap_or_default().to_lowercase();
    let least = query.level.unwrap_or(LogLevel::Trace);
    let mut lines = app.origin.log.lines();
    lines.retain(|line| {
        let texts = [&line.target, &line.message, &line.fields];
        line.level <= least
            && texts
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
    });
    Json(lines)
}
