//! LiveKit's Egress as whoever looks after it sees it: everything that goes out of rooms, on whichever recorder serves it. Who may
//! use it, and which of it are recordings of ours, it must not know.

use livekit_client::{Client, Grant, Method, egress};
use livekit_protocol as proto;
use prost::Message;

use super::{
    LiveKit,
    egress::Recorder,
    service::{Service, ServiceError},
};
use crate::clock::Timestamp;

type Outcome<T> = Result<T, ServiceError>;

/// A start, by what is to be sent out.
#[derive(Debug, Clone, PartialEq)]
pub enum EgressRequest {
    Room(proto::RoomCompositeEgressRequest),
    Participant(proto::ParticipantEgressRequest),
    Tracks(proto::TrackCompositeEgressRequest),
    Track(proto::TrackEgressRequest),
    Web(proto::WebEgressRequest),
}

/// Whoever serves Egress: the recorder, where there is one, else the media server.
pub struct EgressCalls<'a> {
    livekit: &'a LiveKit,
    quick: &'a Client,
    /// For what a worker has to do first.
    patient: &'a Client,
}

impl LiveKit {
    /// Egress, by this recorder where there is one.
    pub fn egress<'a>(&'a self, recorder: Option<&'a Recorder>) -> EgressCalls<'a> {
        match recorder {
            Some(recorder) => EgressCalls {
                livekit: self,
                quick: &recorder.client,
                patient: &recorder.starter,
            },
            None => EgressCalls {
                livekit: self,
                quick: &self.client,
                patient: &self.programs,
            },
        }
    }
}

impl EgressCalls<'_> {
    /// Whether it answers.
    pub async fn probe(&self, now: Timestamp) -> Outcome<()> {
        self.list(true, now).await.map(drop)
    }

    /// What goes on, and unless `active`, what has ended and is still remembered: about a day's.
    pub async fn list(&self, active: bool, now: Timestamp) -> Outcome<Vec<proto::EgressInfo>> {
        let request = proto::ListEgressRequest {
            active,
            ..Default::default()
        };
        Ok(self
            .call(self.quick, egress::LIST_EGRESS, &request, now)
            .await?
            .items)
    }

    /// One of them.
    pub async fn find(&self, id: &str, now: Timestamp) -> Outcome<proto::EgressInfo> {
        let request = proto::ListEgressRequest {
            egress_id: id.to_owned(),
            ..Default::default()
        };
        let listed = self
            .call(self.quick, egress::LIST_EGRESS, &request, now)
            .await?;
        let mut items = listed.items.into_iter();
        items
            .find(|info| info.egress_id == id)
            .ok_or(ServiceError::NotFound)
    }

    /// Begins one.
    pub async fn start(
        &self,
        request: EgressRequest,
        now: Timestamp,
    ) -> Outcome<proto::EgressInfo> {
        let started = match &request {
            EgressRequest::Room(it) => {
                self.call(self.patient, egress::START_ROOM_COMPOSITE_EGRESS, it, now)
                    .await
            }
            EgressRequest::Participant(it) => {
                self.call(self.patient, egress::START_PARTICIPANT_EGRESS, it, now)
                    .await
            }
            EgressRequest::Tracks(it) => {
                self.call(self.patient, egress::START_TRACK_COMPOSITE_EGRESS, it, now)
                    .await
            }
            EgressRequest::Track(it) => {
                self.call(self.patient, egress::START_TRACK_EGRESS, it, now)
                    .await
            }
            EgressRequest::Web(it) => {
                self.call(self.patient, egress::START_WEB_EGRESS, it, now)
                    .await
            }
        };
        self.livekit
            .note_worker(Service::Egress, started.as_ref().err(), now);
        started
    }

    /// Asks for another layout.
    pub async fn set_layout(
        &self,
        id: &str,
        layout: &str,
        now: Timestamp,
    ) -> Outcome<proto::EgressInfo> {
        let request = proto::UpdateLayoutRequest {
            egress_id: id.to_owned(),
            layout: layout.to_owned(),
        };
        self.call(self.patient, egress::UPDATE_LAYOUT, &request, now)
            .await
    }

    /// Begins and ends streams of it.
    pub async fn set_streams(
        &self,
        id: &str,
        added: &[String],
        removed: &[String],
        now: Timestamp,
    ) -> Outcome<proto::EgressInfo> {
        let request = proto::UpdateStreamRequest {
            egress_id: id.to_owned(),
            add_output_urls: added.to_vec(),
            remove_output_urls: removed.to_vec(),
        };
        self.call(self.patient, egress::UPDATE_STREAM, &request, now)
            .await
    }

    /// Asks for its end.
    pub async fn stop(&self, id: &str, now: Timestamp) -> Outcome<proto::EgressInfo> {
        let request = proto::StopEgressRequest {
            egress_id: id.to_owned(),
        };
        self.call(self.patient, egress::STOP_EGRESS, &request, now)
            .await
    }

    async fn call<Request: Message, Answer: Message + Default>(
        &self,
        client: &Client,
        method: Method<Request, Answer>,
        request: &Request,
        now: Timestamp,
    ) -> Outcome<Answer> {
        let called = client.call(method, Grant::Record, request, now.into());
        called
            .await
            .map_err(|error| self.livekit.service_error(Service::Egress, error))
    }
}
