//! What is told of a recording that a room wished and nobody started (rtc/egress.go): `egress_ended` with the request,
//! less where it would have been stored, for that holds keys.

use std::time::{SystemTime, UNIX_EPOCH};

use livekit_wire::{
    ids::random_id,
    proto::{
        EgressInfo, EgressStatus, EncodedFileOutput, ImageOutput, ParticipantEgressRequest, Room,
        RoomCompositeEgressRequest, SegmentedFileOutput, TrackEgressRequest, WebhookEvent,
        egress_info::Request, track_egress_request,
    },
};

use crate::ground::{EgressRequest, EgressWish};

/// The event of a failed launch.
pub fn event(wish: EgressWish, error: String, now: SystemTime) -> WebhookEvent {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let room = Room {
        sid: wish.room_sid.as_str().to_owned(),
        name: wish.room.as_str().to_owned(),
        ..Room::default()
    };
    let info = EgressInfo {
        room_id: room.sid.clone(),
        room_name: room.name.clone(),
        status: EgressStatus::EgressFailed.into(),
        error,
        request: Some(without_keys(wish.request)),
        ..EgressInfo::default()
    };
    WebhookEvent {
        event: "egress_ended".to_owned(),
        id: random_id("EV_", &mut rand::rng()),
        created_at: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        room: Some(room),
        egress_info: Some(info),
        ..WebhookEvent::default()
    }
}

fn without_keys(request: EgressRequest) -> Request {
    match request {
        EgressRequest::RoomComposite(request) => {
            Request::RoomComposite(RoomCompositeEgressRequest {
                file_outputs: files(request.file_outputs),
                segment_outputs: segments(request.segment_outputs),
                image_outputs: images(request.image_outputs),
                stream_outputs: Vec::new(),
                webhooks: Vec::new(),
                output: None,
                ..*request
            })
        }
        EgressRequest::Participant(request) => Request::Participant(ParticipantEgressRequest {
            file_outputs: files(request.file_outputs),
            segment_outputs: segments(request.segment_outputs),
            image_outputs: images(request.image_outputs),
            stream_outputs: Vec::new(),
            webhooks: Vec::new(),
            ..*request
        }),
        EgressRequest::Track(mut request) => {
            if let Some(track_egress_request::Output::File(file)) = &mut request.output {
                file.output = None;
            }
            Request::Track(TrackEgressRequest {
                webhooks: Vec::new(),
                ..*request
            })
        }
    }
}

fn files(outputs: Vec<EncodedFileOutput>) -> Vec<EncodedFileOutput> {
    let without = |output| EncodedFileOutput {
        output: None,
        ..output
    };
    outputs.into_iter().map(without).collect()
}

fn segments(outputs: Vec<SegmentedFileOutput>) -> Vec<SegmentedFileOutput> {
    let without = |output| SegmentedFileOutput {
        output: None,
        ..output
    };
    outputs.into_iter().map(without).collect()
}

fn images(outputs: Vec<ImageOutput>) -> Vec<ImageOutput> {
    let without = |output| ImageOutput {
        output: None,
        ..output
    };
    outputs.into_iter().map(without).collect()
}
