//! What the program asks of its participant.

use livekit_protocol as proto;
use proto::signal_request::Message as Request;
use tokio::sync::oneshot;

use super::Session;
use crate::{
    command::Command,
    connection::{Change, Connection, kind, now},
    event::Codec,
    options::{Receive, SignalMode},
    publish::{LocalTrack, Publish, PublishError},
};

impl Session {
    pub(super) async fn obey(&mut self, command: Command) {
        match command {
            Command::Subscribe(tracks, on) => {
                self.subscriptions.wish(&tracks, on);
                let wishes = proto::UpdateSubscription {
                    track_sids: tracks,
                    subscribe: on,
                    ..Default::default()
                };
                self.say(Request::Subscription(wishes)).await;
            }
            Command::Settings(settings) => {
                self.subscriptions.set(&settings);
                self.say(Request::TrackSetting(settings)).await;
            }
            Command::Keyframe(track) => self.request_keyframe(&track),
            Command::Publish(publish, answer) => self.publish(publish, answer).await,
            Command::Write(cid, frame) => {
                let Some((mid, frame)) = self
                    .publications
                    .by_cid(&cid)
                    .and_then(|one| Some((one.mid?, one.outgoing(frame))))
                else {
                    return;
                };
                if let Some(peer) = self.sending() {
                    peer.connection.write(mid, &frame);
                }
            }
            Command::Mute(cid, muted) => {
                if let Some(one) = self.publications.by_cid(&cid) {
                    one.muted = muted;
                    let sid = one.sid();
                    self.say_muted(sid, muted).await;
                }
            }
            Command::Speak(cid, speaking) => {
                if let Some(one) = self.publications.by_cid(&cid) {
                    one.speak(speaking, now());
                }
            }
            Command::Unpublish(cid) => {
                if let Some(one) = self.publications.remove(&cid)
                    && let Some(mid) = one.mid
                {
                    self.want_sending(Change::Stop(mid));
                }
            }
        }
    }

    pub(super) async fn say_muted(&mut self, sid: String, muted: bool) {
        if !sid.is_empty() {
            self.say(Request::Mute(proto::MuteTrackRequest { sid, muted }))
                .await;
        }
    }

    async fn publish(
        &mut self,
        publish: Publish,
        answer: oneshot::Sender<Result<LocalTrack, PublishError>>,
    ) {
        let codec = publish.content.codec();
        // With two connections the sending one takes frames in any case.
        let takes = match self.options.signal {
            SignalMode::Single => self.options.receive,
            SignalMode::Dual => Receive::Frames,
        };
        if !Connection::can_send(takes, codec) {
            // Whoever asked may be gone.
            let _ = answer.send(Err(PublishError::Codec(codec)));
            return;
        }
        let Some(commands) = self.commands.upgrade() else {
            return;
        };
        if let Err(error) = self.open_sending().await {
            self.cannot_send(error);
            return;
        }
        let one = self.publications.add(publish, commands, answer, now());
        let (request, change) = (one.request(), one.change());
        self.say(Request::AddTrack(request)).await;
        self.want_sending(change);
    }

    /// How a newly subscribed track is to be sent.
    pub(super) fn settings(&self, track: &str, codec: Codec) -> Option<proto::UpdateTrackSettings> {
        self.subscriptions.settings(track).or_else(|| {
            let best = self.options.receive == Receive::Frames && codec.is_video();
            best.then(|| proto::UpdateTrackSettings {
                track_sids: vec![track.to_owned()],
                quality: proto::VideoQuality::High.into(),
                ..Default::default()
            })
        })
    }
}

impl crate::publish::Publication {
    /// The m-line it needs.
    pub(super) fn change(&self) -> Change {
        Change::Send {
            cid: self.cid.clone(),
            kind: kind(self.kind()),
            layers: self.layers(),
        }
    }
}
