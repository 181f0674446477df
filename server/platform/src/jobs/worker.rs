//! Works on the queues with apalis until told to stop.

use std::{io, sync::atomic::Ordering, time::Duration};

use apalis::prelude::Monitor;
use futures::future::join_all;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{backend, queue::Queue};
use crate::app::App;

const STOP_WITHIN: Duration = Duration::from_secs(10);
/// A worker that failed starts again after so long, and after twice as long each time that it fails at once.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Whoever worked for longer did not fail at once.
const WORKED: Duration = Duration::from_mins(1);

/// Works on the queues until `shutdown`, then finishes the jobs under way.
pub async fn work(app: App, shutdown: CancellationToken) {
    let boot = app.random.uuid(app.now());
    join_all(Queue::ALL.map(|queue| work_on(&app, queue, boot, &shutdown))).await;
}

/// One life of a worker after the other: a full disk or a database that is away ends them.
async fn work_on(app: &App, queue: Queue, boot: Uuid, shutdown: &CancellationToken) {
    let mut wait = FIRST_WAIT;
    for life in 0_u32.. {
        let began = Instant::now();
        app.jobs.workers.fetch_add(1, Ordering::Relaxed);
        // apalis keeps a job for ever when two workers share a name.
        let name = format!("{}-{boot}-r{life}", queue.name());
        let monitor = Monitor::new().shutdown_timeout(STOP_WITHIN);
        let monitor = backend::register(monitor, app.clone(), queue, shutdown.clone(), move |_| {
            name.clone()
        });
        let stop = async {
            shutdown.cancelled().await;
            io::Result::Ok(())
        };
        let ended = monitor.run_with_signal(stop).await;
        app.jobs.workers.fetch_sub(1, Ordering::Relaxed);
        if shutdown.is_cancelled() {
            if let Err(error) = ended {
                tracing::error!(%error, queue = queue.name(), "the job worker ended");
            }
            return;
        }
        if began.elapsed() > WORKED {
            wait = FIRST_WAIT;
        }
        let error = ended.err().map(|error| error.to_string());
        tracing::warn!(
            error,
            queue = queue.name(),
            ?wait,
            "the job worker failed and starts again"
        );
        if shutdown.run_until_cancelled(sleep(wait)).await.is_none() {
            return;
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
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

    /// As a full disk does: nothing can be taken from the queue.
    async fn rename(app: &TestApp, table: &'static str, name: &str) {
        let Database::Sqlite { writer, .. } = &app.app().db else {
            panic!("SQLite only");
        };
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "ALTER TABLE {table} RENAME TO {name}"
        )))
        .execute(writer)
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn a_worker_that_fails_waits_before_it_starts_again_and_is_not_said_to_work() {
        let app = TestApp::start().await;
        if !matches!(app.app().db, Database::Sqlite { .. }) {
            return;
        }
        let stop = CancellationToken::new();
        let working = tokio::spawn(work(app.app().clone(), stop.clone()));
        let until = async |is: bool| {
            let begun = Instant::now();
            while app.app().jobs.is_working() != is {
                assert!(begun.elapsed() < Duration::from_secs(20), "{is}");
                sleep(Duration::from_millis(5)).await;
            }
        };
        until(true).await;
        rename(&app, "Jobs", "gone").await;
        until(false).await;
        // Lives are counted by the names that they were to have; a worker without a pause has hundreds by now.
        sleep(Duration::from_secs(1)).await;
        rename(&app, "gone", "Jobs").await;
        until(true).await;
        let lives = crate::db::sql!(&app.app().db => scalar i64, "SELECT COUNT(*) FROM Workers");
        let lives = lives.unwrap();
        assert!((2..20).contains(&lives), "{lives}");
        stop.cancel();
        working.await.unwrap();
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
