//! `convoke load`: rooms full of publishers and subscribers against any LiveKit server, to measure it.

mod person;
mod report;
mod room;

use std::{
    io::{Write, stdout},
    time::Duration,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use futures::{StreamExt, TryStreamExt, stream};
use livekit_client::{Endpoint, api_address};
use livekit_wire::ApiKeys;
use participant::{Received, SignalMode, proto::VideoQuality};
use tokio::time::Instant;
use url::Url;

use person::Person;
use report::{Joins, Report, processor_time};
use room::Talk;

/// The first second brings keyframes and subscriptions.
const WARM_UP: Duration = Duration::from_secs(1);

/// Who joins, and for how long.
#[derive(Debug, Args)]
pub struct Load {
    /// The server, such as ws://127.0.0.1:7880.
    #[arg(long)]
    url: Url,
    /// Key name, known to the server.
    #[arg(long, env = "LIVEKIT_API_KEY")]
    api_key: String,
    /// Its secret; only from the environment, so that no process list shows it.
    #[arg(skip = std::env::var("LIVEKIT_API_SECRET").ok())]
    api_secret: Option<String>,
    /// Name of the room; several rooms are numbered after it.
    #[arg(long, default_value = "load")]
    room: String,
    /// How many rooms.
    #[arg(long, default_value_t = 1)]
    rooms: u32,
    /// How many publish a video in each room.
    #[arg(long, default_value_t = 1)]
    publishers: u32,
    /// How many only subscribe in each room.
    #[arg(long, default_value_t = 10)]
    subscribers: u32,
    /// Publishers receive one another as well, as people in a meeting do.
    #[arg(long)]
    meeting: bool,
    /// Bits per second of each published video, of its best layer.
    #[arg(long, default_value_t = 1_600_000)]
    bitrate: u32,
    /// Publish each video in three layers.
    #[arg(long)]
    simulcast: bool,
    /// Publish videos whose only keyframe is their first: who comes later sees nothing.
    #[arg(long)]
    no_keyframes: bool,
    /// Publish audio as well; one at a time speaks in each room.
    #[arg(long)]
    audio: bool,
    /// The layer that is asked for; otherwise the server's choice.
    #[arg(long, value_enum)]
    quality: Option<Quality>,
    /// Speak the signal protocol with one peer connection (`/rtc/v1`) instead of two.
    #[arg(long)]
    single: bool,
    /// Send media over TCP.
    #[arg(long)]
    tcp: bool,
    /// Put frames together, as a recorder does, instead of counting packets.
    #[arg(long)]
    frames: bool,
    /// How long to measure, once all are connected.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many join at the same time.
    #[arg(long, default_value_t = 100)]
    joins_at_once: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A simulcast layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Quality {
    Low,
    Medium,
    High,
}

impl From<Quality> for VideoQuality {
    fn from(quality: Quality) -> Self {
        match quality {
            Quality::Low => Self::Low,
            Quality::Medium => Self::Medium,
            Quality::High => Self::High,
        }
    }
}

impl Load {
    /// Joins all, measures, leaves.
    pub async fn run(self) -> anyhow::Result<()> {
        let secret = self
            .api_secret
            .clone()
            .context("LIVEKIT_API_SECRET is not set")?;
        let server = Endpoint {
            url: api_address(self.url.as_str())?,
            keys: ApiKeys::one(self.api_key.clone(), secret.into()),
        };
        let begin = Instant::now();
        // Publishers first: so subscribers find what they came for.
        let publishers = self.join_all(&server, true).await?;
        let subscribers = self.join_all(&server, false).await?;
        let joined_within = begin.elapsed();
        let talk = self.audio.then(|| Talk::begin(&publishers, self.rooms));

        tokio::time::sleep(WARM_UP).await;
        let everybody: Vec<&Person> = publishers.iter().chain(&subscribers).collect();
        let torn = || -> u64 { everybody.iter().map(|one| one.torn()).sum() };
        let (before, torn_before, busy) = (total(&everybody), torn(), processor_time()?);
        tokio::time::sleep(Duration::from_secs(self.seconds)).await;
        let (after, busy) = (total(&everybody), processor_time()?.saturating_sub(busy));
        let joins = Joins::of(everybody.iter().map(|one| one.joined_within), joined_within);
        let torn = torn() - torn_before;
        let report = Report::new(&self, before, after, torn, &joins, busy);

        drop(talk);
        for person in subscribers.into_iter().chain(publishers) {
            person.leave().await?;
        }
        self.print(&report)
    }

    async fn join_all(&self, server: &Endpoint, publish: bool) -> anyhow::Result<Vec<Person>> {
        let per_room = if publish {
            self.publishers
        } else {
            self.subscribers
        };
        // One of each room before the second of any: rooms fill side by side, as they do in life.
        let places = (0..per_room).flat_map(|index| (0..self.rooms).map(move |room| (room, index)));
        stream::iter(places)
            .map(|(room, index)| Person::join(self, server, self.room_name(room), index, publish))
            .buffered(self.joins_at_once.max(1))
            .try_collect()
            .await
    }

    fn room_name(&self, room: u32) -> String {
        if self.rooms == 1 {
            self.room.clone()
        } else {
            format!("{}-{room}", self.room)
        }
    }

    const fn signal(&self) -> SignalMode {
        if self.single {
            SignalMode::Single
        } else {
            SignalMode::Dual
        }
    }

    fn print(&self, report: &Report) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string(report)?)?;
        } else {
            writeln!(out, "{report}")?;
        }
        Ok(())
    }
}

fn total(people: &[&Person]) -> Received {
    people
        .iter()
        .map(|person| person.received())
        .fold(Received::default(), |sum, one| Received {
            packets: sum.packets + one.packets,
            bytes: sum.bytes + one.bytes,
            lost: sum.lost + one.lost,
            frames: sum.frames + one.frames,
        })
}
