//! Works on the queue with apalis until told to stop.

use std::{io, sync::atomic::Ordering, time::Duration};

use apalis::prelude::Monitor;
use tokio_util::sync::CancellationToken;

use super::{backend, queue::Queue};
use crate::app::App;

const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Works on the queue until `shutdown`, then finishes the jobs under way.
pub async fn work(app: App, shutdown: CancellationToken) {
    app.jobs.worker_is_running.store(true, Ordering::Relaxed);
    // apalis keeps a job for ever when two workers share a name.
    let boot = app.random.uuid(app.now());
    let mut monitor = Monitor::new()
        .shutdown_timeout(STOP_WITHIN)
        .should_restart(|_, error| {
            tracing::warn!(%error, "the job worker failed and starts again");
            true
        });
    for queue in Queue::ALL {
        let name = move |restarts: usize| format!("{}-{boot}-r{restarts}", queue.name());
        monitor = backend::register(monitor, app.clone(), queue, shutdown.clone(), name);
    }
    let stop = async {
        shutdown.cancelled().await;
        io::Result::Ok(())
    };
    if let Err(error) = monitor.run_with_signal(stop).await {
        tracing::error!(%error, "the job worker ended");
    }
    app.jobs.worker_is_running.store(false, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::LazyLock};

    use serde::{Deserialize, Serialize};
    use tempfile::TempDir;
    use tokio::{sync::watch, time::Instant};
    use url::Url;

    use super::*;
    use crate::{
        db::Database,
        jobs::{Job, JobError, Registry},
        testing::{Relay, TestApp, database},
    };

    /// How often each test's job ran.
    static RUNS: LazyLock<watch::Sender<HashMap<String, u32>>> =
        LazyLock::new(|| watch::channel(HashMap::new()).0);

    /// Fails in the way `first` says when it runs for the first time.
    #[derive(Clone, Serialize, Deserialize)]
    struct Count {
        test: String,
        first: String,
    }

    impl Job for Count {
        const NAME: &'static str = "test.count";

        async fn run(self, _: &App, _: &CancellationToken) -> Result<(), JobError> {
            let mut runs = 0;
            RUNS.send_modify(|all| {
                let count = all.entry(self.test.clone()).or_default();
                *count += 1;
                runs = *count;
            });
            match self.first.as_str() {
                "retry" if runs == 1 => Err(JobError::Retry("not yet".to_owned())),
                "panic" if runs == 1 => panic!("a job that panics once"),
                "give up" => Err(JobError::GiveUp("never".to_owned())),
                _ => Ok(()),
            }
        }
    }

    /// Takes as long as the process lives.
    #[derive(Serialize, Deserialize)]
    struct UntilStopped;

    impl Job for UntilStopped {
        const NAME: &'static str = "test.until_stopped";

        async fn run(self, _: &App, stop: &CancellationToken) -> Result<(), JobError> {
            stop.cancelled().await;
            Ok(())
        }
    }

    /// Counts, and waits where large files do.
    #[derive(Serialize, Deserialize)]
    struct CountTransfer;

    impl Job for CountTransfer {
        const NAME: &'static str = "test.count_transfer";
        const QUEUE: Queue = Queue::Transfers;

        async fn run(self, _: &App, _: &CancellationToken) -> Result<(), JobError> {
            RUNS.send_modify(|all| *all.entry("a transfer".to_owned()).or_default() += 1);
            Ok(())
        }
    }

    struct Working {
        app: TestApp,
        shutdown: CancellationToken,
        worker: tokio::task::JoinHandle<()>,
    }

    impl Working {
        async fn start() -> Working {
            let registry = Registry::default().with::<Count>();
            Working::on(TestApp::start_with_jobs(|_, _| {}, registry).await)
        }

        fn on(app: TestApp) -> Working {
            let shutdown = CancellationToken::new();
            let worker = tokio::spawn(work(app.app().clone(), shutdown.clone()));
            Working {
                app,
                shutdown,
                worker,
            }
        }

        async fn enqueue(&self, test: &str, first: &str) {
            let job = Count {
                test: test.to_owned(),
                first: first.to_owned(),
            };
            let mut tx = self.app.app().db.begin().await.unwrap();
            self.app.app().jobs.enqueue(&mut tx, &job).await.unwrap();
            tx.commit().await.unwrap();
        }

        async fn stop(self) {
            self.shutdown.cancel();
            self.worker.await.unwrap();
        }
    }

    async fn until(test: &str, runs: u32) {
        RUNS.subscribe()
            .wait_for(|all| all.get(test).is_some_and(|n| *n >= runs))
            .await
            .unwrap();
    }

    fn runs(test: &str) -> u32 {
        RUNS.borrow().get(test).copied().unwrap_or(0)
    }

    #[tokio::test]
    async fn a_job_runs_once_its_transaction_is_committed_and_never_when_it_is_not() {
        let working = Working::start().await;
        let app = working.app.app();
        let mut tx = app.db.begin().await.unwrap();
        let lost = Count {
            test: "rolled back".to_owned(),
            first: String::new(),
        };
        app.jobs.enqueue(&mut tx, &lost).await.unwrap();
        drop(tx);
        working.enqueue("committed", "").await;
        until("committed", 1).await;
        working.stop().await;
        assert_eq!((runs("committed"), runs("rolled back")), (1, 0));
    }

    #[tokio::test]
    async fn the_queues_keep_no_place_from_each_other_and_a_long_job_hears_of_the_end() {
        let registry = Registry::default()
            .with::<UntilStopped>()
            .with::<CountTransfer>();
        let working = Working::on(TestApp::start_with_jobs(|_, _| {}, registry).await);
        let app = working.app.app();
        let mut tx = app.db.begin().await.unwrap();
        for _ in 0..=Queue::Usual.concurrency() {
            app.jobs.enqueue(&mut tx, &UntilStopped).await.unwrap();
        }
        app.jobs.enqueue(&mut tx, &CountTransfer).await.unwrap();
        tx.commit().await.unwrap();
        until("a transfer", 1).await;
        let stopping = Instant::now();
        working.stop().await;
        assert!(stopping.elapsed() < STOP_WITHIN, "{:?}", stopping.elapsed());
    }

    #[tokio::test]
    async fn a_job_that_fails_or_panics_is_tried_again() {
        let working = Working::start().await;
        working.enqueue("retried", "retry").await;
        working.enqueue("panicked", "panic").await;
        until("retried", 2).await;
        until("panicked", 2).await;
        working.stop().await;
    }

    #[tokio::test]
    async fn a_job_that_gives_up_is_not_tried_again_and_blocks_nothing() {
        let working = Working::start().await;
        working.enqueue("given up", "give up").await;
        working.enqueue("after it", "retry").await;
        until("after it", 2).await;
        working.stop().await;
        assert_eq!(runs("given up"), 1);
    }

    #[tokio::test]
    async fn a_job_queued_while_nobody_works_waits() {
        let working = Working::start().await;
        working.shutdown.cancel();
        let Working { app, worker, .. } = working;
        worker.await.unwrap();
        assert!(!app.app().jobs.is_working());
        let shutdown = CancellationToken::new();
        let working = Working {
            worker: tokio::spawn(async {}),
            app,
            shutdown,
        };
        working.enqueue("waiting", "").await;
        assert_eq!(runs("waiting"), 0);
        let again = work(working.app.app().clone(), working.shutdown.clone());
        let watcher = async {
            until("waiting", 1).await;
            working.shutdown.cancel();
        };
        tokio::join!(again, watcher);
    }

    #[tokio::test]
    async fn finished_jobs_and_old_workers_can_be_purged() {
        let working = Working::start().await;
        working.enqueue("purged", "").await;
        until("purged", 1).await;
        crate::jobs::purge(&working.app.app().db).await.unwrap();
        assert!(
            !working
                .app
                .app()
                .jobs
                .is_stuck(working.app.app())
                .await
                .unwrap()
        );
        working.stop().await;
    }

    #[tokio::test]
    async fn while_postgres_is_away_requests_hear_so_within_a_second_and_then_all_goes_on() {
        let folder = TempDir::new().unwrap();
        let url = database::create(folder.path()).await;
        if !url.starts_with("postgres") {
            eprintln!("skipped: PostgreSQL goes away (no PostgreSQL is named)");
            return;
        }
        let mut url: Url = url.parse().unwrap();
        let address = |url: &Url| format!("{}:{}", url.host().unwrap(), url.port().unwrap());
        let mut relay = Relay::start(address(&url)).await;
        url.set_port(Some(relay.address.port())).unwrap();
        let db = Database::open(url.as_str(), 4).await.unwrap();
        let registry = Registry::default().with::<Count>();
        let app = TestApp::start_on(folder, db, |_, _| {}, registry).await;
        let working = Working::on(app);
        working.enqueue("before the outage", "").await;
        until("before the outage", 1).await;

        relay.cut().await;
        let mut browser = working.app.browser();
        for path in ["/api/site", "/api/rooms/abc-defg-hij"] {
            let asked = Instant::now();
            let answer = browser.get(path).await;
            assert_eq!(
                (answer.status, answer.code()),
                (503, "database_unavailable")
            );
            assert_eq!(answer.headers["retry-after"], "2");
            assert!(
                asked.elapsed() < Duration::from_millis(1500),
                "{:?}",
                asked.elapsed()
            );
        }
        assert_eq!(browser.get("/health/ready").await.status, 503);
        assert_eq!(browser.get("/health/live").await.status, 200);

        relay.join().await;
        let recovered = async {
            while browser.get("/api/site").await.status != 200 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            working.enqueue("after the outage", "").await;
            until("after the outage", 1).await;
        };
        tokio::time::timeout(Duration::from_secs(20), recovered)
            .await
            .unwrap();
        working.stop().await;
    }
}
