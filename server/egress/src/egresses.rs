//! All egresses of this process: starting them, finding them, going on with those of the process before. It must not know how a
//! call comes in.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use livekit_client::CallError;
use livekit_wire::{
    ids::random_id,
    proto::EgressInfo,
    twirp::{Code, TwirpError},
};
use parking_lot::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    egress::{self, Egress, Shared, file_names, find_room, nanoseconds},
    info::{self, has_ended},
    journal::{Phase, Record},
    order::{Ordered, StreamOrder},
    record::Command,
};

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// It is not live.
    #[error("requested room does not exist")]
    NoRoom,
    /// As many as allowed go on already. LiveKit's answer where no recorder is free.
    #[error("no response from servers")]
    Busy,
    /// The disk is nearly full.
    #[error("not enough disk space to record")]
    NoSpace,
    /// The LiveKit server does not answer.
    #[error("the LiveKit server does not answer: {0}")]
    Unreachable(#[from] CallError),
    /// The folder cannot be written.
    #[error("the egress cannot be written down: {0}")]
    Disk(#[from] io::Error),
    /// The process ends.
    #[error("no response from servers")]
    Ending,
    /// An output needs the other program.
    #[error("{0} needs ffmpeg, which is not installed where the built-in egress runs")]
    NoFfmpeg(&'static str),
}

/// All egresses.
pub struct Egresses {
    shared: Arc<Shared>,
    all: Mutex<HashMap<String, Arc<Egress>>>,
    tasks: TaskTracker,
    /// Nothing is sent to receivers any more.
    stop: CancellationToken,
}

impl Egresses {
    /// Goes on with what the process before has left.
    pub fn resume(shared: Shared) -> io::Result<Arc<Egresses>> {
        let records = shared.journal.load_all()?;
        let egresses = Arc::new(Egresses {
            shared: Arc::new(shared),
            all: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        for record in records {
            if record.phase != Phase::Ended {
                let id = &record.info.egress_id;
                tracing::info!(
                    egress = id,
                    room = record.info.room_name,
                    "an egress goes on"
                );
            }
            egresses.run(record);
        }
        Ok(egresses)
    }

    /// What all share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Starts an egress; answers when it is written down, before it is in the room.
    pub async fn start(
        &self,
        Ordered { order, request }: Ordered,
    ) -> Result<EgressInfo, NotStarted> {
        if self.stop.is_cancelled() || self.tasks.is_closed() {
            return Err(NotStarted::Ending);
        }
        let going_on = self
            .all
            .lock()
            .values()
            .filter(|egress| egress.phase() == Phase::Recording)
            .count();
        if going_on >= self.shared.settings.max_parallel {
            return Err(NotStarted::Busy);
        }
        if self.shared.ffmpeg.is_none()
            && let Some(output) = order.outputs.needs_ffmpeg()
        {
            return Err(NotStarted::NoFfmpeg(output));
        }
        if !egress::has_room(&self.shared)? {
            return Err(NotStarted::NoSpace);
        }
        egress::lay_ballast(&self.shared);
        let room = find_room(&self.shared, &order.room_name).await?;
        let room = room.ok_or(NotStarted::NoRoom)?;
        let now = (self.shared.wall_clock)();
        let id = random_id("EG_", &mut rand::rng());
        let names = file_names(&order, &room, self.shared.ffmpeg.is_some(), now);
        let named = names.told(&order.outputs);
        let place = (room.sid, room.name);
        let mut info = info::starting(id, place, request, named, nanoseconds(now));
        for stream in order
            .outputs
            .streams
            .iter()
            .flat_map(|streams| &streams.all)
        {
            info::stream_added(&mut info, &stream.redacted, nanoseconds(now));
        }
        let record = Record {
            info: info.clone(),
            order,
            zero: None,
            names,
            outcome: None,
            phase: Phase::Recording,
            stop_asked: false,
        };
        self.shared.journal.save(&record)?;
        // Before it runs: its own steps are told after this one.
        let more = &record.order.webhooks;
        self.shared.webhooks.keep("egress_started", &info, more)?;
        self.run(record);
        Ok(info)
    }

    /// What goes on and what ended lately, the newest first. What ended earlier is still found, with its files.
    pub fn listed(&self) -> Vec<EgressInfo> {
        let listed = Duration::from_hours(self.shared.settings.listed_hours.into());
        let oldest = nanoseconds((self.shared.wall_clock)() - listed);
        let mut all: Vec<_> = self
            .all
            .lock()
            .values()
            .map(|egress| egress.info())
            .filter(|info| !has_ended(info) || info.ended_at > oldest)
            .collect();
        all.sort_by_key(|info| std::cmp::Reverse(info.started_at));
        all
    }

    /// The egress with this id.
    pub fn find(&self, id: &str) -> Result<Arc<Egress>, TwirpError> {
        let found = self.all.lock().get(id).cloned();
        found.ok_or_else(|| TwirpError::domain(Code::NotFound, "egress does not exist"))
    }

    /// Has an egress end; what was answered holds though the process dies the next moment.
    pub fn stop(&self, egress: &Egress) {
        egress.change(&self.shared, None, |record| record.stop_asked = true);
        egress.ask(Command::Stop);
    }

    /// Changes where an egress is streamed to: all of what is asked, or nothing.
    pub fn update_stream(
        &self,
        egress: &Egress,
        add: &[StreamOrder],
        remove: &[String],
    ) -> Result<EgressInfo, TwirpError> {
        let now = nanoseconds((self.shared.wall_clock)());
        egress.try_change(&self.shared, Some("egress_updated"), |record| {
            let info = &mut record.info;
            let streams = record.order.outputs.streams.as_mut();
            let streams = streams.ok_or_else(|| {
                let told = "UpdateStream called on non-streaming egress";
                TwirpError::new(Code::InvalidArgument, told)
            })?;
            for stream in add {
                streams.add(stream.clone(), |index| info::is_streamed(info, index))?;
                info::stream_added(info, &stream.redacted, now);
            }
            for url in remove {
                let index = streams.find(url, |index| info::is_streamed(info, index))?;
                info::stream_ended(info, index, None, now);
                streams.all[index].forget_secrets();
            }
            Ok::<(), TwirpError>(())
        })?;
        egress.stream_to_others();
        Ok(egress.info())
    }

    /// Forgets an ended egress with all its files.
    pub fn forget(&self, id: &str) -> io::Result<()> {
        self.all.lock().remove(id);
        self.shared.journal.remove(id)
    }

    /// Ends the process's part: the next process goes on with every egress.
    pub async fn suspend(&self, within: Duration) {
        self.tasks.close();
        for egress in self.all.lock().values() {
            egress.ask(Command::Suspend);
        }
        self.stop.cancel();
        if tokio::time::timeout(within, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("not every egress could be put down in time");
        }
    }

    fn run(&self, record: Record) {
        let id = record.info.egress_id.clone();
        let (egress, commands) = Egress::new(record);
        self.all.lock().insert(id.clone(), Arc::clone(&egress));
        let (shared, running) = (Arc::clone(&self.shared), Arc::clone(&egress));
        self.tasks.spawn(async move {
            egress::run(&shared, &running, commands).await;
        });
        let (shared, telling) = (Arc::clone(&self.shared), Arc::clone(&egress));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(telling.tell(&shared, &id)).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use livekit_client::{Client, Endpoint};
    use livekit_wire::{ApiKeys, proto::EgressStatus};
    use tokio::sync::Semaphore;

    use super::*;
    use crate::{
        ballast::Ballast,
        journal::{self, Journal},
        settings::Settings,
        webhook::Webhooks,
    };

    const DAY: Duration = Duration::from_hours(24);

    fn now() -> SystemTime {
        UNIX_EPOCH + 10_000 * DAY
    }

    fn shared(folder: &std::path::Path) -> Shared {
        // Other tests may have been first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = format!(
            "{{api_key: k, api_secret: s, ws_url: \"ws://127.0.0.1:1\", folder: {}}}",
            folder.display()
        );
        let settings: Settings = serde_yaml::from_str(&settings).unwrap();
        let endpoint = Endpoint {
            url: "http://127.0.0.1:1".parse().unwrap(),
            keys: ApiKeys::one("k".to_owned(), "s".into()),
        };
        let journal = Journal::open(folder.to_owned()).unwrap();
        let http = reqwest::Client::builder().build().unwrap();
        Shared {
            webhooks: Webhooks {
                journal: journal.clone(),
                endpoint: endpoint.clone(),
                http: http.clone(),
                urls: [].into(),
                wall_clock: now,
            },
            client: Client::new(endpoint.clone(), http),
            settings,
            endpoint,
            journal,
            wall_clock: now,
            ffmpeg: None,
            composer: Semaphore::new(1),
            previewer: Semaphore::new(1),
            space: egress::Space::default(),
            senders: Semaphore::new(1),
            ballast: Ballast::in_folder(folder),
        }
    }

    #[tokio::test]
    async fn a_stop_that_was_answered_holds_though_the_process_dies_the_next_moment() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().to_owned()).unwrap();
        let mut record = journal::tests::record("EG_a");
        record.info.set_status(EgressStatus::EgressActive);
        journal.save(&record).unwrap();
        let egresses = Egresses::resume(shared(folder.path())).unwrap();
        egresses.stop(&egresses.find("EG_a").unwrap());
        // It has had no turn yet: what is on the disk now is what a killed process leaves.
        let left = journal.load("EG_a").unwrap().unwrap();
        assert_eq!((left.phase, left.stop_asked), (Phase::Recording, true));
        // The next process does not even try to reach the room, which nobody serves here.
        let next = Egresses::resume(shared(folder.path())).unwrap();
        let ends = async {
            while next.find("EG_a").unwrap().phase() == Phase::Recording {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let soon = Duration::from_secs(10);
        tokio::time::timeout(soon, ends).await.unwrap();
    }

    #[tokio::test]
    async fn what_ended_days_ago_is_listed_no_more_and_found_with_its_files_until_it_is_forgotten()
    {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path().to_owned()).unwrap();
        for (id, ago) in [("EG_new", DAY / 2), ("EG_old", 3 * DAY)] {
            let mut record = journal::tests::record(id);
            record.phase = Phase::Ended;
            record.info.set_status(EgressStatus::EgressComplete);
            record.info.ended_at = nanoseconds(now() - ago);
            journal.save(&record).unwrap();
        }
        let egresses = Egresses::resume(shared(folder.path())).unwrap();
        let listed: Vec<_> = egresses
            .listed()
            .into_iter()
            .map(|info| info.egress_id)
            .collect();
        assert_eq!(listed, ["EG_new"]);
        assert!(
            egresses.find("EG_old").is_ok(),
            "a store may be away for days"
        );
        egresses.forget("EG_old").unwrap();
        assert!(egresses.find("EG_old").is_err());
        assert!(!journal.folder("EG_old").exists());
        // Nothing is left to tell of either: no task waits.
        egresses.tasks.close();
        egresses.tasks.wait().await;
    }
}
