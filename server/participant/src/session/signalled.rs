//! What the server says.

use livekit_protocol as proto;
use proto::{
    leave_request::Action, signal_request::Message as Request, signal_response::Message as Response,
};
use str0m::media::MediaKind;

use super::{Session, link::News, media::Side, reconnect::How};
use crate::{
    connection::{Change, tracks_of},
    event::{Event, LeaveReason},
    options::SignalMode,
    publish::PublishError,
};

impl Session {
    pub(super) async fn heard(&mut self, news: News) {
        match news {
            News::Message(message) => self.message(*message).await,
            News::Lost(error) => self.signal_lost(error.into()),
            News::Dialed(dialed) => self.dialed(*dialed).await,
        }
    }

    /// We are in: for the first time, or anew.
    pub(super) fn joined(&mut self, join: proto::JoinResponse) {
        self.me = join.participant.unwrap_or_default();
        self.sid.send_replace(self.me.sid.clone());
        self.ping_timeout = join.ping_timeout;
        self.roster.replace(&join.other_participants);
        self.tell(Event::Joined {
            room: Box::new(join.room.unwrap_or_default()),
            me: Box::new(self.me.clone()),
            others: join.other_participants,
            server: Box::new(join.server_info.unwrap_or_default()),
        });
    }

    async fn message(&mut self, message: Response) {
        match message {
            Response::Offer(offer) => match self.primary.connection.answer(&offer).await {
                Ok(answer) => {
                    self.subscriptions.bind(tracks_of(&offer));
                    self.say(Request::Answer(answer)).await;
                    self.settle().await;
                }
                Err(error) => self.media_failed(error),
            },
            Response::Answer(answer) => self.answered(&answer).await,
            Response::Trickle(trickle) => {
                let side = match (self.options.signal, trickle.target()) {
                    (SignalMode::Dual, proto::SignalTarget::Publisher) => Side::Publisher,
                    (SignalMode::Single, _) | (_, proto::SignalTarget::Subscriber) => Side::Primary,
                };
                if let Some(peer) = self.peer(side) {
                    peer.connection.add_candidate(&trickle.candidate_init).await;
                }
            }
            Response::MediaSectionsRequirement(needed) => {
                let kinds = [
                    (MediaKind::Audio, needed.num_audios),
                    (MediaKind::Video, needed.num_videos),
                ];
                for (kind, count) in kinds {
                    for _ in 0..count {
                        self.want_sending(Change::Receive(kind));
                    }
                }
                if needed.num_audios + needed.num_videos == 0 {
                    self.want_sending(Change::Again);
                }
            }
            Response::Update(update) => {
                for info in update.participants {
                    self.updated(info);
                }
                self.settle().await;
            }
            Response::TrackPublished(published) => {
                let sid = published.track.unwrap_or_default().sid;
                if let Some(one) = self.publications.by_cid(&published.cid) {
                    one.announce(&sid);
                }
                if self
                    .sending()
                    .is_some_and(|peer| peer.connection.is_connected())
                {
                    self.publications.connected();
                }
            }
            Response::RequestResponse(response) => self.request_answered(&response),
            Response::Mute(request) => {
                if let Some(one) = self.publications.by_sid(&request.sid) {
                    one.muted = request.muted;
                    self.say_muted(request.sid, request.muted).await;
                }
            }
            Response::SpeakersChanged(changed) => self.tell(Event::Speakers(changed.speakers)),
            Response::RoomUpdate(update) => {
                if let Some(room) = update.room {
                    self.tell(Event::Room(Box::new(room)));
                }
            }
            Response::RefreshToken(token) => self.token = token,
            Response::RoomMoved(moved) => {
                if !moved.token.is_empty() {
                    self.token = moved.token;
                }
                if let Some(me) = moved.participant {
                    self.me = me;
                    self.sid.send_replace(self.me.sid.clone());
                }
                self.roster.replace(&moved.other_participants);
                self.tell(Event::Joined {
                    room: Box::new(moved.room.unwrap_or_default()),
                    me: Box::new(self.me.clone()),
                    others: moved.other_participants,
                    server: Box::default(),
                });
                self.settle().await;
            }
            Response::Leave(leave) => self.told_to_leave(&leave),
            _ => {}
        }
    }

    async fn answered(&mut self, answer: &proto::SessionDescription) {
        let Some(peer) = self.sending() else {
            return;
        };
        match peer.connection.accept(answer).await {
            Ok(true) => {
                let connected = peer.connection.is_connected();
                if self.options.signal == SignalMode::Single {
                    self.subscriptions.bind(tracks_of(answer));
                    self.settle().await;
                }
                if connected {
                    self.publications.connected();
                }
            }
            Ok(false) => {}
            Err(error) => self.media_failed(error),
        }
    }

    /// Only a refusal means something: a track that is taken is published.
    fn request_answered(&mut self, response: &proto::RequestResponse) {
        use proto::request_response::{Reason, Request};
        let (reason, Some(Request::AddTrack(request))) = (response.reason(), &response.request)
        else {
            return;
        };
        if !matches!(reason, Reason::Ok | Reason::Queued) {
            let error = PublishError::Refused(reason);
            if let Some(one) = self.publications.refused(&request.cid, error)
                && let Some(mid) = one.mid
            {
                self.want_sending(Change::Stop(mid));
            }
        }
    }

    fn updated(&mut self, info: proto::ParticipantInfo) {
        if info.sid == self.me.sid {
            if info.version >= self.me.version {
                self.me = info.clone();
                self.tell(Event::Participant(Box::new(info)));
            }
        } else if self.roster.update(&info) {
            self.tell(Event::Participant(Box::new(info)));
        }
    }

    fn told_to_leave(&mut self, leave: &proto::LeaveRequest) {
        match leave.action() {
            Action::Resume => self.repair(How::Resume, None),
            Action::Reconnect => self.repair(How::Anew, None),
            // The word of old servers.
            Action::Disconnect if leave.can_reconnect => self.repair(How::Anew, None),
            Action::Disconnect => self.left = Some(LeaveReason::Server(leave.reason())),
        }
    }
}
