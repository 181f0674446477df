//! What the page must know before anybody signs in, and the way to it.

mod to_site;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth,
    config::Registration,
    http::{Json, Problem, SiteAddress},
    livekit::{InRegion, endpoint::MediaStatus},
};

pub use to_site::to_site;

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(site))
}

/// This server, for everybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    /// What it calls itself.
    name: String,
    version: &'static str,
    /// Its own address, as room links begin.
    url: String,
    registration: Registration,
    /// Nobody is administrator yet: the server's log has the link that makes one.
    setup_required: bool,
    password_min_length: usize,
    media: SiteMedia,
    /// Where calls can be, for pages to find out where they have the shortest way to; none where there is but one place.
    regions: Vec<SiteRegion>,
}

/// Where calls can be.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteRegion {
    name: String,
    /// What answers there over HTTP: how long that takes is how far it is. `null` where nobody can tell, because browsers
    /// come through the site.
    #[schema(required = true)]
    ping_url: Option<String>,
}

/// Whether calls are possible now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteMedia {
    Starting,
    Ready,
    Down,
}

/// What the page must know before anybody signs in.
#[utoipa::path(
    get, path = "/api/site", tag = "site", operation_id = "getSite",
    responses(
        (status = 200, body = Site),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn site(State(app): State<App>, address: SiteAddress) -> Result<Json<Site>, Problem> {
    let media = match app.media_status() {
        MediaStatus::Starting => SiteMedia::Starting,
        MediaStatus::Ready => SiteMedia::Ready,
        MediaStatus::Down { .. } => SiteMedia::Down,
    };
    let settings = app.settings.get();
    Ok(Json(Site {
        name: settings.site_name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        url: address.origin().to_owned(),
        registration: settings.registration,
        setup_required: auth::is_setup_required(&app).await?,
        password_min_length: app.config.auth.password_min_length,
        media,
        regions: regions(&app, &address),
    }))
}

fn regions(app: &App, address: &SiteAddress) -> Vec<SiteRegion> {
    if !app.regions.are_several() {
        return Vec::new();
    }
    let first = app.first_region().name;
    let of = |region: InRegion<'_>| {
        let past_us = region.livekit.endpoint().public_ws_url.as_ref();
        let over_http = past_us.map(|url| url.as_str().replacen("ws", "http", 1));
        // The first one is at the site, unless it says otherwise.
        let at_site = || format!("{}/health/live", address.origin());
        let at_first = (region.name == first).then(at_site);
        SiteRegion {
            name: region.name.to_string(),
            ping_url: over_http.or(at_first),
        }
    };
    app.every_region().map(of).collect()
}

#[cfg(test)]
mod tests {
    use crate::{livekit::endpoint::MediaStatus, testing::TestApp};

    #[tokio::test]
    async fn everybody_may_know_the_site() {
        let app = TestApp::start().await;
        let site = app.browser().get("/api/site").await;
        assert_eq!(site.status, 200);
        assert_eq!(site.json["registration"], "open");
        assert_eq!(site.json["password_min_length"], 10);
        assert_eq!(site.json["media"], "ready");
        assert_eq!(site.json["version"], env!("CARGO_PKG_VERSION"));
    }

    #[tokio::test]
    async fn the_site_says_when_calls_are_impossible() {
        let app = TestApp::start().await;
        app.media_status.send_replace(MediaStatus::Down {
            reason: "secret path".to_owned(),
        });
        let site = app.browser().get("/api/site").await;
        assert_eq!(site.json["media"], "down");
        assert!(!site.text.contains("secret path"), "{site:?}");
    }
}
