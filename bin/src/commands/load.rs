//! `convoke load`: one publisher and many subscribers against any LiveKit server, to measure it.

use std::{
    io::{Write, stdout},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use futures::future::try_join_all;
use livekit_client::{Endpoint, api_address};
use livekit_wire::{ApiKeys, Claims, VideoGrants};
use participant::{Content, JoinOptions, Participant, Publish, Received, proto::TrackSource};
use serde::Serialize;
use url::Url;

use crate::clock::wall_clock;

/// Longer than any measurement.
const TOKEN_LIFE: Duration = Duration::from_hours(6);

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
    /// Name of the room.
    #[arg(long, default_value = "load")]
    room: String,
    /// How many subscribe.
    #[arg(long, default_value_t = 10)]
    subscribers: u32,
    /// Bits per second of the one published video.
    #[arg(long, default_value_t = 1_600_000)]
    bitrate: u32,
    /// How long to measure, once all are connected.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    subscribers: u32,
    received_mbps: f64,
    lost_percent: f64,
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
        let join = async |identity: String, publish_video: Option<u32>| {
            let grants = VideoGrants {
                room_join: true,
                room: self.room.clone(),
                ..VideoGrants::default()
            };
            let claims = Claims {
                identity,
                video: Some(grants),
                ..Claims::default()
            };
            let token = server.sign(&claims, wall_clock(), TOKEN_LIFE)?;
            let options = JoinOptions {
                auto_subscribe: publish_video.is_none(),
                ..JoinOptions::default()
            };
            let (participant, _) = Participant::join(&self.url, &token, options).await?;
            participant.connected().await;
            if let Some(bits_per_second) = publish_video {
                let content = Content::SyntheticVideo {
                    bits_per_second,
                    layers: 1,
                };
                let publish = Publish {
                    name: "synthetic".to_owned(),
                    source: TrackSource::Camera,
                    content,
                };
                participant.publish(publish).await?;
            }
            anyhow::Ok(participant)
        };
        let publisher = join("publisher".to_owned(), Some(self.bitrate)).await?;
        let subscribers =
            try_join_all((0..self.subscribers).map(|i| join(format!("subscriber-{i}"), None)))
                .await?;

        // The first second brings the keyframe and the subscriptions.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = total(&subscribers);
        tokio::time::sleep(Duration::from_secs(self.seconds)).await;
        let after = total(&subscribers);

        for participant in subscribers.into_iter().chain([publisher]) {
            participant.leave().await;
        }
        self.print(before, after)
    }

    #[expect(clippy::cast_precision_loss, reason = "a report rounds anyway")]
    fn print(&self, before: Received, after: Received) -> anyhow::Result<()> {
        let (bytes, lost) = (
            after.bytes - before.bytes,
            after.lost.saturating_sub(before.lost),
        );
        let packets = after.packets - before.packets;
        let report = Report {
            subscribers: self.subscribers,
            received_mbps: bytes as f64 * 8.0 / 1e6 / self.seconds as f64,
            lost_percent: lost as f64 * 100.0 / (packets + lost).max(1) as f64,
        };
        let mut out = stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
        } else {
            writeln!(
                out,
                "{} subscribers received {:.1} Mbps, {:.2} % lost",
                report.subscribers, report.received_mbps, report.lost_percent
            )?;
        }
        Ok(())
    }
}

fn total(subscribers: &[Participant]) -> Received {
    subscribers
        .iter()
        .map(Participant::received)
        .fold(Received::default(), |sum, one| Received {
            packets: sum.packets + one.packets,
            bytes: sum.bytes + one.bytes,
            lost: sum.lost + one.lost,
            frames: sum.frames + one.frames,
        })
}
