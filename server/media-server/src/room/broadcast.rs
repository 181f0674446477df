//! Who is told about a participant's change, and when: publishers' changes at once, others gathered for three seconds
//! (rtc/room.go broadcastParticipantState, PushAndDequeueUpdates).

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use livekit_protocol as proto;
use livekit_wire::Identity;
use prost::Message as _;
use proto::ParticipantInfo;
use proto::signal_response::Message;

use super::Room;
use crate::ground::Now;
use crate::participant::ParticipantKey;

/// How long changes of participants that do not publish are gathered.
const HOLD: Duration = Duration::from_secs(3);
/// Bytes of one `update`; a larger one is sent in parts.
const CHUNK: usize = 128 * 1024;

/// What is to be told about participants, and what some have yet to hear.
#[derive(Debug, Default)]
pub(super) struct Updates {
    /// Changes that wait for their turn, the newest of each identity.
    held: BTreeMap<Identity, ParticipantInfo>,
    /// When their turn comes.
    due: Option<Instant>,
    /// Who left lately, and when.
    departed: VecDeque<(Instant, ParticipantInfo)>,
}

/// How a change is told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Broadcast {
    /// The participant itself is told too.
    pub to_self: bool,
    /// Not held back even if it does not publish.
    pub immediate: bool,
}

/// One participant's news, and whether clients that tell participants apart by identity need it.
struct News {
    info: ParticipantInfo,
    replaced: bool,
}

impl Room {
    /// Tells everybody who may know about a participant's change.
    pub(super) fn broadcast(&mut self, key: ParticipantKey, how: Broadcast, now: Now) {
        let Some(participant) = self.roster.get(key) else {
            return;
        };
        let info = self.participant_info(participant);
        let hidden = participant.is_hidden();
        let identity = participant.identity.clone();
        if how.to_self
            && let Some(participant) = self.roster.get_mut(key)
        {
            participant.send(update(vec![info.clone()]));
        }
        if !hidden {
            self.broadcast_info(&identity, info, how.immediate, false, Some(key), now);
        }
    }

    /// Tells about a participant that may have left the room already; `except` has been told.
    pub(super) fn broadcast_info(
        &mut self,
        identity: &Identity,
        info: ParticipantInfo,
        immediate: bool,
        replaced: bool,
        except: Option<ParticipantKey>,
        now: Now,
    ) {
        let mut news = Vec::new();
        let mut send_now = immediate || info.is_publisher || replaced;
        if let Some(held) = self.updates.held.remove(identity)
            && held.sid != info.sid
        {
            // The identity came back as somebody new: the old one must be seen to go.
            send_now = true;
            let mut gone = held;
            gone.state = proto::participant_info::State::Disconnected.into();
            news.push(News {
                info: gone,
                replaced: true,
            });
        }
        if !send_now {
            self.updates.held.insert(identity.clone(), info);
            let due = *self.updates.due.get_or_insert(now.instant + HOLD);
            self.wake_at(due);
            return;
        }
        news.push(News { info, replaced });
        self.send_news(&news, except);
    }

    /// Sends what was gathered.
    pub(super) fn send_held_updates(&mut self, now: Now) {
        if self.updates.due.is_none_or(|due| due > now.instant) {
            return;
        }
        self.updates.due = None;
        let news: Vec<News> = std::mem::take(&mut self.updates.held)
            .into_values()
            .map(|info| News {
                info,
                replaced: false,
            })
            .collect();
        self.send_news(&news, None);
    }

    fn send_news(&mut self, news: &[News], except: Option<ParticipantKey>) {
        for participant in self.roster.iter_mut() {
            if Some(participant.key) == except {
                continue;
            }
            let by_identity = participant.protocol().reconnects_by_identity();
            let infos = news
                .iter()
                .filter(|news| !(by_identity && news.replaced))
                .map(|news| news.info.clone());
            for chunk in chunks(infos) {
                participant.send(update(chunk));
            }
        }
    }

    /// Everybody a participant may see, in frames of bounded size; `own` includes itself.
    pub(super) fn everybody(&self, viewer: ParticipantKey, own: bool) -> Vec<Vec<ParticipantInfo>> {
        let infos = self
            .roster
            .iter()
            .filter(|participant| {
                if participant.key == viewer {
                    own
                } else {
                    !participant.is_hidden()
                }
            })
            .map(|participant| self.participant_info(participant));
        chunks(infos)
    }
}

/// Those who left lately are remembered this long, for clients that come back and did not see it.
const DEPARTURES: Duration = Duration::from_mins(2);
/// And no more than these.
const MAX_DEPARTED: usize = 1_000;

impl Room {
    pub(super) fn remember_departure(&mut self, info: ParticipantInfo, now: Now) {
        while self
            .updates
            .departed
            .front()
            .is_some_and(|(left, _)| now.instant.saturating_duration_since(*left) > DEPARTURES)
            || self.updates.departed.len() >= MAX_DEPARTED
        {
            self.updates.departed.pop_front();
        }
        self.updates.departed.push_back((now.instant, info));
    }

    /// Those who left during a participant's stay and are not here again: of those the client is told what they are now. One that
    /// has seen them come back would take the old departure for a new one, and drop what they send.
    pub(super) fn departed_since(&self, viewer: ParticipantKey) -> Vec<Vec<ParticipantInfo>> {
        let Some(joined) = self.roster.get(viewer).map(|found| found.joined) else {
            return Vec::new();
        };
        let during = self.updates.departed.iter().filter(|(left, info)| {
            *left >= joined && self.roster.by_identity(&info.identity).is_none()
        });
        chunks(during.map(|(_, info)| info.clone()))
    }
}

pub(super) fn update(participants: Vec<ParticipantInfo>) -> Message {
    Message::Update(proto::ParticipantUpdate { participants })
}

fn chunks(infos: impl Iterator<Item = ParticipantInfo>) -> Vec<Vec<ParticipantInfo>> {
    let mut chunks: Vec<Vec<ParticipantInfo>> = Vec::new();
    let mut size = CHUNK;
    for info in infos {
        let length = info.encoded_len();
        if size + length > CHUNK {
            chunks.push(Vec::new());
            size = 0;
        }
        size += length;
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(info);
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_update_is_sent_in_parts() {
        let info = |size| ParticipantInfo {
            metadata: "x".repeat(size),
            ..ParticipantInfo::default()
        };
        let parts = chunks([info(100_000), info(20_000), info(50_000)].into_iter());
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(chunks(std::iter::empty()).len(), 0);
    }
}
