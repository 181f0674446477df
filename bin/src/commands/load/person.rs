//! One who joins a room for the load's sake.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use livekit_client::Endpoint;
use livekit_wire::{Claims, VideoGrants};
use participant::{
    Content, Event, Events, JoinOptions, LeaveReason, LocalTrack, Participant, Publish, Receive,
    Received, Transport,
    proto::{TrackSource, VideoQuality},
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::Load;
use crate::clock::wall_clock;

/// Longer than any measurement.
const TOKEN_LIFE: Duration = Duration::from_hours(6);
/// A server under load may need long; one that never answers is an error.
const JOIN_WITHIN: Duration = Duration::from_mins(1);

pub(super) struct Person {
    participant: Arc<Participant>,
    /// What others hear of it.
    pub audio: Option<LocalTrack>,
    /// From the first word to media in both directions.
    pub joined_within: Duration,
    torn: Arc<AtomicU64>,
    heard: JoinHandle<Option<LeaveReason>>,
    leaving: watch::Sender<bool>,
}

impl Person {
    pub async fn join(
        load: &Load,
        server: &Endpoint,
        room: String,
        index: u32,
        publish: bool,
    ) -> anyhow::Result<Self> {
        let identity = if publish && load.publishers == 1 {
            "publisher".to_owned()
        } else if publish {
            format!("publisher-{index}")
        } else {
            format!("subscriber-{index}")
        };
        let grants = VideoGrants {
            room_join: true,
            room,
            ..VideoGrants::default()
        };
        let claims = Claims {
            identity,
            video: Some(grants),
            ..Claims::default()
        };
        let token = server.sign(&claims, wall_clock(), TOKEN_LIFE)?;
        let options = JoinOptions {
            signal: load.signal(),
            auto_subscribe: !publish || load.meeting,
            transport: if load.tcp {
                Transport::Tcp
            } else {
                Transport::Udp
            },
            receive: if load.frames {
                Receive::Frames
            } else {
                Receive::Count
            },
            ..JoinOptions::default()
        };
        let begin = Instant::now();
        let (participant, events) = Participant::join(&load.url, &token, options).await?;
        let participant = Arc::new(participant);
        let torn = Arc::new(AtomicU64::new(0));
        let (leaving, left) = watch::channel(false);
        let heard = tokio::spawn(hear(
            events,
            Arc::clone(&participant),
            load.quality.map(VideoQuality::from),
            Arc::clone(&torn),
            left,
        ));
        let ready = async {
            participant.connected().await;
            if publish {
                publish_all(load, &participant).await
            } else {
                Ok(None)
            }
        };
        let audio = timeout(JOIN_WITHIN, ready).await??;
        Ok(Self {
            audio,
            joined_within: begin.elapsed(),
            participant,
            torn,
            heard,
            leaving,
        })
    }

    pub fn received(&self) -> Received {
        self.participant.received()
    }

    /// Frames before which something is missing.
    pub fn torn(&self) -> u64 {
        self.torn.load(Ordering::Relaxed)
    }

    /// Leaves, and tells what put it out before.
    pub async fn leave(self) -> anyhow::Result<()> {
        self.leaving.send_replace(true);
        let reason = self.heard.await?;
        if let Some(reason) = reason {
            anyhow::bail!("the server put a participant out: {reason:?}");
        }
        if let Some(participant) = Arc::into_inner(self.participant) {
            participant.leave().await;
        }
        Ok(())
    }
}

async fn publish_all(load: &Load, participant: &Participant) -> anyhow::Result<Option<LocalTrack>> {
    let layers = if load.simulcast { 3 } else { 1 };
    participant
        .publish(Publish {
            name: "synthetic".to_owned(),
            source: TrackSource::Camera,
            content: Content::SyntheticVideo {
                bits_per_second: load.bitrate,
                layers,
                keyframes: !load.no_keyframes,
            },
        })
        .await?;
    if !load.audio {
        return Ok(None);
    }
    let audio = participant
        .publish(Publish {
            name: "synthetic".to_owned(),
            source: TrackSource::Microphone,
            content: Content::SyntheticAudio,
        })
        .await?;
    Ok(Some(audio))
}

/// Asks for the layer that is wanted, and counts torn frames, until told to stop.
async fn hear(
    mut events: Events,
    participant: Arc<Participant>,
    quality: Option<VideoQuality>,
    torn: Arc<AtomicU64>,
    mut leaving: watch::Receiver<bool>,
) -> Option<LeaveReason> {
    loop {
        let event = tokio::select! {
            event = events.next() => event?,
            // An error says that nobody will tell any more.
            _ = leaving.changed() => return None,
        };
        match event {
            Event::Subscribed { track, codec, .. } if codec.is_video() => {
                if let Some(quality) = quality {
                    participant.set_track_settings(&track, quality, false).await;
                }
            }
            Event::Frame(frame) if !frame.contiguous => {
                torn.fetch_add(1, Ordering::Relaxed);
            }
            Event::Left(reason) => return Some(reason),
            _ => {}
        }
    }
}
