//! Writes down what the media server tells about one room, in whatever order and however often it arrives.
//!
//! Everything is told apart by sid, so news about an old meeting cannot touch a new one. Two clocks
//! appear here: `started_at`, `joined_at`, `left_at` are the media server's, `seen_at` and `updated_at` ours.

use std::{sync::atomic::Ordering, time::Duration};

use livekit_protocol as proto;

use super::{
    model::{AttendanceId, MeetingId},
    store::{self, AttendanceRow, MeetingRow},
};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    happenings::{self, Attendee, Happening},
    livekit::{identity::Identity, room_service::joined_at},
    moderation,
    rooms::{self, KnownRoom},
};

// Whoever comes back to a meeting that was cut comes within seconds, or as soon as the site is up again.
const TAKEN_UP_WITHIN: Duration = Duration::from_mins(5);

/// How a meeting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The media server said so, or a newer meeting took its place.
    Finished,
    /// The media server went away, or knows nothing of it any more.
    Cut,
}

/// News about one room, within one transaction.
pub struct Record<'a> {
    app: &'a App,
    tx: &'a mut Tx,
    room: &'a KnownRoom,
    now: Timestamp,
}

impl<'a> Record<'a> {
    /// Opens the record; news about one room is written one after the other.
    pub async fn open(
        app: &'a App,
        tx: &'a mut Tx,
        room: &'a KnownRoom,
    ) -> Result<Record<'a>, DbError> {
        tx.lock(&format!("meetings of {}", room.id)).await?;
        Ok(Record {
            app,
            tx,
            room,
            now: app.now(),
        })
    }

    /// Tells pages what is new, once the transaction is committed.
    pub async fn tell(&mut self, happening: Happening<'_>) -> Result<(), DbError> {
        happenings::tell(self.app, self.tx, None, Some(self.room), &happening).await
    }

    /// The meeting with this sid, if somebody was ever in it.
    pub async fn known_meeting(&mut self, sid: &str) -> Result<Option<MeetingRow>, DbError> {
        store::meeting(self.tx, self.room.id, sid).await
    }

    /// Takes the room, which a meeting that begins changes as well (`last_call_at`).
    pub async fn hold_room(&mut self) -> Result<(), DbError> {
        rooms::hold(self.tx, self.room.id).await
    }

    /// The meeting with this sid, begun if it was unknown.
    pub async fn meeting(
        &mut self,
        sid: &str,
        started_at: Timestamp,
    ) -> Result<MeetingRow, DbError> {
        if let Some(meeting) = self.known_meeting(sid).await? {
            return Ok(meeting);
        }
        self.hold_room().await?;
        // The media server ended and is back already: what ran until then was cut.
        if let Some(at) = self.app.livekit.ended_at() {
            self.cut_until(at).await?;
        }
        let running = store::open_meetings(self.tx, self.room.id).await?;
        if running.is_empty() {
            // Whoever is new came after the cut; LiveKit may tell that in whole seconds.
            let came_back = |cut: &MeetingRow| {
                let ended_at = cut.ended_at.unwrap_or(cut.started_at);
                started_at.as_seconds() >= ended_at.as_seconds()
            };
            if let Some(cut) = self.cut_meeting().await?.filter(came_back) {
                return self.take_up(cut, sid).await;
            }
            // Nothing that was decided for a meeting before holds in a new one.
            moderation::forget_permissions(self.tx, self.room.id).await?;
        }
        // A room has one meeting at a time: late news of an older one does not end the newer.
        let superseded_at = running
            .iter()
            .map(|meeting| meeting.started_at)
            .filter(|newer| *newer > started_at)
            .min();
        if superseded_at.is_none() {
            for older in &running {
                self.end(older, None, End::Finished).await?;
            }
        }
        let meeting = MeetingRow {
            id: MeetingId::new(&self.app.random, self.now),
            sid: sid.to_owned(),
            started_at,
            ended_at: superseded_at,
            updated_at: self.now,
        };
        store::insert_meeting(self.tx, self.room.id, &meeting).await?;
        if superseded_at.is_none() {
            let (id, at) = (meeting.id, started_at);
            self.tell(Happening::MeetingStarted { id, at }).await?;
        }
        Ok(meeting)
    }

    /// The meeting that those who come back go on with.
    async fn cut_meeting(&mut self) -> Result<Option<MeetingRow>, DbError> {
        let before = self.now - TAKEN_UP_WITHIN;
        store::give_up(self.tx, self.room.id, before).await?;
        store::cut_meeting(self.tx, self.room.id).await
    }

    /// Goes on with a meeting that was cut.
    async fn take_up(&mut self, cut: MeetingRow, sid: &str) -> Result<MeetingRow, DbError> {
        store::take_up(self.tx, &cut, sid, self.now).await?;
        let (id, at) = (cut.id, cut.started_at);
        self.tell(Happening::MeetingStarted { id, at }).await?;
        Ok(MeetingRow {
            sid: sid.to_owned(),
            ended_at: None,
            updated_at: self.now,
            ..cut
        })
    }

    /// The media server ended at `at`: what ran there was cut then.
    pub async fn cut_until(&mut self, at: Timestamp) -> Result<(), DbError> {
        for meeting in store::open_meetings(self.tx, self.room.id).await? {
            // One that was written down later began on the next media server.
            if meeting.updated_at <= at {
                self.end(&meeting, Some(at), End::Cut).await?;
            }
        }
        Ok(())
    }

    /// What it means that the media server closes the room.
    pub fn end_of_room(&self) -> End {
        if self.app.media_stops.load(Ordering::Acquire) {
            End::Cut
        } else {
            End::Finished
        }
    }

    /// Somebody is there. Late news of a stay that is known already, open or over, changes nothing.
    pub async fn joined(
        &mut self,
        meeting: &MeetingRow,
        info: &proto::ParticipantInfo,
    ) -> Result<(), DbError> {
        let Some(identity) = counted(info) else {
            return Ok(());
        };
        if store::attendance(self.tx, meeting.id, &info.sid)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let row = self.stay(meeting, info, &identity, meeting.ended_at);
        let (app, room) = (self.app, self.room.id);
        let seated = rooms::take_place(app, self.tx, room, &identity).await?;
        let generation = rooms::generation(self.tx, room).await?;
        store::insert_attendance(self.tx, room, &row, seated, generation).await?;
        store::take_client(self.tx, room, &row).await?;
        store::start_meeting_by(self.tx, meeting.id, row.joined_at).await?;
        if row.left_at.is_none() {
            let who = Attendee {
                identity: &identity,
                name: &row.name,
            };
            let at = row.joined_at;
            self.tell(Happening::ParticipantJoined { who, at }).await?;
        }
        Ok(())
    }

    /// Somebody left, perhaps before we heard that they came.
    pub async fn left(
        &mut self,
        meeting: &MeetingRow,
        info: &proto::ParticipantInfo,
        at: Timestamp,
    ) -> Result<(), DbError> {
        let Some(identity) = counted(info) else {
            return Ok(());
        };
        let reason = info.disconnect_reason().as_str_name().to_lowercase();
        let Some(row) = store::attendance(self.tx, meeting.id, &info.sid).await? else {
            let row = self.stay(meeting, info, &identity, Some(at));
            let room = self.room.id;
            let generation = rooms::generation(self.tx, room).await?;
            store::insert_attendance(self.tx, room, &row, true, generation).await?;
            store::take_client(self.tx, room, &row).await?;
            return store::set_left_reason(self.tx, row.id, &reason).await;
        };
        let left_at = at.max(row.joined_at);
        store::set_left(self.tx, row.id, Some(left_at), self.now).await?;
        store::set_left_reason(self.tx, row.id, &reason).await?;
        if row.left_at.is_none() {
            let who = Attendee {
                identity: &identity,
                name: &row.name,
            };
            let at = left_at;
            self.tell(Happening::ParticipantLeft { who, at }).await?;
        }
        Ok(())
    }

    /// Somebody went away without ever having been there; only a stay that we saw begin ends.
    pub async fn aborted(
        &mut self,
        meeting: &MeetingRow,
        info: &proto::ParticipantInfo,
        at: Timestamp,
    ) -> Result<(), DbError> {
        match store::attendance(self.tx, meeting.id, &info.sid).await? {
            Some(_) => self.left(meeting, info, at).await,
            None => Ok(()),
        }
    }

    /// The call is over, at `at` or, where nobody saw it, when somebody was last seen in it.
    pub async fn end(
        &mut self,
        meeting: &MeetingRow,
        at: Option<Timestamp>,
        end: End,
    ) -> Result<(), DbError> {
        let mut last_seen = meeting.started_at;
        for row in store::attendances(self.tx, meeting.id).await? {
            let left_at = if let Some(left_at) = row.left_at {
                left_at
            } else {
                let left_at = at.unwrap_or(row.seen_at).max(row.joined_at);
                store::set_left(self.tx, row.id, Some(left_at), self.now).await?;
                left_at
            };
            last_seen = last_seen.max(left_at);
        }
        let ended_at = at.unwrap_or(last_seen).max(meeting.started_at);
        let cut = end == End::Cut;
        store::set_meeting_end(self.tx, meeting.id, Some(ended_at), cut, self.now).await?;
        if meeting.ended_at.is_none() {
            let (id, at) = (meeting.id, ended_at);
            self.tell(Happening::MeetingEnded { id, at }).await?;
        }
        Ok(())
    }

    /// No meeting runs or may be taken up: what was decided for single people in it is over too.
    pub async fn forget_decisions(&mut self) -> Result<(), DbError> {
        let cut = self.cut_meeting().await?;
        let running = store::open_meetings(self.tx, self.room.id).await?;
        if running.is_empty() && cut.is_none() {
            moderation::forget_permissions(self.tx, self.room.id).await?;
        }
        Ok(())
    }

    /// Ends meetings that a listing, begun at `began`, does not show.
    pub async fn end_unlisted(&mut self, listed: &str, began: Timestamp) -> Result<(), DbError> {
        // Where the moment is known, it is better than when somebody was last seen.
        if let Some(at) = self.app.livekit.ended_at() {
            self.cut_until(at).await?;
        }
        for meeting in store::open_meetings(self.tx, self.room.id).await? {
            if meeting.sid != listed && meeting.updated_at < began {
                self.end(&meeting, None, End::Cut).await?;
            }
        }
        Ok(())
    }

    /// Makes the record agree with a listing that began at `began`; what was written since then is newer.
    pub async fn agree(
        &mut self,
        meeting: &MeetingRow,
        infos: &[proto::ParticipantInfo],
        began: Timestamp,
    ) -> Result<(), DbError> {
        let mut meeting = meeting.clone();
        if meeting.ended_at.is_some() && meeting.updated_at < began {
            store::set_meeting_end(self.tx, meeting.id, None, false, self.now).await?;
            meeting.ended_at = None;
        }
        let written = store::attendances(self.tx, meeting.id).await?;
        for info in infos.iter().filter(|info| attends(info)) {
            match written.iter().find(|row| row.sid == info.sid) {
                None => self.joined(&meeting, info).await?,
                Some(row) if row.left_at.is_some() && row.updated_at < began => {
                    store::set_left(self.tx, row.id, None, self.now).await?;
                }
                Some(_) => {}
            }
        }
        for row in written
            .iter()
            .filter(|row| row.left_at.is_none() && row.seen_at < began)
        {
            if infos
                .iter()
                .any(|info| info.sid == row.sid && !is_gone(info))
            {
                continue;
            }
            // Nobody saw them leave: they were there when last seen, more is not known.
            let left_at = row.seen_at.max(row.joined_at);
            store::set_left(self.tx, row.id, Some(left_at), self.now).await?;
            if let Ok(identity) = row.identity.parse() {
                let who = Attendee {
                    identity: &identity,
                    name: &row.name,
                };
                let at = left_at;
                self.tell(Happening::ParticipantLeft { who, at }).await?;
            }
        }
        store::touch_attendances(self.tx, meeting.id, began).await
    }

    fn stay(
        &self,
        meeting: &MeetingRow,
        info: &proto::ParticipantInfo,
        identity: &Identity,
        left_at: Option<Timestamp>,
    ) -> AttendanceRow {
        let joined_at = joined_at(info);
        AttendanceRow {
            id: AttendanceId::new(&self.app.random, self.now),
            meeting_id: meeting.id,
            sid: info.sid.clone(),
            identity: identity.to_string(),
            subject: identity.subject().to_string(),
            name: if info.name.is_empty() {
                identity.to_string()
            } else {
                info.name.clone()
            },
            user_id: identity.user_id().map(str::to_owned),
            joined_at,
            left_at: left_at.map(|left_at| left_at.max(joined_at)),
            seen_at: self.now,
            updated_at: self.now,
        }
    }
}

/// The identity of somebody who attends; recorders and agents do not.
fn counted(info: &proto::ParticipantInfo) -> Option<Identity> {
    match info.kind() {
        proto::participant_info::Kind::Egress | proto::participant_info::Kind::Agent => None,
        proto::participant_info::Kind::Standard
        | proto::participant_info::Kind::Ingress
        | proto::participant_info::Kind::Sip
        | proto::participant_info::Kind::Connector
        | proto::participant_info::Kind::Bridge => info.identity.parse().ok(),
    }
}

/// Whether somebody attends now.
pub(super) fn attends(info: &proto::ParticipantInfo) -> bool {
    info.state() == proto::participant_info::State::Active && counted(info).is_some()
}

fn is_gone(info: &proto::ParticipantInfo) -> bool {
    info.state() == proto::participant_info::State::Disconnected
}
