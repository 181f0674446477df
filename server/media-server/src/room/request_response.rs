//! `requestResponse`: what became of a client's request.

use livekit_protocol as proto;
use proto::request_response::{Reason, Request};
use proto::signal_response::Message;

use super::Room;
use crate::participant::ParticipantKey;

impl Room {
    /// `requestResponse`; success is only told to clients that know such answers.
    pub(super) fn answer_request(
        &mut self,
        key: ParticipantKey,
        request_id: u32,
        reason: Reason,
        message: &str,
        request: Request,
    ) {
        let Some(participant) = self.roster.get_mut(key) else {
            return;
        };
        if reason == Reason::Ok && !participant.protocol().knows_ok_responses() {
            return;
        }
        participant.send(Message::RequestResponse(proto::RequestResponse {
            request_id,
            reason: reason.into(),
            message: message.to_owned(),
            request: Some(request),
        }));
    }

    /// Data tracks are not offered by this server; the client is told rather than left waiting.
    pub(super) fn refuse_data_track(
        &mut self,
        key: ParticipantKey,
        request: proto::PublishDataTrackRequest,
    ) {
        let request = Request::PublishDataTrack(request);
        let message = "data tracks are not supported by this server";
        self.answer_request(key, 0, Reason::NotAllowed, message, request);
    }

    pub(super) fn refuse_unpublish_data_track(
        &mut self,
        key: ParticipantKey,
        request: proto::UnpublishDataTrackRequest,
    ) {
        let request = Request::UnpublishDataTrack(request);
        self.answer_request(key, 0, Reason::NotFound, "", request);
    }
}
