//! Shows an administrator the server at a glance.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    accounts::{self, SeesRooms},
    app::App,
    clock::Timestamp,
    http::{Json, Problem},
    livekit::InRegion,
    meetings,
    recordings::{self, RecordingsOverview},
    rooms,
};

/// The server at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    media: MediaOverview,
    recordings: RecordingsOverview,
    users: i64,
    rooms: i64,
    live_rooms: i64,
    live_participants: i64,
    /// When this process started.
    started_at: Timestamp,
    version: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
}

/// The media server at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaOverview {
    /// `starting`, `ready` or `down`.
    status: &'static str,
    /// Why it is down.
    #[schema(required = true)]
    reason: Option<String>,
    /// `built-in`, `livekit-server` or `external`.
    engine: String,
    #[schema(required = true)]
    version: Option<String>,
    /// Every region, the first one first; none where there is but one.
    regions: Vec<RegionOverview>,
}

/// One region's media server.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegionOverview {
    name: String,
    /// `starting`, `ready` or `down`.
    status: &'static str,
    /// Why it is down.
    #[schema(required = true)]
    reason: Option<String>,
    /// Where browsers connect to; `null`: through the site.
    #[schema(required = true)]
    url: Option<String>,
}

/// How each region is doing.
fn regions(app: &App) -> Vec<RegionOverview> {
    if !app.regions.are_several() {
        return Vec::new();
    }
    let of = |region: InRegion<'_>| {
        let status = region.livekit.status();
        let url = &region.livekit.endpoint().public_ws_url;
        RegionOverview {
            name: region.name.to_string(),
            status: status.as_str(),
            reason: status.reason().map(str::to_owned),
            url: url.as_ref().map(url::Url::to_string),
        }
    };
    app.every_region().map(of).collect()
}

/// The server at a glance.
#[utoipa::path(
    get, path = "/api/admin/overview", tag = "admin", operation_id = "readOverview",
    responses((status = 200, body = Overview), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn overview(
    State(app): State<App>,
    _: SeesRooms,
) -> Result<Json<Overview>, Problem> {
    let live = meetings::count_live(&app.db).await?;
    let status = app.livekit.status();
    let facts = app.livekit.facts();
    Ok(Json(Overview {
        media: MediaOverview {
            status: status.as_str(),
            reason: status.reason().map(str::to_owned),
            engine: facts.engine.clone(),
            version: app.livekit.version(),
            regions: regions(&app),
        },
        recordings: recordings::overview(&app).await?,
        users: accounts::count(&app.db).await?,
        rooms: rooms::count(&app.db).await?,
        live_rooms: live.rooms,
        live_participants: live.participants,
        started_at: app.started_at,
        version: env!("CARGO_PKG_VERSION"),
        database: app.db.backend(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        livekit::MediaStatus,
        testing::{TestApp, TestRoom},
    };

    #[tokio::test]
    async fn the_overview_counts_what_is_live_and_says_why_the_media_is_down() {
        let (app, livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let room = TestRoom::create(&mut ada, json!({})).await;
        room.enter(&app, &livekit, &mut ada).await;
        let reason = "exit code 1".to_owned();
        app.media_status.send_replace(MediaStatus::Down { reason });
        let overview = admin.get("/api/admin/overview").await.json;
        assert_eq!(
            (overview["users"].as_i64(), overview["rooms"].as_i64()),
            (Some(2), Some(1))
        );
        assert_eq!(overview["live_rooms"], 1);
        assert_eq!(overview["live_participants"], 1);
        assert_eq!(overview["media"]["status"], "down");
        assert_eq!(overview["media"]["reason"], "exit code 1");
        assert_eq!(overview["media"]["version"], "1.2.3");
        assert_eq!(ada.get("/api/admin/overview").await.code(), "forbidden");
        let connectivity = app.browser().get("/api/connectivity").await.json;
        assert_eq!(connectivity["media"], "down");
        assert!(
            connectivity["signal_url"]
                .as_str()
                .unwrap()
                .starts_with("ws://")
        );
    }
}
