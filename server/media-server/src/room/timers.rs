//! Everything that happens because time passes.

use std::time::{Duration, Instant};

use super::Room;
use crate::ground::Now;
use crate::participant::{CloseReason, ParticipantKey};

/// How often a room with nobody in it looks at the clock.
const EMPTY_TICK: Duration = Duration::from_secs(1);
/// How often a room with somebody in it does.
const TICK: Duration = Duration::from_millis(200);
/// A participant whose media failed has this long to come back.
pub(super) const RESUME_TIMEOUT: Duration = Duration::from_secs(5);
/// A client that has closed its media has this long to say that it leaves; after that it is asked to come back.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);
/// A participant that resumed without media has this long to restore it.
pub(super) const MEDIA_TIMEOUT: Duration = Duration::from_secs(20);
/// A participant has this long to connect its media.
const JOIN_TIMEOUT: Duration = Duration::from_mins(1);
/// How often speakers are told (`audio.update_interval`).
const SPEAKERS: Duration = Duration::from_millis(400);
/// How often connection quality is judged.
const QUALITY: Duration = Duration::from_secs(5);
/// How often bandwidth is shared anew.
const BANDWIDTH: Duration = Duration::from_millis(500);
/// How soon counts of the room are told.
pub(super) const ROOM_UPDATE: Duration = Duration::from_secs(5);

/// When the regular things are due.
#[derive(Debug)]
pub(super) struct Timers {
    speakers: Instant,
    quality: Instant,
    bandwidth: Instant,
    /// When everybody is told about the room, if it changed.
    pub room_update: Option<Instant>,
    wake: Instant,
}

impl Timers {
    pub fn new(now: Instant) -> Self {
        Self {
            speakers: now + SPEAKERS,
            quality: now + QUALITY,
            bandwidth: now + BANDWIDTH,
            room_update: None,
            wake: now + EMPTY_TICK,
        }
    }

    /// When the room looks at all of this next.
    pub fn wake(&self) -> Instant {
        self.wake
    }

    /// Something is due then.
    pub fn wake_at(&mut self, instant: Instant) {
        self.wake = self.wake.min(instant);
    }
}

/// Whether the moment has come; the next one is an interval away.
fn take(due: &mut Instant, interval: Duration, now: Instant) -> bool {
    let taken = *due <= now;
    if taken {
        *due = now + interval;
    }
    taken
}

impl Room {
    pub(super) fn tick(&mut self, now: Now) {
        let interval = if self.roster.is_empty() {
            EMPTY_TICK
        } else {
            TICK
        };
        self.timers.wake = now.instant + interval;
        for key in self.roster.keys() {
            self.tick_participant(key, now);
        }
        self.send_held_updates(now);
        if self
            .timers
            .room_update
            .is_some_and(|due| due <= now.instant)
        {
            self.timers.room_update = None;
            self.send_room_update();
        }
        self.time_out_rpcs(now);
        self.end_simulated_speech(now);
        self.data_cache.prune(now.instant);
        self.poll_keyframes(now);
        if take(&mut self.timers.speakers, SPEAKERS, now.instant) {
            self.update_speakers(now);
        }
        if take(&mut self.timers.bandwidth, BANDWIDTH, now.instant) {
            self.allocate_bandwidth(now, BANDWIDTH);
            self.retarget_all(now);
        }
        if take(&mut self.timers.quality, QUALITY, now.instant) {
            self.update_qualities(now);
        }
        self.close_if_empty(now);
    }

    fn tick_participant(&mut self, key: ParticipantKey, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        if participant.signal.has_overflowed() {
            self.remove(key, CloseReason::TooSlow, now);
            return;
        }
        if participant.give_up_at.is_some_and(|at| at <= now.instant) {
            self.remove(key, CloseReason::ConnectionTimeout, now);
            return;
        }
        if participant.farewell_by.is_some_and(|by| by <= now.instant) {
            self.transport_failed(key, now);
            return;
        }
        if self.end_if_stuck(key, now) {
            return;
        }
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let waited = now.instant.saturating_duration_since(participant.joined);
        if !participant.was_active() && waited >= JOIN_TIMEOUT {
            self.remove(key, CloseReason::JoinTimeout, now);
            return;
        }
        if participant.refresh_at <= now.instant {
            self.send_refresh_token(key, now);
        }
        self.reconcile(key, now);
        self.negotiate_if_due(key, now);
    }

    fn retarget_all(&mut self, now: Now) {
        let video: Vec<_> = self
            .media
            .tracks
            .iter()
            .filter(|(_, track)| track.dynacast.is_some())
            .map(|(sid, _)| sid.clone())
            .collect();
        for sid in video {
            self.poll_dynacast(&sid, now);
            self.retarget_track(&sid, now);
        }
    }

    fn close_if_empty(&mut self, now: Now) {
        if !self.lifetime.is_finished()
            && self.roster.company() == 0
            && self.lifetime.has_waited(now.instant)
        {
            self.close(CloseReason::RoomClosed, now);
        }
    }
}
