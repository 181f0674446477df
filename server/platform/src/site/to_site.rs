//! Sends a browser that came by plain HTTP to the site.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, Uri, header::LOCATION};

use crate::app::App;

/// The same path at the site's own address; the method stays as it was.
pub async fn to_site(State(app): State<App>, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let site = app.config.server.site_url();
    match HeaderValue::try_from(format!("{site}{path}")) {
        Ok(location) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
