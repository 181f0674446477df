//! One participant's stay in a room: a task that waits for the program, the server and media, and answers each.

mod link;
mod media;
mod obey;
mod reconnect;
mod signalled;

use std::{future::pending, time::Duration};

use livekit_protocol as proto;
use proto::signal_request::Message as Request;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use url::Url;

use crate::{
    command::Command,
    connection::Connection,
    event::{Event, LeaveReason},
    events::Teller,
    join::Entrance,
    options::JoinOptions,
    publish::Publications,
    received::{Counter, Received},
    roster::Roster,
    subscriptions::Subscriptions,
};
use link::Link;
use media::{Peer, Side};
use reconnect::Trouble;

const PING: Duration = Duration::from_secs(5);

pub(crate) struct Session {
    server: Url,
    token: String,
    options: JoinOptions,
    teller: Teller,
    /// For the hands of published tracks.
    commands: mpsc::WeakSender<Command>,
    pub received: watch::Sender<Received>,
    pub connected: watch::Sender<bool>,
    pub sid: watch::Sender<String>,
    link: Link,
    trouble: Option<Trouble>,
    primary: Peer,
    publisher: Option<Peer>,
    me: proto::ParticipantInfo,
    ping_timeout: i32,
    roster: Roster,
    subscriptions: Subscriptions,
    publications: Publications,
    counter: Counter,
    left: Option<LeaveReason>,
}

impl Session {
    pub fn new(
        server: Url,
        token: String,
        options: JoinOptions,
        teller: Teller,
        commands: mpsc::WeakSender<Command>,
        entrance: Entrance,
    ) -> Self {
        let mut session = Self {
            server,
            token,
            options,
            teller,
            commands,
            received: watch::Sender::default(),
            connected: watch::Sender::default(),
            sid: watch::Sender::default(),
            link: Link::Up(entrance.signal),
            trouble: None,
            primary: Peer::fresh(entrance.primary),
            publisher: None,
            me: proto::ParticipantInfo::default(),
            ping_timeout: 0,
            roster: Roster::default(),
            subscriptions: Subscriptions::default(),
            publications: Publications::default(),
            counter: Counter::default(),
            left: None,
        };
        session.joined(*entrance.join);
        session
    }

    /// Takes part until told to leave, thrown out, or lost.
    pub async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut leaving: oneshot::Receiver<()>,
    ) {
        let mut pings = interval(PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            self.offer().await;
            if let Some(reason) = self.left.take() {
                self.teller.tell(Event::Left(reason));
                return;
            }
            let frame_due = self.publications.due().map(Instant::from_std);
            let media_due = self.media_due();
            tokio::select! {
                _ = &mut leaving => {
                    if let Link::Up(signal) = self.link {
                        signal.close().await;
                    }
                    self.teller.tell(Event::Left(LeaveReason::Asked));
                    return;
                }
                Some(command) = commands.recv() => self.obey(command).await,
                news = self.link.next() => self.heard(news).await,
                happened = self.primary.connection.next() => self.happened(Side::Primary, happened),
                happened = next(&mut self.publisher) => self.happened(Side::Publisher, happened),
                () = at(frame_due) => self.send_frames(),
                () = at(media_due) => self.media_is_late(),
                _ = pings.tick() => self.say(Request::PingReq(proto::Ping::default())).await,
            }
        }
    }

    /// Says something, if there is somebody to say it to: what counts is said again after a reconnection.
    async fn say(&mut self, message: Request) {
        if let Link::Up(signal) = &mut self.link
            && let Err(error) = signal.send(message).await
        {
            self.signal_lost(error.into());
        }
    }

    /// What follows for subscriptions from what was just learned.
    async fn settle(&mut self) {
        for event in self.subscriptions.settle(&self.roster) {
            if let Event::Subscribed { track, codec, .. } = &event {
                let settings = self.settings(track, *codec);
                self.teller.tell(event);
                if let Some(settings) = settings {
                    self.say(Request::TrackSetting(settings)).await;
                }
            } else {
                self.teller.tell(event);
            }
        }
    }
}

async fn next(
    peer: &mut Option<Peer>,
) -> Result<crate::connection::Happened, crate::connection::ConnectionError> {
    match peer {
        Some(peer) => peer.connection.next().await,
        None => pending().await,
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

impl Peer {
    fn fresh(connection: Connection) -> Self {
        Self {
            connection,
            late_at: Some(Instant::now() + media::MEDIA_WITHIN),
        }
    }
}
