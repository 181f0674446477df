//! Shows a room what an ffmpeg makes, as the ingress's participant. It must not know where that comes from.

use std::{collections::BTreeMap, time::Duration};

use livekit_wire::proto::{DisconnectReason, IngressInfo};
use participant::{
    Codec, Content, Event, Events, JoinOptions, LeaveReason, LocalFrame, LocalTrack, Participant,
    Publish, Receive, SignalMode,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout},
};
use webm::{Block, TrackEntry, TrackKind};

use crate::{
    encoder::Made,
    encoding::{picture_label, sound_label},
    h264::ByteStream,
    pace::Pace,
    server::Shared,
};

const TRACKS_WITHIN: Duration = Duration::from_secs(20);
const JOINED_WITHIN: Duration = Duration::from_secs(20);
/// Between two packets of Opus, in its clock.
const PACKET: u64 = 960;

/// How showing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// There is no more to show.
    NoMore,
    /// The media server stops, or this process does.
    Left,
}

/// Why there is nothing to show.
enum Failed {
    NoMore,
    Because(String),
}

/// Joins, publishes, and sends frames when they are due; tells `begin` once the room has them.
pub async fn show(
    shared: &Shared,
    ingress: &IngressInfo,
    token: &str,
    mut made: mpsc::Receiver<Made>,
    begin: oneshot::Sender<()>,
) -> Result<Over, String> {
    let options = JoinOptions {
        signal: SignalMode::Single,
        auto_subscribe: false,
        receive: Receive::Frames,
        ..JoinOptions::default()
    };
    let joining = async {
        let joined = timeout(
            JOINED_WITHIN,
            Participant::join(&shared.server, token, options),
        );
        let joined = joined.await.map_err(|_| "it takes too long".to_owned());
        let joined = joined.and_then(|joined| joined.map_err(|error| error.to_string()));
        joined.map_err(|error| Failed::Because(format!("the room cannot be joined: {error}")))
    };
    let making = async {
        let made = timeout(TRACKS_WITHIN, made.recv()).await;
        let nothing = || "ffmpeg makes nothing of what the encoder sends".to_owned();
        match made.map_err(|_| Failed::Because(nothing()))? {
            Some(Made::Tracks(entries)) => Ok(entries),
            Some(Made::Frame(_)) | None => Err(Failed::NoMore),
        }
    };
    // Both take a while, and without the one the other is in vain.
    let ((participant, mut events), entries) = match tokio::try_join!(joining, making) {
        Ok(both) => both,
        Err(Failed::NoMore) => return Ok(Over::NoMore),
        Err(Failed::Because(why)) => return Err(why),
    };
    let publishing = publish(&participant, ingress, &entries);
    let mut tracks = tokio::select! {
        tracks = publishing => tracks?,
        over = left(&mut events) => return over,
    };
    let mut begin = Some(begin);
    let mut pace = Pace::default();
    loop {
        let block = tokio::select! {
            made = made.recv() => match made {
                Some(Made::Frame(block)) => block,
                Some(Made::Tracks(_)) => continue,
                None => return Ok(Over::NoMore),
            },
            over = left(&mut events) => return over,
        };
        let due = pace.due(block.at, Instant::now());
        tokio::select! {
            () = sleep_until(due) => {}
            over = left(&mut events) => return over,
        }
        if let Some(track) = tracks.get_mut(&block.number) {
            track.write(&block, due).await;
            if let Some(begin) = begin.take() {
                // Whoever ends the stream does not listen any more.
                let _ = begin.send(());
            }
        }
    }
}

/// Returns when we are not in the room any more.
async fn left(events: &mut Events) -> Result<Over, String> {
    loop {
        match events.next().await {
            Some(Event::Left(LeaveReason::Server(reason))) => {
                // Whoever has a say in the room may want it out: to LiveKit's service that is an error as well.
                let why = match reason {
                    DisconnectReason::DuplicateIdentity => {
                        "somebody else took the participant's place in the room"
                    }
                    DisconnectReason::ParticipantRemoved => {
                        "its participant was removed from the room"
                    }
                    DisconnectReason::RoomDeleted | DisconnectReason::RoomClosed => {
                        "the room was closed"
                    }
                    _ => return Ok(Over::Left),
                };
                return Err(why.to_owned());
            }
            Some(Event::Left(LeaveReason::Lost(error))) => {
                return Err(format!("the room is lost: {error}"));
            }
            Some(Event::Left(LeaveReason::Asked)) | None => return Ok(Over::Left),
            Some(_) => {}
        }
    }
}

async fn publish(
    participant: &Participant,
    ingress: &IngressInfo,
    entries: &[TrackEntry],
) -> Result<BTreeMap<u8, Track>, String> {
    let mut tracks = BTreeMap::new();
    for (number, entry) in (1..).zip(entries) {
        let (label, codec, size) = match entry.kind {
            TrackKind::Video { width, height } => {
                (picture_label(ingress), Codec::H264, (width, height))
            }
            TrackKind::Audio { .. } => (sound_label(ingress), Codec::Opus, (0, 0)),
        };
        let form = match codec {
            Codec::H264 => {
                let record = entry.codec_private.as_deref().unwrap_or_default();
                let stream = ByteStream::new(record);
                Form::Picture(stream.ok_or("ffmpeg made no H.264")?)
            }
            _ => Form::Sound { next: 0 },
        };
        let published = participant.publish(Publish {
            name: label.0,
            source: label.1,
            content: Content::Frames {
                codec,
                layers: 1,
                size,
            },
        });
        let local = published
            .await
            .map_err(|error| format!("the room does not take it: {error}"))?;
        tracks.insert(number, Track { local, form });
    }
    Ok(tracks)
}

struct Track {
    local: LocalTrack,
    form: Form,
}

enum Form {
    Picture(ByteStream),
    Sound {
        /// When the next packet is due, in Opus' clock.
        next: u64,
    },
}

impl Track {
    async fn write(&mut self, block: &Block, due: Instant) {
        let (rtp_time, data) = match &mut self.form {
            Form::Picture(stream) => {
                let data = stream.picture(&block.frame, block.keyframe);
                (block.at * 90, data)
            }
            Form::Sound { next } => {
                let at = follow(*next, block.at * 48);
                *next = at + PACKET;
                (at, block.frame.clone())
            }
        };
        let frame = LocalFrame {
            layer: 0,
            rtp_time,
            captured: due.into_std(),
            loudness: None,
            data,
        };
        self.local.write(frame).await;
    }
}

/// Matroska's milliseconds are rounded, and packets are not: one that comes nearly when it is due comes when it is due.
fn follow(next: u64, at: u64) -> u64 {
    if next.abs_diff(at) < PACKET / 2 {
        next
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_twenty_milliseconds_apart_and_a_gap_is_a_gap() {
        assert_eq!(follow(960, 21 * 48), 960);
        assert_eq!(follow(1_920, 39 * 48), 1_920);
        assert_eq!(follow(2_880, 500 * 48), 24_000);
    }
}
