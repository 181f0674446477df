//! Shows every part of the site with its verdict, and what is wrong with it; it mends nothing.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::services::{ServiceState, services};
use crate::{
    accounts::SeesSite,
    agents::commands::{CommandProcessState, KeptCommand},
    app::App,
    clock::Timestamp,
    health::{self, Check, Checks},
    http::{Json, Problem},
    livekit::service::Service,
    storage, webhooks,
};

/// A certificate that has less time left is about to be forgotten.
const CERTIFICATE_ENDS_SOON: Duration = Duration::from_hours(24 * 14);
/// In bytes: with less where the data folder is, the database will soon take no writes.
const LITTLE_SPACE: u64 = 1_000_000_000;

/// The site's parts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteHealth {
    /// The worst of them.
    state: PartState,
    parts: Vec<PartHealth>,
}

/// One part's verdict.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartHealth {
    part: Part,
    state: PartState,
    /// What is wrong with it, or why it is off.
    #[schema(required = true)]
    detail: Option<String>,
}

/// A part of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Database,
    /// The media server.
    Media,
    /// The queue and whoever works on it.
    Jobs,
    /// Whoever records, and where films are kept.
    Recordings,
    /// The disk with the data folder.
    Disk,
    /// The site's own.
    Certificate,
    /// Streams out of rooms.
    Egress,
    /// Streams into rooms.
    Ingress,
    /// Telephony.
    Sip,
    /// Programs of agents' workers that the site keeps alive.
    Agents,
    Webhooks,
}

/// How a part does, the better the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// There is none, or it is not wanted.
    Off,
    Ok,
    /// It works, and somebody should look.
    Warn,
    Fail,
}

/// Every part of the site with its verdict, each looked at now.
#[utoipa::path(
    get, path = "/api/admin/health", tag = "admin", operation_id = "readSiteHealth",
    responses((status = 200, body = SiteHealth), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub(super) async fn health(State(app): State<App>, _: SeesSite) -> Json<SiteHealth> {
    let (checks, services, webhooks) =
        tokio::join!(health::checks(&app), services(&app), webhooks(&app));
    let Checks {
        database,
        media,
        jobs,
        recordings,
    } = checks;
    let mut parts = vec![
        checked(Part::Database, database),
        checked(Part::Media, media),
        checked(Part::Jobs, jobs),
        if app.recorder.is_some() {
            checked(Part::Recordings, recordings)
        } else {
            off(Part::Recordings, "nobody records here")
        },
        disk(storage::free_bytes(&app.config.server.data_dir)),
        certificate(&app),
    ];
    parts.extend(services.map(|it| service(it.service, it.state)));
    parts.push(agents(&commands(&app)));
    parts.push(webhooks);
    let state = parts.iter().map(|part| part.state).max();
    Json(SiteHealth {
        state: state.unwrap_or(PartState::Ok),
        parts,
    })
}

fn told(part: Part, state: PartState, detail: impl Into<String>) -> PartHealth {
    let detail = Some(detail.into());
    PartHealth {
        part,
        state,
        detail,
    }
}

fn ok(part: Part) -> PartHealth {
    PartHealth {
        part,
        state: PartState::Ok,
        detail: None,
    }
}

fn off(part: Part, why: &str) -> PartHealth {
    told(part, PartState::Off, why)
}

fn checked(part: Part, check: Check) -> PartHealth {
    match check.trouble() {
        None => ok(part),
        Some(trouble) => told(part, PartState::Fail, trouble),
    }
}

fn disk(free: Option<u64>) -> PartHealth {
    match free {
        Some(free) if free < LITTLE_SPACE => {
            let detail = format!("only {} MB are free for the data folder", free / 1_000_000);
            told(Part::Disk, PartState::Warn, detail)
        }
        _ => ok(Part::Disk),
    }
}

fn certificate(app: &App) -> PartHealth {
    let ends_at = app.certificate_end.get().and_then(|ends_at| ends_at());
    let Some(ends_at) = ends_at.map(Timestamp::from) else {
        return off(Part::Certificate, "the site has none of its own");
    };
    let left = ends_at.since(app.now());
    if left.is_zero() {
        told(Part::Certificate, PartState::Fail, "it has ended")
    } else if left < CERTIFICATE_ENDS_SOON {
        let days = left.as_secs() / (24 * 3_600);
        let detail = format!("it ends in {days} days");
        told(Part::Certificate, PartState::Warn, detail)
    } else {
        ok(Part::Certificate)
    }
}

fn service(service: Service, state: ServiceState) -> PartHealth {
    let part = match service {
        Service::Egress => Part::Egress,
        Service::Ingress => Part::Ingress,
        Service::Sip => Part::Sip,
    };
    match state {
        ServiceState::Ready => ok(part),
        ServiceState::NoWorker => told(
            part,
            PartState::Warn,
            "nobody was there to do the work when it was last asked for",
        ),
        ServiceState::NeedsRedis => off(part, "the media server needs Redis for it"),
        ServiceState::NotSupported => off(part, "this media server has none"),
        ServiceState::Unreachable => told(part, PartState::Fail, "it does not answer"),
    }
}

fn commands(app: &App) -> Vec<KeptCommand> {
    let keeper = app.commands.get();
    keeper.map_or_else(Vec::new, |keeper| keeper.overview())
}

fn agents(commands: &[KeptCommand]) -> PartHealth {
    if commands.is_empty() {
        return off(Part::Agents, "agents.commands names none");
    }
    let ending = commands.iter().filter_map(|command| {
        let waits = |state| state == CommandProcessState::Waiting;
        let process = command.processes.iter().find(|it| waits(it.state))?;
        let how = process.last_exit.as_deref().unwrap_or("ended");
        Some(format!("{} {how}", command.name))
    });
    let ending: Vec<_> = ending.collect();
    if ending.is_empty() {
        ok(Part::Agents)
    } else {
        let detail = format!("{}, and is started again", ending.join("; "));
        told(Part::Agents, PartState::Warn, detail)
    }
}

async fn webhooks(app: &App) -> PartHealth {
    match webhooks::given_up(&app.db).await {
        Ok(None) => off(Part::Webhooks, "nobody is told of anything"),
        Ok(Some(0)) => ok(Part::Webhooks),
        Ok(Some(1)) => told(
            Part::Webhooks,
            PartState::Warn,
            "one is paused, as its receiver takes nothing",
        ),
        Ok(Some(count)) => told(
            Part::Webhooks,
            PartState::Warn,
            format!("{count} are paused, as their receivers take nothing"),
        ),
        Err(error) => {
            tracing::warn!(%error, "webhooks cannot be counted");
            told(Part::Webhooks, PartState::Fail, "the log says why")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use serde_json::{Value, json};

    use super::*;
    use crate::{
        agents::commands::CommandProcess,
        livekit::MediaStatus,
        testing::{TestApp, TestClient},
    };

    async fn seen(client: &mut TestClient) -> Value {
        let answer = client.get("/api/admin/health").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json
    }

    fn part<'a>(seen: &'a Value, name: &str) -> &'a Value {
        let parts = seen["parts"].as_array().unwrap();
        parts.iter().find(|part| part["part"] == name).unwrap()
    }

    #[tokio::test]
    async fn a_fault_is_named_with_its_part_and_is_the_verdict_on_all() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let now = seen(&mut admin).await;
        assert_eq!(part(&now, "database")["state"], "ok");
        assert_eq!(part(&now, "media")["state"], "ok");
        for nothing in ["certificate", "agents", "webhooks"] {
            assert_eq!(part(&now, nothing)["state"], "off", "{now}");
        }
        let reason = "exit code 1".to_owned();
        app.media_status.send_replace(MediaStatus::Down { reason });
        let now = seen(&mut admin).await;
        assert_eq!(now["state"], "fail");
        let media = json!({"part": "media", "state": "fail", "detail": "exit code 1"});
        assert_eq!(part(&now, "media"), &media);
    }

    #[tokio::test]
    async fn a_certificate_is_told_of_before_and_after_its_end() {
        let (app, _livekit) = TestApp::start_with_livekit().await;
        let mut admin = app.admin().await;
        let ends_at = SystemTime::from(app.app().now()) + Duration::from_hours(24 * 15);
        assert!(
            app.app()
                .certificate_end
                .set(Box::new(move || Some(ends_at)))
                .is_ok()
        );
        assert_eq!(part(&seen(&mut admin).await, "certificate")["state"], "ok");
        app.advance(Duration::from_hours(48));
        let now = seen(&mut admin).await;
        assert_eq!(part(&now, "certificate")["state"], "warn");
        assert_eq!(part(&now, "certificate")["detail"], "it ends in 13 days");
        app.advance(Duration::from_hours(24 * 14));
        let now = seen(&mut admin).await;
        assert_eq!(part(&now, "certificate")["state"], "fail");
    }

    #[test]
    fn a_command_that_ends_again_and_again_is_named() {
        let process = |state, last_exit: Option<&str>| CommandProcess {
            number: 1,
            state,
            pid: None,
            started_at: None,
            restarts: 3,
            last_exit: last_exit.map(str::to_owned),
        };
        let command = |name: &str, process| KeptCommand {
            name: name.to_owned(),
            program: "python".to_owned(),
            count: 1,
            stopped: false,
            processes: vec![process],
        };
        let runs = command(
            "runs",
            process(CommandProcessState::Running, Some("ended with code 1")),
        );
        let ends = command(
            "ends",
            process(CommandProcessState::Waiting, Some("ended with code 7")),
        );
        assert_eq!(agents(std::slice::from_ref(&runs)).state, PartState::Ok);
        let told = agents(&[runs, ends]);
        let detail = "ends ended with code 7, and is started again";
        assert_eq!(
            (told.state, told.detail.as_deref()),
            (PartState::Warn, Some(detail))
        );
    }

    #[test]
    fn what_a_media_server_lacks_is_no_fault() {
        assert_eq!(
            service(Service::Sip, ServiceState::NeedsRedis).state,
            PartState::Off
        );
        assert_eq!(
            service(Service::Sip, ServiceState::NoWorker).state,
            PartState::Warn
        );
        assert_eq!(
            service(Service::Egress, ServiceState::Unreachable).state,
            PartState::Fail
        );
        assert_eq!(disk(Some(999_999_999)).state, PartState::Warn);
        assert_eq!(disk(None).state, PartState::Ok);
    }
}
