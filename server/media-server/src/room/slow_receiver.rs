//! Reliable data that a receiver takes slower than others send it. Nothing of it is lost in silence: its senders are slowed
//! down as a full router would do it, by losing their packets, which SCTP sends again; and whoever takes nothing at
//! all, or does not slow down, is sent out.

use std::time::Duration;

use rand::RngExt as _;

use super::Room;
use crate::ground::Now;
use crate::participant::{CloseReason, ParticipantKey, Target};
use crate::peer::Datagram;
use crate::peer::{Backlog, PeerId};

/// A receiver this many bytes behind slows nobody down.
const CALM: usize = 1 << 20;
/// This far behind it slows its senders down as much as it can.
const PRESSED: usize = 6 << 20;
/// Most of a sender's packets that are lost: some have to come through, with news of what it has received itself.
const MOST_LOST: f32 = 0.9;
/// A receiver that takes nothing for so long is sent out, to come back with a fresh connection.
const STUCK: Duration = Duration::from_secs(15);
/// A receiver that has taken something so lately is not the one at fault.
const TAKES_SOMETHING: Duration = Duration::from_secs(1);
/// A client that is here for so long without a data channel does without.
const NO_CHANNEL: Duration = Duration::from_secs(5);

/// The share of a sender's packets to lose for a receiver that is behind.
fn share_lost(backlog: usize) -> f32 {
    let over = backlog.saturating_sub(CALM).min(PRESSED - CALM);
    // The lengths are below 2^24, which an f32 holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let fullness = over as f32 / (PRESSED - CALM) as f32;
    // Little at first: a far sender halves its speed for one lost packet, a near one hardly notices.
    fullness * fullness * MOST_LOST
}

/// Whether others have to wait for this receiver; one that opens no channel may never do so.
fn slows_down(backlog: &Backlog, now: Now) -> bool {
    let may_still_open = backlog
        .stuck_since
        .is_some_and(|since| now.instant.saturating_duration_since(since) < NO_CHANNEL);
    backlog.bytes > CALM && (backlog.was_open || may_still_open)
}

impl Room {
    /// Whether a datagram of a sender is to be lost because receivers of its data are behind.
    pub(super) fn holds_back(&mut self, peer: PeerId, datagram: &Datagram, now: Now) -> bool {
        let Some((key, Target::Publisher)) = self.links.owner(peer) else {
            return false;
        };
        if !datagram.is_dtls_data() {
            return false;
        }
        let mut awaits = match self.roster.get_mut(key) {
            Some(sender) if !sender.awaits.is_empty() => std::mem::take(&mut sender.awaits),
            Some(_) | None => return false,
        };
        let mut worst = 0;
        awaits.retain(|receiver| {
            let Some(receiver) = self.roster.get(*receiver) else {
                return false;
            };
            let backlog = receiver.data_backlog();
            worst = worst.max(backlog.bytes);
            slows_down(&backlog, now)
        });
        let loses = !awaits.is_empty() && self.random.random::<f32>() < share_lost(worst);
        if let Some(sender) = self.roster.get_mut(key) {
            sender.awaits = awaits;
        }
        loses
    }

    /// A receiver has been given a reliable packet; its sender may have to wait for it.
    pub(super) fn note_backlog(
        &mut self,
        sender: ParticipantKey,
        receiver: ParticipantKey,
        now: Now,
    ) {
        let behind = self
            .roster
            .get(receiver)
            .is_some_and(|receiver| slows_down(&receiver.data_backlog(), now));
        if behind && let Some(sender) = self.roster.get_mut(sender) {
            sender.awaits.insert(receiver);
        }
    }

    /// A reliable packet that the receiver has no room for. A sender that obeys congestion control does not get so far
    /// against a receiver that takes anything, so one of the two has to go.
    pub(super) fn backlog_is_full(
        &mut self,
        sender: Option<ParticipantKey>,
        receiver: ParticipantKey,
        now: Now,
    ) {
        let Some(participant) = self.roster.get(receiver) else {
            return;
        };
        let backlog = participant.data_backlog();
        let takes = backlog.was_open
            && backlog.stuck_since.is_some_and(|since| {
                now.instant.saturating_duration_since(since) < TAKES_SOMETHING
            });
        match sender {
            Some(sender) if takes => {
                tracing::warn!(room = %self.name, receiver = %participant.sid, "data flood");
                self.remove(sender, CloseReason::Flooding, now);
            }
            Some(_) | None => self.remove(receiver, CloseReason::TooSlow, now),
        }
    }

    /// Sends out who takes nothing any more; whether the participant is gone.
    pub(super) fn end_if_stuck(&mut self, key: ParticipantKey, now: Now) -> bool {
        let Some(participant) = self.roster.get_mut(key) else {
            return true;
        };
        let backlog = participant.data_backlog();
        let Some(since) = backlog.stuck_since else {
            return false;
        };
        let stuck = now.instant.saturating_duration_since(since);
        if !backlog.was_open {
            if participant.was_active() && stuck >= NO_CHANNEL {
                participant.takes_data = false;
                participant.down_link().connection.forget_data();
            }
            return false;
        }
        if stuck < STUCK {
            return false;
        }
        tracing::warn!(
            room = %self.name, participant = %participant.sid, bytes = backlog.bytes,
            "client takes no data any more"
        );
        self.remove(key, CloseReason::TooSlow, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_further_behind_the_more_is_lost_but_never_all() {
        assert!(share_lost(CALM) < f32::EPSILON);
        let shares: Vec<f32> = (1..=6).map(|mib| share_lost(mib << 20)).collect();
        assert!(shares.is_sorted());
        assert!(share_lost(2 << 20) < 0.05);
        assert!((share_lost(usize::MAX) - MOST_LOST).abs() < f32::EPSILON);
    }
}
