//! Whether this server lives and whether it can serve, each part named.

mod written;

use std::time::Duration;

use axum::{Json, Router, extract::State, routing::get};
use http::StatusCode;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

pub use written::Written;

use crate::{
    app::App,
    config::RegionName,
    db::Failure,
    livekit::MediaStatus,
    recordings::{self, Trouble},
};

/// This feature's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

// A monitor gives up after a few seconds: an answer that names the culprit must come before.
const PATIENCE: Duration = Duration::from_secs(2);

/// Each part's verdict, and the verdict on all.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    status: Status,
    checks: Checks,
}

/// Each part's verdict.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checks {
    pub database: Check,
    pub media: Check,
    pub jobs: Check,
    /// Calls go on without it: its trouble is told, and takes nobody from the site.
    pub recordings: Check,
}

/// One part's verdict.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    pub status: Status,
    /// Why not; words for the administrator, no secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a part does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStatus)]
pub enum Status {
    Ok,
    /// It works, and somebody should look.
    Warn,
    Fail,
}

impl Check {
    fn ok() -> Check {
        Check {
            status: Status::Ok,
            detail: None,
        }
    }

    fn fail(detail: impl Into<String>) -> Check {
        Check {
            status: Status::Fail,
            detail: Some(detail.into()),
        }
    }

    fn warn(detail: impl Into<String>) -> Check {
        Check {
            status: Status::Warn,
            ..Check::fail(detail)
        }
    }
}

/// The process answers; a restart would not help.
async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({"status": "ok"}))
}

/// Every part that a meeting needs, asked now.
async fn ready(State(app): State<App>) -> (StatusCode, Json<Health>) {
    let health = health(&app).await;
    let status = match health.status {
        Status::Ok | Status::Warn => StatusCode::OK,
        Status::Fail => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health))
}

/// Every part, asked now.
pub async fn checks(app: &App) -> Checks {
    let (database, jobs, recordings) = tokio::join!(database(app), jobs(app), recordings(app));
    Checks {
        database,
        media: media(app),
        jobs,
        recordings,
    }
}

/// The verdict on all, and on each part.
pub async fn health(app: &App) -> Health {
    let checks = checks(app).await;
    let all = [
        checks.database.status,
        checks.media.status,
        checks.jobs.status,
    ];
    let status = if all.contains(&Status::Fail) {
        Status::Fail
    } else {
        Status::Ok
    };
    Health { status, checks }
}

/// A database that answers reads may take no writes: only a write tells.
async fn database(app: &App) -> Check {
    match timeout(PATIENCE, app.written.check(app)).await {
        Ok(Ok(())) => Check::ok(),
        Ok(Err(Failure::StorageFull)) => Check::fail("the disk is full: nothing can be saved"),
        Ok(Err(_)) => Check::fail("the database takes no writes; the log says why"),
        Err(_) => Check::fail("the database does not answer in time"),
    }
}

async fn recordings(app: &App) -> Check {
    match timeout(PATIENCE, recordings::trouble(app)).await {
        Ok(None) => Check::ok(),
        Ok(Some(Trouble::Soon(detail))) => Check::warn(detail),
        Ok(Some(Trouble::Broken(detail))) => Check::fail(detail),
        Err(_) => Check::fail("the films' storage does not answer in time"),
    }
}

/// Calls can be made while any region is there.
fn media(app: &App) -> Check {
    let first = first_media(app);
    if !app.regions.are_several() {
        return first;
    }
    let others = app.every_region().skip(1).map(|region| {
        let check = match region.livekit.status() {
            MediaStatus::Ready => Check::ok(),
            MediaStatus::Starting => Check::fail("its media server has not answered yet"),
            MediaStatus::Down { reason } => Check::fail(reason),
        };
        (region.name, check)
    });
    let first = (app.first_region().name, first);
    let all: Vec<_> = std::iter::once(first).chain(others).collect();
    let says = |(name, check): &(&RegionName, Check)| {
        let detail = check.detail.as_ref()?;
        Some(format!("{name}: {detail}"))
    };
    let details: Vec<_> = all.iter().filter_map(says).collect();
    let failed = all.iter().filter(|(_, check)| check.status == Status::Fail);
    if failed.count() == all.len() {
        Check::fail(details.join("; "))
    } else if details.is_empty() {
        Check::ok()
    } else {
        Check::warn(details.join("; "))
    }
}

fn first_media(app: &App) -> Check {
    match app.livekit.status() {
        MediaStatus::Ready if announced_nowhere(app) => Check::fail(
            "this machine has no network address yet, so calls work on this machine only; livekit.node_ip names one",
        ),
        MediaStatus::Ready if unseen(app) => Check::warn(
            "no STUN server has said yet from which address this machine is seen, so nobody outside of its network gets into \
             calls; let UDP out, or set livekit.node_ip in place of livekit.use_external_ip",
        ),
        MediaStatus::Ready if app.livekit.is_outdated() => Check::warn(
            "the media server from before goes on, with its own program and settings, until nobody is in a call; \
             `convoke stop --media --restart` has it replaced now",
        ),
        MediaStatus::Ready => Check::ok(),
        MediaStatus::Starting => Check::fail("the media server starts"),
        MediaStatus::Down { reason } => Check::fail(reason),
    }
}

/// A loopback address that nobody asked for: the network is not up. Who calls the site localhost has asked for it.
fn announced_nowhere(app: &App) -> bool {
    let found = app.livekit.node_ip().is_some_and(|ip| ip.is_loopback());
    let config = &app.config;
    found && config.livekit.node_ip.is_none() && !config.server.is_called_localhost()
}

/// Others were to be asked, and nobody has answered.
fn unseen(app: &App) -> bool {
    let livekit = &app.config.livekit;
    livekit.use_external_ip && !livekit.external && app.livekit.node_ip().is_none()
}

async fn jobs(app: &App) -> Check {
    if !app.jobs.is_working() {
        return Check::fail("no worker runs in this process");
    }
    match timeout(PATIENCE, app.jobs.is_stuck(app)).await {
        Ok(Ok(false)) => Check::ok(),
        Ok(Ok(true)) => Check::fail("jobs wait for longer than a minute"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the queue cannot be read");
            Check::fail("the queue cannot be read; the log says why")
        }
        Err(_) => Check::fail("the queue cannot be read in time"),
    }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{jobs, testing::TestApp};

    #[tokio::test]
    async fn a_live_process_says_so_whatever_else_is_down() {
        let app = TestApp::start().await;
        app.media_status.send_replace(MediaStatus::Down {
            reason: "killed".to_owned(),
        });
        let answer = app.browser().get("/health/live").await;
        assert_eq!(
            (answer.status, answer.json["status"].as_str()),
            (200, Some("ok"))
        );
    }

    #[tokio::test]
    async fn readiness_names_each_part_and_follows_the_media_server() {
        let app = TestApp::start().await;
        let shutdown = CancellationToken::new();
        let worker = tokio::spawn(jobs::work(app.app().clone(), shutdown.clone()));
        while !app.app().jobs.is_working() {
            tokio::task::yield_now().await;
        }
        let answer = app.browser().get("/health/ready").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        for part in ["database", "media", "jobs"] {
            assert_eq!(answer.json["checks"][part]["status"], "ok", "{answer:?}");
        }
        app.node_ip_found.send_replace("127.0.0.1".parse().ok());
        let answer = app.browser().get("/health/ready").await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.json["checks"]["media"]["status"], "fail");
        app.node_ip_found.send_replace("192.0.2.7".parse().ok());
        assert_eq!(app.browser().get("/health/ready").await.status, 200);
        app.media_status.send_replace(MediaStatus::Down {
            reason: "exit code 7".to_owned(),
        });
        let answer = app.browser().get("/health/ready").await;
        assert_eq!(
            (answer.status, answer.json["status"].as_str()),
            (503, Some("fail"))
        );
        assert_eq!(answer.json["checks"]["media"]["detail"], "exit code 7");
        assert_eq!(answer.json["checks"]["database"]["status"], "ok");
        shutdown.cancel();
        worker.await.unwrap();
    }

    #[tokio::test]
    async fn who_calls_the_site_localhost_needs_no_network() {
        let app = TestApp::start_with(|config, _| {
            config.server.public_url = "http://localhost:8080".parse().ok();
        })
        .await;
        app.node_ip_found.send_replace("127.0.0.1".parse().ok());
        assert_eq!(super::media(app.app()).status, super::Status::Ok);
    }

    #[tokio::test]
    async fn a_site_that_asks_how_it_is_seen_warns_until_somebody_has_answered() {
        let app = TestApp::start_with(|config, _| config.livekit.use_external_ip = true).await;
        let media = super::media(app.app());
        assert_eq!(media.status, super::Status::Warn);
        assert!(media.detail.unwrap().contains("livekit.node_ip"));
        app.node_ip_found.send_replace("203.0.113.9".parse().ok());
        assert_eq!(super::media(app.app()).status, super::Status::Ok);
    }

    #[tokio::test]
    async fn a_media_server_from_before_is_told_and_keeps_nobody_out() {
        let app = TestApp::start().await;
        app.media_outdated.send_replace(true);
        let media = super::media(app.app());
        assert_eq!(media.status, super::Status::Warn);
        assert!(media.detail.unwrap().contains("until nobody is in a call"));
    }

    #[tokio::test]
    async fn a_process_without_a_job_worker_or_database_is_not_ready() {
        let app = TestApp::start().await;
        app.app().db.close().await;
        let answer = app.browser().get("/health/ready").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json["checks"]["jobs"]["status"], "fail");
        assert_eq!(answer.json["checks"]["database"]["status"], "fail");
    }

    #[tokio::test]
    async fn a_database_that_reads_but_takes_no_writes_is_not_ready() {
        let app = TestApp::start().await;
        let mut tx = app.app().db.begin().await.unwrap();
        crate::db::sql!(&mut tx => execute, "DROP TABLE write_checks").unwrap();
        tx.commit().await.unwrap();
        let answer = app.browser().get("/health/ready").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json["checks"]["database"]["status"], "fail");
        let site = app.browser().get("/api/site").await;
        assert_eq!(site.status, 200, "reads go on");
    }
}
