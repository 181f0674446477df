//! What is done about a lost connection: the stay is resumed where the server still knows it, begun anew where not, and
//! given up when nothing helped for too long.

use std::time::Duration;

use livekit_protocol as proto;
use proto::signal_request::Message as Request;
use tokio::time::{Instant, sleep};

use super::{
    Session,
    link::{Attempt, Dialed, Link},
    media::{MEDIA_WITHIN, Peer, Side},
};
use crate::{
    connection::ConnectionError,
    event::{Event, LeaveReason},
    join::{Entrance, JoinError, Return, come_back, enter},
    options::SignalMode,
    signal::{Resume, Signal},
};

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    Resume,
    Anew,
}

/// A lost connection.
pub(super) struct Trouble {
    since: Instant,
    attempts: u32,
    how: How,
    reason: proto::ReconnectReason,
    /// The program knows that we are reconnecting.
    told: bool,
    last: Option<JoinError>,
}

impl Session {
    /// Everything works again.
    pub(super) fn calm_down(&mut self) {
        if matches!(self.link, Link::Up(_)) && self.media_due().is_none() {
            self.trouble = None;
        }
    }

    pub(super) fn signal_lost(&mut self, error: JoinError) {
        tracing::debug!(%error, "signal connection lost");
        let how = self
            .trouble
            .as_ref()
            .map_or(How::Resume, |trouble| trouble.how);
        self.because(proto::ReconnectReason::RrSignalDisconnected);
        self.repair(how, Some(error));
    }

    /// A peer connection did not come (back) up in time. The second time, resuming has not helped.
    pub(super) fn media_lost(&mut self, side: Side) {
        let how = if self.trouble.is_some() {
            How::Anew
        } else {
            How::Resume
        };
        self.because(match side {
            Side::Primary if self.options.signal == SignalMode::Dual => {
                proto::ReconnectReason::RrSubscriberFailed
            }
            Side::Primary | Side::Publisher => proto::ReconnectReason::RrPublisherFailed,
        });
        self.repair(how, Some(ConnectionError::Silent.into()));
    }

    /// A peer connection is broken beyond ICE.
    pub(super) fn media_failed(&mut self, error: ConnectionError) {
        tracing::debug!(%error, "peer connection failed");
        self.repair(How::Anew, Some(error.into()));
    }

    fn because(&mut self, reason: proto::ReconnectReason) {
        self.trouble.get_or_insert_with(Trouble::new).reason = reason;
    }

    /// Begins the next attempt, or gives up.
    pub(super) fn repair(&mut self, how: How, error: Option<JoinError>) {
        let trouble = self.trouble.get_or_insert_with(Trouble::new);
        trouble.how = trouble.how.max(how);
        if !std::mem::replace(&mut trouble.told, true) {
            self.teller.tell(Event::Reconnecting);
        }
        let over = trouble.since.elapsed() > self.options.give_up_after;
        if let Some(error) = error {
            if over || error.is_final() && trouble.how == How::Anew {
                self.left = Some(LeaveReason::Lost(error));
                return;
            }
            trouble.last = Some(error);
        }
        let pause = trouble.pause();
        trouble.attempts += 1;
        let (how, reason) = (trouble.how, trouble.reason);
        self.primary.late_at = None;
        if let Some(peer) = &mut self.publisher {
            peer.late_at = None;
        }
        let (server, token, options) = (
            self.server.clone(),
            self.token.clone(),
            self.options.clone(),
        );
        self.link = Link::Down;
        self.link = Link::Dialing(match how {
            How::Resume => {
                let resume = Resume {
                    participant_sid: self.me.sid.clone(),
                    reason,
                };
                let ping_timeout = self.ping_timeout;
                Attempt::start(async move {
                    sleep(pause).await;
                    let back = come_back(&server, token, &options, resume, ping_timeout);
                    Dialed::Back(back.await)
                })
            }
            How::Anew => Attempt::start(async move {
                sleep(pause).await;
                Dialed::Anew(enter(&server, token, &options).await.map(Box::new))
            }),
        });
    }

    pub(super) async fn dialed(&mut self, dialed: Dialed) {
        match dialed {
            Dialed::Back(Ok(Return::Resumed(signal))) => self.resumed(signal).await,
            Dialed::Back(Ok(Return::Unknown)) => {
                // The next attempt is another question: no pause.
                if let Some(trouble) = &mut self.trouble {
                    trouble.attempts = 0;
                }
                self.repair(How::Anew, None);
            }
            Dialed::Back(Ok(Return::Out(reason)))
            | Dialed::Anew(Err(JoinError::Refused(reason))) => {
                self.left = Some(LeaveReason::Server(reason));
            }
            Dialed::Back(Err(error)) => {
                let how = if error.is_final() {
                    How::Anew
                } else {
                    How::Resume
                };
                // A token that is too old to come back with may be too old to join with: that is found out next.
                self.repair(how, Some(error).filter(|_| how == How::Resume));
            }
            Dialed::Anew(Ok(entrance)) => self.joined_anew(*entrance).await,
            Dialed::Anew(Err(error)) => self.repair(How::Anew, Some(error)),
        }
    }

    async fn resumed(&mut self, signal: Signal) {
        self.link = Link::Up(signal);
        if let Some(trouble) = &mut self.trouble {
            trouble.told = false;
        }
        self.tell(Event::Reconnected { resumed: true });
        let state = proto::SyncState {
            subscription: Some(self.subscriptions.wished(self.options.auto_subscribe)),
            publish_tracks: self
                .publications
                .iter()
                .filter(|one| one.announced)
                .map(|one| proto::TrackPublishedResponse {
                    cid: one.cid.clone(),
                    track: Some(proto::TrackInfo {
                        sid: one.sid(),
                        ..Default::default()
                    }),
                })
                .collect(),
            track_sids_disabled: self.subscriptions.disabled(),
            ..Default::default()
        };
        self.say(Request::SyncState(state)).await;
        // What was said into the broken socket is said again.
        let settings: Vec<_> = self
            .subscriptions
            .told()
            .filter_map(|track| self.subscriptions.settings(track))
            .collect();
        for settings in settings {
            self.say(Request::TrackSetting(settings)).await;
        }
        let announcements: Vec<_> = self
            .publications
            .iter()
            .filter(|one| !one.announced)
            .map(crate::publish::Publication::request)
            .collect();
        for request in announcements {
            self.say(Request::AddTrack(request)).await;
        }
        let mutes: Vec<_> = self
            .publications
            .iter()
            .filter(|one| one.announced)
            .map(|one| (one.sid(), one.muted))
            .collect();
        for (sid, muted) in mutes {
            self.say_muted(sid, muted).await;
        }
        // The server restarts ICE where it offers, we where we do.
        let late_at = Some(Instant::now() + MEDIA_WITHIN);
        self.primary.late_at = late_at;
        if let Some(peer) = self.sending() {
            peer.connection.restart();
            peer.late_at = late_at;
        }
    }

    async fn joined_anew(&mut self, entrance: Entrance) {
        self.unsubscribe_all();
        self.link = Link::Up(entrance.signal);
        self.primary = Peer::fresh(entrance.primary);
        self.publisher = None;
        if let Some(trouble) = &mut self.trouble {
            trouble.told = false;
        }
        self.tell(Event::Reconnected { resumed: false });
        self.joined(*entrance.join);
        let wishes = self.subscriptions.wished(self.options.auto_subscribe);
        if !wishes.track_sids.is_empty() {
            self.say(Request::Subscription(wishes)).await;
        }
        if self.publications.is_empty() {
            return;
        }
        if let Err(error) = self.open_sending().await {
            self.cannot_send(error);
            return;
        }
        let announcements: Vec<_> = self
            .publications
            .iter_mut()
            .map(|one| {
                one.forget();
                (one.request(), one.change())
            })
            .collect();
        for (request, change) in announcements {
            self.say(Request::AddTrack(request)).await;
            self.want_sending(change);
        }
    }
}

impl Trouble {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            attempts: 0,
            how: How::Resume,
            reason: proto::ReconnectReason::RrUnknown,
            told: false,
            last: None,
        }
    }

    /// None before the first attempt, then longer and longer.
    fn pause(&self) -> Duration {
        match self.attempts {
            0 => Duration::ZERO,
            tried => (Duration::from_millis(150) * 2u32.saturating_pow(tried)).min(LONGEST_PAUSE),
        }
    }
}
