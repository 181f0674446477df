//! The signal session of a publisher over HTTP, spoken for it: joining, candidates, ICE restarts, leaving. It must not know
//! HTTP.

use std::time::Duration;

use livekit_wire::{
    ParticipantSid,
    proto::{
        AddTrackRequest, AudioTrackFeature, IceServer, LeaveRequest, SessionDescription,
        SignalRequest, SignalTarget, TrackSource, TrackType, TrickleRequest, VideoLayer,
        VideoQuality, signal_request::Message as Say, signal_response::Message as Hear,
    },
};
use str0m::media::MediaKind;
use tokio::{sync::mpsc, time::timeout};

use super::publisher::{Ask, NotRestarted, NotTrickled, Restarted};
use crate::{
    ground::{JoinRefused, JoinRequest, SignalMode, SignalOut},
    peer::{IceCredentials, IceFragment, OneShotOffer},
    shard::Session,
};

/// A room's thread answers at once; one that does not is stuck.
const PATIENCE: Duration = Duration::from_secs(10);
/// The protocol of a client that does not say: LiveKit's present one.
const PROTOCOL: i32 = 16;

/// Why a publisher is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStarted {
    /// The rooms refuse.
    #[error(transparent)]
    Refused(JoinRefused),
    /// The room is full, or the offer cannot be answered.
    #[error("the room does not take this publisher: it is full, or the offer cannot be answered")]
    TurnedAway,
    /// The server is too busy.
    #[error("the room did not answer in time")]
    NoAnswer,
}

/// A join that publishes what an offer has, and nothing else: LiveKit's names and sources for it
/// (`rtc/participant.go`, `synthesizeAddTrackRequests`).
pub fn join_request(request: JoinRequest, offer: &OneShotOffer) -> JoinRequest {
    let mut client = request.client;
    if client.protocol == 0 {
        client.protocol = PROTOCOL;
    }
    JoinRequest {
        mode: SignalMode::OneShot,
        client,
        auto_subscribe: false,
        reconnect: None,
        publisher_offer: Some(SessionDescription {
            r#type: "offer".to_owned(),
            sdp: offer.to_string(),
            id: 1,
            ..SessionDescription::default()
        }),
        add_track_requests: tracks(offer),
        ..request
    }
}

fn tracks(offer: &OneShotOffer) -> Vec<AddTrackRequest> {
    let track = |cid: &str, kind, streams: usize| match kind {
        MediaKind::Audio => AddTrackRequest {
            cid: cid.to_owned(),
            name: "synthesized-microphone".to_owned(),
            r#type: TrackType::Audio.into(),
            source: TrackSource::Microphone.into(),
            audio_features: vec![AudioTrackFeature::TfNoDtx.into()],
            disable_red: true,
            stream: "camera".to_owned(),
            ..AddTrackRequest::default()
        },
        MediaKind::Video => AddTrackRequest {
            cid: cid.to_owned(),
            name: "synthesized-camera".to_owned(),
            r#type: TrackType::Video.into(),
            source: TrackSource::Camera.into(),
            stream: "camera".to_owned(),
            // How large they are nobody says.
            layers: [VideoQuality::Low, VideoQuality::Medium, VideoQuality::High]
                .into_iter()
                .take(streams)
                .map(|quality| VideoLayer {
                    quality: quality.into(),
                    ..VideoLayer::default()
                })
                .collect(),
            ..AddTrackRequest::default()
        },
    };
    offer
        .tracks
        .iter()
        .map(|offered| track(&offered.cid, offered.kind, offered.streams))
        .collect()
}

/// What a join brings.
pub(super) struct Welcome {
    pub sid: ParticipantSid,
    pub answer: String,
    pub etag: String,
    pub ice_servers: Vec<IceServer>,
}

/// Waits for what a publisher is let in with.
pub(super) async fn welcome(
    mut session: Session,
    offer: OneShotOffer,
) -> Result<(Welcome, Work), NotStarted> {
    let mut ice_servers = Vec::new();
    let answer = timeout(PATIENCE, async {
        loop {
            match hear(&mut session).await {
                Some(Hear::Join(join)) => ice_servers = join.ice_servers,
                Some(Hear::Answer(answer)) => return Some(answer.sdp),
                Some(Hear::Leave(_)) | None => return None,
                Some(_) => {}
            }
        }
    });
    let answer = answer.await.map_err(|_| NotStarted::NoAnswer)?;
    let answer = answer.ok_or(NotStarted::TurnedAway)?;
    let etag = etag(&answer).ok_or(NotStarted::TurnedAway)?;
    let welcome = Welcome {
        sid: session.participant_sid.clone(),
        answer,
        etag: etag.clone(),
        ice_servers,
    };
    let work = Work {
        session,
        offer,
        etag,
        offers: 1,
    };
    Ok((welcome, work))
}

/// The server's own `ice-ufrag`: random, and another after each restart.
fn etag(answer: &str) -> Option<String> {
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("a=ice-ufrag:"))?;
    Some(line.trim().to_owned())
}

/// The next word of the room; None when the session is over.
async fn hear(session: &mut Session) -> Option<Hear> {
    loop {
        match session.outgoing.recv().await? {
            SignalOut::Close => return None,
            SignalOut::Message(response) => {
                if let Some(message) = response.message {
                    return Some(message);
                }
            }
        }
    }
}

/// A session that runs.
pub(super) struct Work {
    session: Session,
    offer: OneShotOffer,
    etag: String,
    offers: u32,
}

impl Work {
    /// Serves the publisher until it, or somebody else, ends it.
    pub async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        loop {
            tokio::select! {
                heard = hear(&mut self.session) => match heard {
                    Some(Hear::Leave(_)) | None => return,
                    // Nobody is there to be told.
                    Some(_) => {}
                },
                ask = asks.recv() => match ask {
                    Some(Ask::Trickle { etag, fragment, reply }) => {
                        let taken = self.trickle(&etag, fragment).await;
                        let _ = reply.send(taken);
                    }
                    Some(Ask::Restart { credentials, candidates, reply }) => {
                        let restarted = self.restart(&credentials, &candidates).await;
                        let over = restarted.is_err();
                        let _ = reply.send(restarted);
                        if over {
                            return;
                        }
                    }
                    Some(Ask::End { reply }) => {
                        self.leave().await;
                        let _ = reply.send(());
                        return;
                    }
                    None => return,
                },
            }
        }
    }

    async fn trickle(&self, etag: &str, fragment: IceFragment) -> Result<(), NotTrickled> {
        // After a restart candidates of before it may still be on their way.
        if etag != "*" && etag != self.etag {
            return Err(NotTrickled::OtherGeneration);
        }
        let mut known = fragment.credentials.iter();
        if !known.all(|credentials| credentials.ufrag == self.offer.ufrag()) {
            return Err(NotTrickled::OtherCredentials);
        }
        for candidate in fragment.candidates {
            self.say(Say::Trickle(TrickleRequest {
                candidate_init: candidate,
                target: SignalTarget::Publisher.into(),
                r#final: false,
            }))
            .await
            .ok_or(NotTrickled::Ended)?;
        }
        Ok(())
    }

    async fn restart(
        &mut self,
        credentials: &IceCredentials,
        candidates: &[String],
    ) -> Result<Restarted, NotRestarted> {
        let offer = self.offer.restarted(credentials, candidates);
        self.offers += 1;
        self.say(Say::Offer(SessionDescription {
            r#type: "offer".to_owned(),
            sdp: offer.to_string(),
            id: self.offers,
            ..SessionDescription::default()
        }))
        .await
        .ok_or(NotRestarted::Ended)?;
        let answer = timeout(PATIENCE, async {
            loop {
                match hear(&mut self.session).await {
                    Some(Hear::Answer(answer)) if answer.id == self.offers => {
                        return Some(answer.sdp);
                    }
                    Some(Hear::Leave(_)) | None => return None,
                    Some(_) => {}
                }
            }
        });
        let answer = answer.await.ok().flatten().ok_or(NotRestarted::Refused)?;
        let fragment = IceFragment::of_answer(&answer).map_err(|_| NotRestarted::Refused)?;
        self.etag = etag(&answer).ok_or(NotRestarted::Refused)?;
        self.offer = offer;
        Ok(Restarted {
            fragment,
            etag: self.etag.clone(),
        })
    }

    /// Returns when the room has let it go.
    async fn leave(&mut self) {
        if self
            .say(Say::Leave(LeaveRequest::default()))
            .await
            .is_none()
        {
            return;
        }
        let gone = async { while hear(&mut self.session).await.is_some() {} };
        if timeout(PATIENCE, gone).await.is_err() {
            tracing::warn!(sid = %self.session.participant_sid, "the room did not let a publisher go");
        }
    }

    async fn say(&self, message: Say) -> Option<()> {
        let request = SignalRequest {
            message: Some(message),
        };
        self.session.incoming.send(request).await.ok()
    }
}
