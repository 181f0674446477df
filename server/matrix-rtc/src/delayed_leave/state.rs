//! What becomes of a delayed leave, as a table. It must not know tasks, the network or what time it is.

use tokio::time::Instant;

use super::ParticipantEvent;

/// Where a delayed leave stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The participant has not been seen on the SFU.
    Waiting,
    /// Not seen either, but a webhook said that it left. Webhooks may come late and in any order, so another one is no
    /// proof that it is there: believing it could keep somebody in a call for ever. Only a lookup is.
    Doubting,
    /// On the SFU: the event is kept alive.
    Connected,
    /// It was on the SFU, and is said or seen to be there no longer, or an earlier process knew of it: it may be back
    /// in a moment. The event is kept alive until the SFU was asked again.
    Missing,
    /// Gone: the event is being sent.
    Leaving,
    /// Nothing is left to do.
    Over,
}

/// What can happen to a delayed leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A webhook came.
    Told(ParticipantEvent),
    /// A lookup found the participant.
    FoundPresent,
    /// A lookup found a participant that was connected missing: its webhook was lost, or it did not come back.
    FoundAbsent,
    /// The participant did not come in time.
    WaitedTooLong,
    /// It is time for the next restart.
    RestartDue,
    /// The homeserver restarted the event.
    Restarted {
        /// When it was asked to: its timeout starts then or a little later.
        asked_at: Instant,
    },
    /// It did not, and will not: the event is gone, nobody to ask, or out of time.
    RestartFailed,
    /// The homeserver took the leave, or the time to send it is over.
    SendSettled,
}

/// What a change of state asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Go on with what is under way.
    Nothing,
    /// Ask the SFU now.
    LookUp,
    /// Ask the SFU now and in a moment: a client that makes its connection anew leaves and comes back at once.
    LookAgain,
    /// Ask the SFU for as long as clients try to get back to one that was away.
    AwaitReturn,
    /// Restart the event now, and from now on look whether the participant stays.
    KeepAlive,
    /// Restart the event now.
    Restart,
    /// Wait until the next restart is due.
    AwaitRestart {
        /// When the last one was asked for.
        asked_at: Instant,
    },
    /// Send the event now.
    Send,
}

impl State {
    /// The state after `event`, and what to do on entering it. Late and doubled events change nothing.
    pub(super) const fn after(self, event: Event) -> (Self, Task) {
        use ParticipantEvent::{Aborted, Interrupted, Joined, LeftIntentionally};
        match (self, event) {
            (Self::Waiting, Event::Told(Joined) | Event::FoundPresent)
            | (Self::Doubting | Self::Missing, Event::FoundPresent) => {
                (Self::Connected, Task::KeepAlive)
            }
            // A lookup that is under way may have seen them before they left: only a new one proves anything.
            (Self::Waiting | Self::Doubting, Event::Told(LeftIntentionally))
            | (Self::Doubting, Event::Told(Joined)) => (Self::Doubting, Task::LookUp),
            (Self::Connected | Self::Missing, Event::Told(LeftIntentionally | Aborted))
            | (Self::Connected, Event::FoundAbsent) => (Self::Missing, Task::LookAgain),
            (Self::Connected | Self::Missing, Event::Told(Interrupted)) => {
                (Self::Missing, Task::AwaitReturn)
            }
            (Self::Waiting | Self::Doubting, Event::WaitedTooLong)
            | (Self::Missing, Event::FoundAbsent) => (Self::Leaving, Task::Send),
            // Never connected: the client knows, and its event is sent by the homeserver in time.
            (Self::Waiting | Self::Doubting, Event::Told(Aborted))
            | (Self::Connected | Self::Missing, Event::RestartFailed)
            | (Self::Leaving, Event::SendSettled) => (Self::Over, Task::Nothing),
            (Self::Connected | Self::Missing, Event::RestartDue) => (self, Task::Restart),
            (Self::Connected | Self::Missing, Event::Restarted { asked_at }) => {
                (self, Task::AwaitRestart { asked_at })
            }
            (
                Self::Waiting,
                Event::Told(Interrupted)
                | Event::FoundAbsent
                | Event::RestartDue
                | Event::Restarted { .. }
                | Event::RestartFailed
                | Event::SendSettled,
            )
            | (
                Self::Doubting,
                Event::Told(Interrupted)
                | Event::FoundAbsent
                | Event::RestartDue
                | Event::Restarted { .. }
                | Event::RestartFailed
                | Event::SendSettled,
            )
            | (
                Self::Connected,
                Event::Told(Joined)
                | Event::FoundPresent
                | Event::WaitedTooLong
                | Event::SendSettled,
            )
            // The lookups that go on say whether a late webhook is true.
            | (Self::Missing, Event::Told(Joined) | Event::WaitedTooLong | Event::SendSettled)
            | (
                Self::Leaving,
                Event::Told(_)
                | Event::FoundPresent
                | Event::FoundAbsent
                | Event::WaitedTooLong
                | Event::RestartDue
                | Event::Restarted { .. }
                | Event::RestartFailed,
            )
            | (Self::Over, _) => (self, Task::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParticipantEvent::{Aborted, Interrupted, Joined, LeftIntentionally};

    #[test]
    fn every_state_has_its_answer_to_every_event() {
        use State::{Connected, Doubting, Leaving, Missing, Over, Waiting};
        let asked_at = Instant::now();
        let events = [
            Event::Told(Joined),
            Event::Told(LeftIntentionally),
            Event::Told(Aborted),
            Event::Told(Interrupted),
            Event::FoundPresent,
            Event::FoundAbsent,
            Event::WaitedTooLong,
            Event::RestartDue,
            Event::Restarted { asked_at },
            Event::RestartFailed,
            Event::SendSettled,
        ];
        // A row per state, a column per event above; `·` changes nothing.
        let table = [
            (Waiting, "keep look over · keep · send · · · ·"),
            (Doubting, "look look over · keep · send · · · ·"),
            (
                Connected,
                "· again again return · again · restart await over ·",
            ),
            (
                Missing,
                "· again again return keep send · restart await over ·",
            ),
            (Leaving, "· · · · · · · · · · over"),
            (Over, "· · · · · · · · · · ·"),
        ];
        for (state, row) in table {
            let row: Vec<_> = row.split_whitespace().collect();
            assert_eq!(row.len(), events.len());
            for (event, expected) in events.into_iter().zip(row) {
                let expected = match expected {
                    "keep" => (Connected, Task::KeepAlive),
                    "look" => (Doubting, Task::LookUp),
                    "again" => (Missing, Task::LookAgain),
                    "return" => (Missing, Task::AwaitReturn),
                    "send" => (Leaving, Task::Send),
                    "restart" => (state, Task::Restart),
                    "await" => (state, Task::AwaitRestart { asked_at }),
                    "over" => (Over, Task::Nothing),
                    _ => (state, Task::Nothing),
                };
                assert_eq!(state.after(event), expected, "{state:?} and {event:?}");
            }
        }
    }
}
