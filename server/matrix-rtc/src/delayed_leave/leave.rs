//! One delayed leave, from its delegation to its end. It must not know the others.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures::{FutureExt, future::Fuse};
use tokio::time::Instant;

use super::{
    ActError, Action, Delegation, ParticipantEvent,
    mailbox::{Mailbox, Told},
    ports::{Absence, Ports},
    registry::Seat,
    state::{Event, State, Task},
};

/// When a membership event expires (MSC4354): nobody needs to be waited for, or to be sent away, any longer.
const MEMBERSHIP_LIFETIME: Duration = Duration::from_hours(1);
/// The time to send a leave in when there is none left.
const SHORTEST_SENDING: Duration = Duration::from_secs(1);
/// A client that asks for a timeout of a millisecond does not make us flood its homeserver.
const SHORTEST_RESTART: Duration = Duration::from_millis(200);

/// Something that will happen to the delayed leave.
type Awaited = Fuse<Pin<Box<dyn Future<Output = Event> + Send>>>;

/// How a delayed leave came to us.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// By its client, just now.
    HandedOver,
    /// From the store; its timeout began this long ago.
    Stored(Duration),
}

/// Owned by the one task that runs it.
pub(super) struct Leave {
    ports: Arc<Ports>,
    delegation: Arc<Delegation>,
    state: State,
    /// When the homeserver sends the leave by itself, as far as we know.
    deadline: Option<Instant>,
    /// Why the participant may not be there.
    absence: Absence,
    /// The request to the homeserver, or the time to wait before it.
    action: Awaited,
    /// The next answer of the SFU that matters.
    lookup: Awaited,
}

impl Leave {
    pub(super) fn new(ports: Arc<Ports>, delegation: Delegation) -> Self {
        Self {
            ports,
            delegation: Arc::new(delegation),
            state: State::Waiting,
            deadline: None,
            absence: Absence::Interrupted,
            action: Fuse::terminated(),
            lookup: Fuse::terminated(),
        }
    }

    /// Ends when nothing is left to do. Whatever is under way when it is dropped is dropped with it.
    pub(super) async fn run(mut self, origin: Origin, mailbox: &Mailbox, seat: &Seat) {
        self.begin(origin);
        while self.state != State::Over {
            let event = tokio::select! {
                biased;
                told = mailbox.next() => match self.told(told) {
                    Some(event) => event,
                    None => continue,
                },
                event = &mut self.action => event,
                event = &mut self.lookup => event,
            };
            let (state, task) = self.state.after(event);
            if state != self.state {
                tracing::info!(
                    room = %self.delegation.room,
                    identity = %self.delegation.identity,
                    from = ?self.state,
                    to = ?state,
                    ?event,
                    "delayed leave"
                );
            }
            if event == Event::FoundAbsent {
                self.absence = Absence::Seen;
            }
            self.state = state;
            self.start(task, seat);
        }
    }

    fn begin(&mut self, origin: Origin) {
        let timeout = self.delegation.delay_timeout;
        match origin {
            Origin::HandedOver => {
                let patience = timeout.min(MEMBERSHIP_LIFETIME);
                self.action = awaited(async move {
                    tokio::time::sleep(patience).await;
                    Event::WaitedTooLong
                });
                self.look_until_present();
            }
            // Its participant was most likely there, and would long be back if it means to come back.
            Origin::Stored(age) => {
                self.state = State::Missing;
                let now = Instant::now();
                self.deadline = Some(now + timeout.saturating_sub(age));
                self.restart_at(now + restart_after(timeout).saturating_sub(age));
                self.look_for_return();
            }
        }
    }

    /// What a webhook means by now; `None` for one that says nothing new.
    fn told(&mut self, Told { event, sid }: Told) -> Option<Event> {
        let is_missing = self.state == State::Missing;
        match event {
            // A stay that is not the one that ended is as good as a lookup.
            ParticipantEvent::Joined if is_missing => match &self.absence {
                Absence::Told(over) if *over == sid => None,
                Absence::Seen | Absence::Told(_) | Absence::Interrupted => {
                    Some(Event::FoundPresent)
                }
            },
            ParticipantEvent::LeftIntentionally | ParticipantEvent::Aborted => {
                let is_known = matches!(&self.absence, Absence::Told(over) if *over == sid);
                if is_missing && is_known {
                    return None;
                }
                self.absence = Absence::Told(sid);
                Some(Event::Told(event))
            }
            ParticipantEvent::Interrupted => {
                self.absence = Absence::Interrupted;
                Some(Event::Told(event))
            }
            ParticipantEvent::Joined => Some(Event::Told(event)),
        }
    }

    fn start(&mut self, task: Task, seat: &Seat) {
        match task {
            Task::Nothing => {}
            Task::LookUp => self.look_until_present(),
            Task::LookAgain | Task::AwaitReturn => self.look_for_return(),
            Task::KeepAlive => {
                self.deadline = Some(Instant::now() + self.delegation.delay_timeout);
                self.look_until_absent();
                self.restart();
            }
            Task::Restart => self.restart(),
            Task::AwaitRestart { asked_at } => self.restarted(asked_at, seat),
            Task::Send => self.send(),
        }
    }

    fn look_until_present(&mut self) {
        let (ports, delegation) = self.context();
        self.lookup = awaited(async move {
            ports.found_present(&delegation).await;
            Event::FoundPresent
        });
    }

    fn look_until_absent(&mut self) {
        let (ports, delegation) = self.context();
        self.lookup = awaited(async move {
            ports.found_absent(&delegation).await;
            Event::FoundAbsent
        });
    }

    fn look_for_return(&mut self) {
        let (ports, delegation) = self.context();
        let absence = self.absence.clone();
        self.lookup = awaited(async move {
            if ports.has_returned(&delegation, &absence).await {
                Event::FoundPresent
            } else {
                Event::FoundAbsent
            }
        });
    }

    fn restart(&mut self) {
        let (ports, delegation) = self.context();
        let deadline = self.deadline.unwrap_or_else(Instant::now);
        self.action = awaited(async move {
            match ports.insist(&delegation, Action::Restart, deadline).await {
                Ok(asked_at) => {
                    ports.counts.restarts.add_one();
                    Event::Restarted { asked_at }
                }
                Err(error) => {
                    ports.counts.failed_restarts.add_one();
                    log_failure(
                        &delegation,
                        &error,
                        "a delayed leave event is not restarted",
                    );
                    Event::RestartFailed
                }
            }
        });
    }

    fn restarted(&mut self, asked_at: Instant, seat: &Seat) {
        let timeout = self.delegation.delay_timeout;
        self.deadline = Some(asked_at + timeout);
        let now = (self.ports.settings.sources.wall_clock)();
        let restarted_at = now.checked_sub(asked_at.elapsed()).unwrap_or(now);
        seat.restarted(&self.delegation, restarted_at);
        self.restart_at(asked_at + restart_after(timeout));
    }

    fn restart_at(&mut self, due: Instant) {
        self.action = awaited(async move {
            tokio::time::sleep_until(due).await;
            Event::RestartDue
        });
    }

    fn send(&mut self) {
        let (ports, delegation) = self.context();
        let now = Instant::now();
        let left = self.deadline.map_or(Duration::ZERO, |deadline| {
            deadline.saturating_duration_since(now)
        });
        let deadline = now + left.clamp(SHORTEST_SENDING, MEMBERSHIP_LIFETIME);
        self.lookup = Fuse::terminated();
        self.action = awaited(async move {
            match ports.insist(&delegation, Action::Send, deadline).await {
                Ok(_) => ports.counts.sends.add_one(),
                Err(error) => {
                    ports.counts.failed_sends.add_one();
                    log_failure(&delegation, &error, "a delayed leave event is not sent");
                }
            }
            Event::SendSettled
        });
    }

    fn context(&self) -> (Arc<Ports>, Arc<Delegation>) {
        (self.ports.clone(), self.delegation.clone())
    }
}

/// Early enough for a few attempts before the homeserver sends the event by itself.
fn restart_after(timeout: Duration) -> Duration {
    (timeout / 10 * 8).max(SHORTEST_RESTART)
}

fn awaited(future: impl Future<Output = Event> + Send + 'static) -> Awaited {
    let boxed: Pin<Box<dyn Future<Output = Event> + Send>> = Box::pin(future);
    boxed.fuse()
}

fn log_failure(delegation: &Delegation, error: &ActError, message: &str) {
    tracing::warn!(
        room = %delegation.room,
        identity = %delegation.identity,
        server_name = %delegation.server_name,
        %error,
        "{message}"
    );
}
