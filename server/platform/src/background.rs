//! Everything that goes on without a request: the one list of jobs and of work at intervals.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    accounts, api_keys,
    app::App,
    audit, auth, certificates, doctor, events,
    jobs::{self, Registry},
    livekit_events, meetings, quality, recordings, settings, usage, webhooks,
};

const ASK_RECORDER: Duration = Duration::from_secs(15);
const SAMPLE_USAGE: Duration = Duration::from_secs(15);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Every kind of job.
pub fn registry() -> Registry {
    Registry::default()
        .with::<accounts::LeaveCalls>()
        .with::<accounts::RenameInCalls>()
        .with::<api_keys::SendOut>()
        .with::<recordings::Transfer>()
        .with::<recordings::ForgetFiles>()
        .with::<recordings::RemoveFiles>()
}

/// Works until `shutdown`, then finishes what is under way.
pub async fn run(app: App, shutdown: CancellationToken) {
    tokio::join!(
        jobs::work(app.clone(), shutdown.clone()),
        Box::pin(livekit_events::run(app.clone(), shutdown.clone())),
        Box::pin(events::deliver(&app.db, &app.events, &shutdown)),
        jobs::tick(
            &app,
            "recordings.reconcile",
            ASK_RECORDER,
            &shutdown,
            |app| async move { recordings::reconcile(&app).await }
        ),
        settings::watch(&app, &shutdown),
        certificates::watch(&app, &shutdown),
        jobs::tick(
            &app,
            "certificates.renew",
            certificates::RENEWED,
            &shutdown,
            // An order may take minutes.
            |app| {
                let stopped = shutdown.clone();
                async move {
                    let renewed = Box::pin(certificates::renew(&app));
                    let renewed = stopped.run_until_cancelled(renewed).await;
                    renewed.unwrap_or(Ok(()))
                }
            }
        ),
        jobs::tick(
            &app,
            "recordings.find_lost",
            MINUTE,
            &shutdown,
            |app| async move { recordings::find_lost(&app).await }
        ),
        jobs::tick(
            &app,
            "recordings.delete_old",
            MINUTE * 5,
            &shutdown,
            |app| async move { recordings::delete_old(&app).await }
        ),
        jobs::tick(
            &app,
            "recordings.sweep",
            HOUR,
            &shutdown,
            |app| async move { recordings::sweep(&app).await }
        ),
        jobs::tick(&app, "events.trim", HOUR, &shutdown, |app| async move {
            let unread = webhooks::fed_to(&app).await?;
            events::trim(&app.db, app.now(), unread).await
        }),
        jobs::tick(&app, "auth.clean_up", HOUR, &shutdown, |app| async move {
            auth::clean_up(&app).await
        }),
        jobs::tick(
            &app,
            "api_keys.clean_up",
            HOUR,
            &shutdown,
            |app| async move { api_keys::clean_up(&app).await }
        ),
        usage::watch(&app, &shutdown),
        jobs::tick(
            &app,
            "usage.sample",
            SAMPLE_USAGE,
            &shutdown,
            |app| async move { usage::sample(&app).await }
        ),
        jobs::tick(&app, "usage.clean_up", HOUR, &shutdown, |app| async move {
            usage::clean_up(&app).await
        }),
        jobs::tick(
            &app,
            "quality.count",
            quality::SAMPLED,
            &shutdown,
            |app| async move { quality::count(&app).await }
        ),
        jobs::tick(
            &app,
            "quality.clean_up",
            HOUR,
            &shutdown,
            |app| async move { quality::clean_up(&app).await }
        ),
        jobs::tick(&app, "doctor.clean_up", HOUR, &shutdown, |app| async move {
            doctor::clean_up(&app).await
        }),
        jobs::tick(&app, "audit.clean_up", HOUR, &shutdown, |app| async move {
            audit::clean_up(&app).await
        }),
        jobs::tick(
            &app,
            "meetings.clean_up",
            HOUR,
            &shutdown,
            |app| async move { meetings::clean_up(&app).await }
        ),
        Box::pin(webhooks::run(app.clone(), shutdown.clone())),
        jobs::tick(
            &app,
            "webhooks.clean_up",
            HOUR,
            &shutdown,
            |app| async move { webhooks::clean_up(&app).await }
        ),
        jobs::tick(&app, "jobs.purge", HOUR, &shutdown, |app| async move {
            jobs::purge(&app.db).await
        }),
    );
}
