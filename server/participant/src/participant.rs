//! A participant in the hands of its program; a task of its own does the work.

use livekit_protocol as proto;
use tokio::sync::{mpsc, oneshot, watch};
use url::Url;

use crate::{
    command::Command,
    events::{self, Events},
    join::{JoinError, enter},
    options::JoinOptions,
    publish::{LocalTrack, Publish, PublishError},
    received::Received,
    session::Session,
};

/// Commands that wait for a busy task; whoever sends more waits.
const COMMANDS: usize = 256;

/// A participant that is in the room, until [`Participant::leave`] or until this and all its [`LocalTrack`]s are dropped.
#[derive(Debug)]
pub struct Participant {
    commands: mpsc::Sender<Command>,
    received: watch::Receiver<Received>,
    connected: watch::Receiver<bool>,
    sid: watch::Receiver<String>,
    /// Ends the task when it is dropped.
    _stay: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl Participant {
    /// Joins the room of `token` at `server` (`ws://`, `wss://`, `http://` or `https://`).
    pub async fn join(
        server: &Url,
        token: &str,
        options: JoinOptions,
    ) -> Result<(Self, Events), JoinError> {
        let entrance = enter(server, token.to_owned(), &options).await?;
        let (teller, events) = events::channel(options.unread_bytes);
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let (stay, leaving) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let session = Session::new(
            server.clone(),
            token.to_owned(),
            options,
            teller,
            commands.downgrade(),
            entrance,
        );
        let participant = Self {
            commands,
            received: session.received.subscribe(),
            connected: session.connected.subscribe(),
            sid: session.sid.subscribe(),
            _stay: stay,
            ended,
        };
        tokio::spawn(async move {
            // Boxed: it holds whole peer connections.
            Box::pin(session.run(receiver, leaving)).await;
            // Nobody may wait for it.
            let _ = end.send(());
        });
        Ok((participant, events))
    }

    /// Our id, `PA_…`; another one after a reconnection that did not resume.
    pub fn sid(&self) -> String {
        self.sid.borrow().clone()
    }

    /// What arrived so far, where packets are counted.
    pub fn received(&self) -> Received {
        *self.received.borrow()
    }

    /// Resolves when media can flow to us, or when we are not in the room any more.
    pub async fn connected(&self) {
        // An error says that the task ended: the events tell why.
        let _ = self
            .connected
            .clone()
            .wait_for(|connected| *connected)
            .await;
    }

    /// Wishes for tracks, or for their absence; kept through reconnections.
    pub async fn set_subscribed(&self, tracks: &[String], on: bool) {
        self.command(Command::Subscribe(tracks.to_vec(), on)).await;
    }

    /// How a track is to be sent: the best quality that is wanted, or nothing (`disabled`). Video is asked for in the best
    /// quality where frames are received and nothing else was said.
    pub async fn set_track_settings(
        &self,
        track: &str,
        quality: proto::VideoQuality,
        disabled: bool,
    ) {
        let settings = proto::UpdateTrackSettings {
            track_sids: vec![track.to_owned()],
            quality: quality.into(),
            disabled,
            ..Default::default()
        };
        self.command(Command::Settings(settings)).await;
    }

    /// Asks the publisher of a track for a keyframe.
    pub async fn request_keyframe(&self, track: &str) {
        self.command(Command::Keyframe(track.to_owned())).await;
    }

    /// Publishes a track; resolves when its media can flow.
    pub async fn publish(&self, publish: Publish) -> Result<LocalTrack, PublishError> {
        let (answer, answered) = oneshot::channel();
        self.command(Command::Publish(publish, answer)).await;
        answered.await.unwrap_or(Err(PublishError::Left))
    }

    /// Leaves, and says goodbye.
    pub async fn leave(self) {
        let Self {
            _stay: stay, ended, ..
        } = self;
        drop(stay);
        // An error says that the task has ended before.
        let _ = ended.await;
    }

    /// A participant that left obeys nothing; the events told why.
    async fn command(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }
}
