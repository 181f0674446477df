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
    certificates,
    clock::Timestamp,
    config::Tls,
    health::{self, Check, Checks, Status},
    http::{Json, Problem},
    livekit::{Rtmp, SideStatus, service::Service},
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
    /// Why it is not in order, or off; `null` where only `detail` says it.
    #[schema(required = true)]
    reason: Option<HealthReason>,
    /// How many days, megabytes or webhooks the reason is about.
    #[schema(required = true)]
    count: Option<u64>,
    /// In words of the part's own.
    #[schema(required = true)]
    detail: Option<String>,
}

/// Why a part is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthReason {
    /// Nobody wants it.
    NotConfigured,
    /// So many megabytes are left.
    LittleSpace,
    /// The certificate is good for so many more days.
    EndsSoon,
    Ended,
    /// Its file is missing, or is none.
    Unreadable,
    /// The authority has signed none yet.
    NotIssued,
    /// The authority did not sign the next one; it is asked again.
    OrderFailed,
    /// When it was last asked for something, nobody was there to do it.
    NoWorker,
    NeedsRedis,
    /// This media server has none.
    NotSupported,
    Unreachable,
    /// The media server, which it is a service of, is not there.
    MediaAway,
    /// A command ends again and again.
    EndsAgain,
    /// So many webhooks are paused, as their receivers take nothing.
    GivenUp,
    /// The receivers of so many webhooks took nothing when they were last asked; they are asked again.
    TakesNothing,
    /// It was started a moment ago.
    Starting,
    /// Its process ended, and is started again.
    Restarting,
    /// Another program listens at its port.
    PortTaken,
    /// There is no ffmpeg, without which it cannot be.
    NoFfmpeg,
    /// Whoever runs the media server has it, or has not.
    Elsewhere,
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
    /// RTMP from encoders.
    Rtmp,
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
    let media = checked(Part::Media, media);
    let media_state = media.state;
    let mut parts = vec![
        checked(Part::Database, database),
        media,
        checked(Part::Jobs, jobs),
        match app.condition.process() {
            _ if app.recorder.is_none() => off(Part::Recordings, HealthReason::NotConfigured),
            Some(status) if status != SideStatus::Ready => process(Part::Recordings, status),
            Some(_) | None => checked(Part::Recordings, recordings),
        },
        disk(storage::free_bytes(&app.config.server.data_dir)),
        certificate(&app),
    ];
    for it in services {
        parts.push(service(it.service, it.state, media_state));
        if it.service == Service::Ingress {
            parts.push(rtmp(app.livekit.rtmp()));
        }
    }
    parts.push(agents(&commands(&app)));
    parts.push(webhooks);
    let state = parts.iter().map(|part| part.state).max();
    Json(SiteHealth {
        state: state.unwrap_or(PartState::Ok),
        parts,
    })
}

impl PartHealth {
    fn of(part: Part, state: PartState) -> PartHealth {
        PartHealth {
            part,
            state,
            reason: None,
            count: None,
            detail: None,
        }
    }

    fn because(self, reason: HealthReason) -> PartHealth {
        let reason = Some(reason);
        PartHealth { reason, ..self }
    }

    fn counting(self, count: u64) -> PartHealth {
        let count = Some(count);
        PartHealth { count, ..self }
    }

    fn saying(self, detail: Option<String>) -> PartHealth {
        PartHealth { detail, ..self }
    }
}

fn ok(part: Part) -> PartHealth {
    PartHealth::of(part, PartState::Ok)
}

fn off(part: Part, reason: HealthReason) -> PartHealth {
    PartHealth::of(part, PartState::Off).because(reason)
}

fn warn(part: Part, reason: HealthReason) -> PartHealth {
    PartHealth::of(part, PartState::Warn).because(reason)
}

fn fail(part: Part, reason: HealthReason) -> PartHealth {
    PartHealth::of(part, PartState::Fail).because(reason)
}

fn checked(part: Part, check: Check) -> PartHealth {
    let state = match check.status {
        Status::Ok => PartState::Ok,
        Status::Warn => PartState::Warn,
        Status::Fail => PartState::Fail,
    };
    PartHealth::of(part, state).saying(check.detail)
}

/// A process beside the media server.
fn process(part: Part, status: SideStatus) -> PartHealth {
    match status {
        SideStatus::Starting => warn(part, HealthReason::Starting),
        SideStatus::Ready => ok(part),
        SideStatus::PortTaken { detail } => {
            warn(part, HealthReason::PortTaken).saying(Some(detail))
        }
        SideStatus::Restarting { reason } => {
            fail(part, HealthReason::Restarting).saying(Some(reason))
        }
    }
}

fn rtmp(rtmp: &Rtmp) -> PartHealth {
    match rtmp {
        Rtmp::Off => off(Part::Rtmp, HealthReason::NotConfigured),
        Rtmp::Elsewhere => off(Part::Rtmp, HealthReason::Elsewhere),
        Rtmp::NoFfmpeg { detail } => off(Part::Rtmp, HealthReason::NoFfmpeg).saying(detail.clone()),
        Rtmp::Here { status, .. } => process(Part::Rtmp, status.borrow().clone()),
    }
}

fn disk(free: Option<u64>) -> PartHealth {
    match free {
        Some(free) if free < LITTLE_SPACE => {
            warn(Part::Disk, HealthReason::LittleSpace).counting(free / 1_000_000)
        }
        _ => ok(Part::Disk),
    }
}

fn certificate(app: &App) -> PartHealth {
    if app.config.server.tls == Tls::Off {
        return off(Part::Certificate, HealthReason::NotConfigured);
    }
    let failure = app.certificate.get().and_then(|site| site.state().failure);
    let part = certificate_until(app, certificates::ends_at(app));
    match failure {
        Some(failure) if part.state == PartState::Ok => {
            warn(Part::Certificate, HealthReason::OrderFailed).saying(Some(failure))
        }
        failure => part.saying(failure),
    }
}

fn certificate_until(app: &App, ends_at: Option<Timestamp>) -> PartHealth {
    let Some(ends_at) = ends_at else {
        return match app.config.server.tls {
            Tls::Acme => fail(Part::Certificate, HealthReason::NotIssued),
            Tls::Off | Tls::SelfSigned | Tls::Files => {
                fail(Part::Certificate, HealthReason::Unreadable)
            }
        };
    };
    let left = ends_at.since(app.now());
    if left.is_zero() {
        fail(Part::Certificate, HealthReason::Ended)
    } else if left < CERTIFICATE_ENDS_SOON {
        let days = left.as_secs() / (24 * 3_600);
        warn(Part::Certificate, HealthReason::EndsSoon).counting(days)
    } else {
        ok(Part::Certificate)
    }
}

fn service(service: Service, state: ServiceState, media: PartState) -> PartHealth {
    let part = match service {
        Service::Egress => Part::Egress,
        Service::Ingress => Part::Ingress,
        Service::Sip => Part::Sip,
    };
    match state {
        ServiceState::Ready => ok(part),
        ServiceState::NoWorker => warn(part, HealthReason::NoWorker),
        ServiceState::NeedsRedis => off(part, HealthReason::NeedsRedis),
        ServiceState::NotSupported => off(part, HealthReason::NotSupported),
        // One fault is told once.
        ServiceState::Unreachable if media == PartState::Fail => off(part, HealthReason::MediaAway),
        ServiceState::Unreachable => fail(part, HealthReason::Unreachable),
    }
}

fn commands(app: &App) -> Vec<KeptCommand> {
    let keeper = app.commands.get();
    keeper.map_or_else(Vec::new, |keeper| keeper.overview())
}

fn agents(commands: &[KeptCommand]) -> PartHealth {
    if commands.is_empty() {
        return off(Part::Agents, HealthReason::NotConfigured);
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
        warn(Part::Agents, HealthReason::EndsAgain).saying(Some(ending.join("; ")))
    }
}

async fn webhooks(app: &App) -> PartHealth {
    let many = |reason, count: i64| warn(Part::Webhooks, reason).counting(count.unsigned_abs());
    match webhooks::doing(&app.db).await {
        Ok(doing) if doing.all == 0 => off(Part::Webhooks, HealthReason::NotConfigured),
        Ok(doing) if doing.given_up > 0 => many(HealthReason::GivenUp, doing.given_up),
        Ok(doing) if doing.failing > 0 => many(HealthReason::TakesNothing, doing.failing),
        Ok(_) => ok(Part::Webhooks),
        Err(error) => {
            tracing::warn!(%error, "webhooks cannot be counted");
            fail(Part::Webhooks, HealthReason::Unreachable)
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
        let media = part(&now, "media");
        assert_eq!(
            (&media["state"], &media["detail"]),
            (&json!("fail"), &json!("exit code 1"))
        );
        let broken = now["parts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|part| part["state"] == "fail");
        assert_eq!(broken.count(), 2, "and nobody works on jobs here: {now}");
    }

    #[tokio::test]
    async fn a_certificate_is_told_of_before_and_after_its_end() {
        let app = TestApp::start_with(|config, _| config.server.tls = Tls::Files).await;
        let mut admin = app.admin().await;
        assert_eq!(
            part(&seen(&mut admin).await, "certificate")["reason"],
            "unreadable"
        );
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
        assert_eq!(part(&now, "certificate")["count"], 13);
        app.advance(Duration::from_hours(24 * 14));
        let now = seen(&mut admin).await;
        assert_eq!(part(&now, "certificate")["state"], "fail");
    }

    #[tokio::test]
    async fn processes_beside_the_media_server_are_told_of_as_they_are_now() {
        let (app, _livekit) = TestApp::start_with_recorder().await;
        let mut admin = app.admin().await;
        let taken = || SideStatus::PortTaken {
            detail: "1935".to_owned(),
        };
        let restarting = || SideStatus::Restarting {
            reason: "exit status: 7".to_owned(),
        };
        for (name, process) in [
            ("recordings", &app.recorder_status),
            ("rtmp", &app.rtmp_status),
        ] {
            assert_eq!(part(&seen(&mut admin).await, name)["state"], "ok", "{name}");
            for (status, state, reason, detail) in [
                (SideStatus::Starting, "warn", "starting", Value::Null),
                (restarting(), "fail", "restarting", json!("exit status: 7")),
                (taken(), "warn", "port_taken", json!("1935")),
            ] {
                process.send_replace(status);
                let now = seen(&mut admin).await;
                let told = part(&now, name);
                assert_eq!(
                    (&told["state"], &told["reason"], &told["detail"]),
                    (&json!(state), &json!(reason), &detail)
                );
            }
            process.send_replace(SideStatus::Ready);
            assert_eq!(part(&seen(&mut admin).await, name)["state"], "ok", "{name}");
        }
        app.recorder_status.send_replace(restarting());
        let ready = app.browser().get("/health/ready").await.json;
        assert_eq!(
            ready["checks"]["recordings"]["detail"],
            "the recorder: it is started again"
        );
    }

    #[test]
    fn rtmp_that_nobody_takes_is_off_and_why() {
        let told = |it: &Rtmp| {
            let told = rtmp(it);
            (told.state, told.reason, told.detail)
        };
        let (off, why) = (PartState::Off, HealthReason::NotConfigured);
        assert_eq!(told(&Rtmp::Off), (off, Some(why), None));
        let why = HealthReason::Elsewhere;
        assert_eq!(told(&Rtmp::Elsewhere), (off, Some(why), None));
        let detail = Some("/opt/ffmpeg does not run".to_owned());
        let none = Rtmp::NoFfmpeg {
            detail: detail.clone(),
        };
        assert_eq!(told(&none), (off, Some(HealthReason::NoFfmpeg), detail));
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
        let detail = "ends ended with code 7";
        assert_eq!(
            (told.state, told.detail.as_deref()),
            (PartState::Warn, Some(detail))
        );
    }

    #[test]
    fn what_a_media_server_lacks_is_no_fault() {
        assert_eq!(
            service(Service::Sip, ServiceState::NeedsRedis, PartState::Ok).state,
            PartState::Off
        );
        assert_eq!(
            service(Service::Sip, ServiceState::NoWorker, PartState::Ok).state,
            PartState::Warn
        );
        assert_eq!(
            service(Service::Egress, ServiceState::Unreachable, PartState::Ok).state,
            PartState::Fail
        );
        assert_eq!(disk(Some(999_999_999)).state, PartState::Warn);
        assert_eq!(disk(None).state, PartState::Ok);
        let away = service(Service::Sip, ServiceState::Unreachable, PartState::Fail);
        assert_eq!(
            (away.state, away.reason),
            (PartState::Off, Some(HealthReason::MediaAway))
        );
        let full = checked(
            Part::Recordings,
            Check {
                status: Status::Warn,
                detail: Some("90 %".to_owned()),
            },
        );
        assert_eq!(
            (full.state, full.detail.as_deref()),
            (PartState::Warn, Some("90 %"))
        );
    }
}
