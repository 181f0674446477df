//! A report as plain text, for whoever runs the network or the firewall.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};

use super::{model::DoctorCheckId, store};
use crate::{
    accounts::SeesSite,
    app::App,
    http::{Path, Problem},
};

/// What both halves of a check say, as a text to pass on.
#[utoipa::path(
    get, path = "/api/admin/doctor/checks/{id}/text", tag = "admin", operation_id = "downloadDoctorCheck",
    params(("id" = DoctorCheckId, Path)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn download(
    State(app): State<App>,
    _: SeesSite,
    Path(id): Path<DoctorCheckId>,
) -> Result<Response, Problem> {
    let kept = store::find(&app.db, id).await?;
    let kept = kept.ok_or_else(|| Problem::not_found("check"))?;
    let disposition = HeaderValue::from_static("attachment; filename=\"convoke-doctor.txt\"");
    let headers = [(header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, kept.report().text()).into_response())
}
