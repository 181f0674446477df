//! Takes part in a room as a hidden participant and writes down what is wanted of it, until told to stop or nothing more can
//! come. It must not know what becomes of the files.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::Path,
    pin::pin,
    time::Duration,
};

use livekit_wire::proto::{
    DisconnectReason, ParticipantInfo, SpeakerInfo, TrackInfo, TrackSource, encryption,
    participant_info::State,
};
use participant::{Event as RoomEvent, Events, Frame, LeaveReason, Participant};
use tokio::{
    sync::mpsc,
    time::{Instant, Interval, MissedTickBehavior, interval},
};

use super::{
    clock::{Clock, Report, milliseconds},
    codec::Codec,
    disk::{Disk, Told},
    files::{Placed, TrackFacts},
    selector::Selector,
    timeline::Event,
};

const TICK: Duration = Duration::from_millis(250);
/// A film can be cut and sought at keyframes only, and damage heals with the next one.
const KEYFRAME_EVERY: Duration = Duration::from_secs(10);
/// A screen changes seldom, and its keyframes are large.
const SCREEN_KEYFRAME_EVERY: Duration = Duration::from_secs(30);
/// Nobody is asked more often.
const KEYFRAME_AT_MOST_EVERY: Duration = Duration::from_millis(500);
/// Recording counts as begun after so long, whatever came (LiveKit's template page waits as long).
const BEGUN_AFTER: Duration = Duration::from_secs(5);
const BEGUN_AFTER_WITH_SOUND_ONLY: Duration = Duration::from_millis(500);

/// Why recording ended.
#[derive(Debug)]
pub enum Ended {
    /// The command's end: [`Command::Stop`] was given.
    Asked,
    /// The process ends; another one goes on.
    Suspended,
    /// Nothing more can come.
    SourceClosed,
    /// As long as allowed, or the disk is nearly full.
    LimitReached,
    /// Nobody is sent to any more, and nothing else is wanted; the error of the last one.
    Streams(Option<String>),
    /// The connection is gone for good.
    Lost(LeaveReason),
    /// The disk.
    Disk(io::Error),
}

/// What can be asked of a recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// End the recording.
    Stop,
    /// End the process's part in it.
    Suspend,
    /// Lay the film out so from now on.
    Layout(String),
}

/// One recording under way.
pub struct Recorder<'a> {
    selector: &'a Selector,
    room: Participant,
    events: Events,
    disk: Disk,
    told: mpsc::UnboundedReceiver<Told>,
    clock: Clock,
    /// When the recording's clock was zero.
    zero: Instant,
    joined_at: Instant,
    me: String,
    people: HashMap<String, ParticipantInfo>,
    tracks: HashMap<String, Track>,
    left_out: HashSet<String>,
    speaking: Vec<(String, f32)>,
    begun: bool,
}

struct Track {
    identity: String,
    info: TrackInfo,
    /// Frames have come.
    flows: bool,
    keyframe_asked_at: Instant,
    /// A frame was lost on the way to the disk.
    torn: bool,
}

impl<'a> Recorder<'a> {
    /// Begins to write into `folder`; `elapsed` since the recording's clock was zero.
    pub fn new(
        selector: &'a Selector,
        (room, events): (Participant, Events),
        folder: &Path,
        elapsed: Duration,
    ) -> io::Result<Recorder<'a>> {
        let (disk, told) = Disk::open(folder)?;
        let now = Instant::now();
        Ok(Recorder {
            selector,
            room,
            events,
            disk,
            told,
            clock: Clock::default(),
            zero: now.checked_sub(elapsed).unwrap_or(now),
            joined_at: now,
            me: String::new(),
            people: HashMap::new(),
            tracks: HashMap::new(),
            left_out: HashSet::new(),
            speaking: Vec::new(),
            begun: false,
        })
    }

    /// Records until it ends, at the latest with `end`; `begun` is called once, when something is being recorded.
    pub async fn run(
        mut self,
        commands: &mut mpsc::UnboundedReceiver<Command>,
        end: impl Future<Output = Ended>,
        mut begun: impl FnMut(),
    ) -> Ended {
        let mut end = pin!(end);
        self.disk.note(self.now(), Event::Began);
        let mut ticks = ticks();
        let ended = loop {
            let ended = tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Stop) => Some(Ended::Asked),
                    Some(Command::Suspend) | None => Some(Ended::Suspended),
                    Some(Command::Layout(layout)) => {
                        self.disk.note(self.now(), Event::Layout { layout });
                        None
                    }
                },
                event = self.events.next() => match event {
                    Some(event) => self.take(event).await,
                    None => Some(Ended::Lost(LeaveReason::Asked)),
                },
                Some(told) = self.told.recv() => match told {
                    Told::NeedsKeyframe(track) => {
                        self.ask_for_keyframe(&track, KEYFRAME_AT_MOST_EVERY).await;
                        None
                    }
                    Told::Failed(error) => Some(Ended::Disk(error)),
                },
                ended = &mut end => Some(ended),
                _ = ticks.tick() => {
                    self.ask_for_keyframes().await;
                    None
                }
            };
            if !self.begun
                && (self.waited_enough() || self.tracks.values().any(|track| track.flows))
            {
                self.begun = true;
                begun();
            }
            if let Some(ended) = ended {
                break ended;
            }
        };
        let at = self.now();
        if !matches!(ended, Ended::Disk(_)) {
            if !matches!(ended, Ended::Suspended) {
                self.disk.note(at, Event::Ended);
            }
            self.disk.end_all(at).await;
        }
        self.room.leave().await;
        ended
    }

    fn now(&self) -> u64 {
        milliseconds(self.zero.elapsed())
    }

    fn waited_enough(&self) -> bool {
        let enough = if self.selector.has_video() {
            BEGUN_AFTER
        } else {
            BEGUN_AFTER_WITH_SOUND_ONLY
        };
        self.joined_at.elapsed() >= enough
    }

    async fn take(&mut self, event: RoomEvent) -> Option<Ended> {
        match event {
            RoomEvent::Joined { me, others, .. } => {
                self.me = me.sid;
                let gone: Vec<_> = self
                    .people
                    .keys()
                    .filter(|sid| !others.iter().any(|other| other.sid == **sid))
                    .cloned()
                    .collect();
                for sid in gone {
                    self.lost(&sid);
                }
                // A new stay knows nothing of what the last one was subscribed to.
                let known: Vec<_> = self.tracks.keys().cloned().collect();
                self.room.set_subscribed(&known, true).await;
                for other in others {
                    self.know(other).await;
                }
            }
            RoomEvent::Participant(info) if info.sid == self.me => {
                // LiveKit's own way to change a recorder's layout.
                if let Some(layout) = layout_of(&info.metadata) {
                    self.disk.note(self.now(), Event::Layout { layout });
                }
            }
            RoomEvent::Participant(info) if info.state() == State::Disconnected => {
                let ends = self.selector.ends_with(&info);
                self.lost(&info.sid);
                if ends || self.has_lost_its_tracks() {
                    return Some(Ended::SourceClosed);
                }
            }
            RoomEvent::Participant(info) => {
                self.know(*info).await;
                if self.has_lost_its_tracks() {
                    return Some(Ended::SourceClosed);
                }
            }
            RoomEvent::Frame(frame) => self.frame(frame),
            RoomEvent::Speakers(speakers) => self.speakers(&speakers).await,
            RoomEvent::Reconnected { .. } => self.ask_all_for_keyframes().await,
            RoomEvent::Left(reason) => return Some(ended_by(reason)),
            RoomEvent::Room(_)
            | RoomEvent::Subscribed { .. }
            | RoomEvent::Unsubscribed { .. }
            | RoomEvent::Reconnecting => {}
        }
        None
    }

    /// Learns of somebody, or what changed about them.
    async fn know(&mut self, info: ParticipantInfo) {
        let at = self.now();
        if !self.people.contains_key(&info.sid) {
            let (identity, name) = (info.identity.clone(), info.name.clone());
            self.disk.note(at, Event::Joined { identity, name });
        }
        let gone: Vec<_> = self
            .tracks
            .iter()
            .filter(|(sid, track)| {
                track.identity == info.identity && !info.tracks.iter().any(|new| new.sid == **sid)
            })
            .map(|(sid, _)| sid.clone())
            .collect();
        for track in gone {
            self.end(&track);
        }
        let mut wanted = Vec::new();
        for track in &info.tracks {
            if !self.selector.wants(&info, track) {
                continue;
            }
            if track.encryption() != encryption::Type::None {
                self.leave_out(&track.sid, "end-to-end encrypted");
                continue;
            }
            let known = self.tracks.get_mut(&track.sid);
            let was_muted = known.as_ref().is_some_and(|known| known.info.muted);
            if track.muted != was_muted {
                let (track, muted) = (track.sid.clone(), track.muted);
                self.disk.note(at, Event::Muted { track, muted });
            }
            if let Some(known) = known {
                known.info = track.clone();
            } else {
                wanted.push(track.sid.clone());
                let track = (
                    track.sid.clone(),
                    Track {
                        identity: info.identity.clone(),
                        info: track.clone(),
                        flows: false,
                        keyframe_asked_at: Instant::now(),
                        torn: false,
                    },
                );
                self.tracks.extend([track]);
            }
        }
        self.people.insert(info.sid.clone(), info);
        if !wanted.is_empty() {
            self.room.set_subscribed(&wanted, true).await;
        }
    }

    fn lost(&mut self, sid: &str) {
        let Some(person) = self.people.remove(sid) else {
            return;
        };
        let identity = person.identity;
        let tracks: Vec<_> = self
            .tracks
            .iter()
            .filter(|(_, track)| track.identity == identity)
            .map(|(sid, _)| sid.clone())
            .collect();
        for track in tracks {
            self.end(&track);
        }
        self.disk.note(self.now(), Event::Left { identity });
    }

    fn end(&mut self, track: &str) {
        self.tracks.remove(track);
        self.clock.forget(track);
        self.disk.end(track, self.now());
    }

    fn has_lost_its_tracks(&self) -> bool {
        self.begun && self.selector.ends_without_tracks() && self.tracks.is_empty()
    }

    fn leave_out(&mut self, track: &str, reason: &str) {
        if self.left_out.insert(track.to_owned()) {
            let (track, reason) = (track.to_owned(), reason.to_owned());
            self.disk.note(self.now(), Event::LeftOut { track, reason });
        }
    }

    fn frame(&mut self, frame: Frame) {
        let Some(track) = self.tracks.get_mut(&frame.track) else {
            return;
        };
        track.flows = true;
        let report = frame.report.map(|report| Report {
            ntp: report
                .ntp
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs_f64(),
            rtp_time: report.rtp_time,
        });
        let arrived = frame
            .arrived
            .saturating_duration_since(self.zero.into_std());
        let media = (frame.rtp_time, frame.clock_rate);
        let placed = self
            .clock
            .place(&track.identity, &frame.track, media, report, arrived);
        let facts = TrackFacts {
            track: frame.track,
            identity: track.identity.clone(),
            codec: frame.codec.into(),
            source: source_name(track.info.source()),
            size: (track.info.width, track.info.height),
        };
        let placed = Placed {
            at: milliseconds(placed),
            keyframe: frame.keyframe,
            contiguous: frame.contiguous && !track.torn,
            frame: frame.data,
        };
        track.torn = !self.disk.frame(facts, placed);
    }

    /// Who became louder or quieter.
    async fn speakers(&mut self, changed: &[SpeakerInfo]) {
        let before = self.order_of_speakers();
        for speaker in changed {
            let Some(person) = self.people.get(&speaker.sid) else {
                continue;
            };
            self.speaking
                .retain(|(identity, _)| *identity != person.identity);
            if speaker.active {
                self.speaking.push((person.identity.clone(), speaker.level));
            }
        }
        self.speaking
            .sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let identities = self.order_of_speakers();
        if identities == before {
            return;
        }
        // Their picture will be cut to.
        if let Some(loudest) = identities
            .first()
            .filter(|loudest| before.first() != Some(loudest))
        {
            let cameras: Vec<_> = self
                .tracks
                .iter()
                .filter(|(_, track)| track.identity == *loudest)
                .map(|(sid, _)| sid.clone())
                .collect();
            for camera in cameras {
                self.ask_for_keyframe(&camera, KEYFRAME_AT_MOST_EVERY).await;
            }
        }
        self.disk.note(self.now(), Event::Speakers { identities });
    }

    fn order_of_speakers(&self) -> Vec<String> {
        self.speaking
            .iter()
            .map(|(identity, _)| identity.clone())
            .collect()
    }

    async fn ask_all_for_keyframes(&mut self) {
        let tracks: Vec<_> = self.tracks.keys().cloned().collect();
        for track in tracks {
            self.ask_for_keyframe(&track, Duration::ZERO).await;
        }
    }

    async fn ask_for_keyframes(&mut self) {
        let due: Vec<_> = self
            .tracks
            .iter()
            .map(|(sid, track)| {
                let every = match track.info.source() {
                    TrackSource::ScreenShare => SCREEN_KEYFRAME_EVERY,
                    _ => KEYFRAME_EVERY,
                };
                (sid.clone(), every)
            })
            .collect();
        for (track, every) in due {
            self.ask_for_keyframe(&track, every).await;
        }
    }

    /// Asks, unless that was done within `every`. Only of pictures that flow.
    async fn ask_for_keyframe(&mut self, sid: &str, every: Duration) {
        let Some(track) = self.tracks.get_mut(sid) else {
            return;
        };
        let is_picture = participant::Codec::from_mime(&track.info.mime_type)
            .is_some_and(participant::Codec::is_video);
        if is_picture && track.flows && track.keyframe_asked_at.elapsed() >= every {
            track.keyframe_asked_at = Instant::now();
            self.room.request_keyframe(sid).await;
        }
    }
}

impl From<participant::Codec> for Codec {
    fn from(codec: participant::Codec) -> Codec {
        match codec {
            participant::Codec::Opus => Codec::Opus,
            participant::Codec::Vp8 => Codec::Vp8,
            participant::Codec::Vp9 => Codec::Vp9,
            participant::Codec::H264 => Codec::H264,
            participant::Codec::Av1 => Codec::Av1,
        }
    }
}

fn ended_by(reason: LeaveReason) -> Ended {
    match reason {
        LeaveReason::Server(
            DisconnectReason::RoomDeleted
            | DisconnectReason::RoomClosed
            | DisconnectReason::ParticipantRemoved,
        ) => Ended::SourceClosed,
        reason @ (LeaveReason::Server(_) | LeaveReason::Asked | LeaveReason::Lost(_)) => {
            Ended::Lost(reason)
        }
    }
}

/// LiveKit's servers write `{"layout": "…"}` into a recorder's metadata.
fn layout_of(metadata: &str) -> Option<String> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    Some(metadata.get("layout")?.as_str()?.to_owned())
}

fn source_name(source: TrackSource) -> String {
    source.as_str_name().to_lowercase()
}

fn ticks() -> Interval {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
