//! Facts about what participants may do, and who changes it.

use std::collections::HashMap;

use livekit_protocol as proto;
use proto::TrackSource;
use proto::request_response::Reason;
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;

use super::harness::{House, identity, request};
use crate::config::TooLong;
use crate::ground::RoomError;
use crate::room_service::update_participant;

fn permit(house: &mut House, name: &str, permission: proto::ParticipantPermission) {
    let request = proto::UpdateParticipantRequest {
        permission: Some(permission),
        ..proto::UpdateParticipantRequest::default()
    };
    update(house, name, &request).unwrap();
}

fn update(
    house: &mut House,
    name: &str,
    request: &proto::UpdateParticipantRequest,
) -> Result<proto::ParticipantInfo, RoomError> {
    house.act(|room, now| update_participant::update(room, &identity(name), request, now))
}

#[test]
fn whoever_may_not_publish_any_more_loses_its_tracks() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    house.frames(&mut alice);
    house.webhooks();
    permit(
        &mut house,
        "alice",
        proto::ParticipantPermission {
            can_subscribe: true,
            ..Default::default()
        },
    );
    let frames = house.frames(&mut alice);
    let unpublished = frames
        .iter()
        .any(|frame| matches!(frame, Response::TrackUnpublished(gone) if gone.track_sid == sid));
    assert!(unpublished, "{frames:?}");
    assert!(
        frames
            .iter()
            .any(|frame| matches!(frame, Response::RefreshToken(_)))
    );
    assert!(house.receives(&bob).is_empty());
    let seen = house.seen(&mut bob, "alice").unwrap();
    assert!(seen.tracks.is_empty() && !seen.permission.unwrap().can_publish);
    assert_eq!(house.webhook_names(), ["track_unpublished"]);
}

#[test]
fn a_source_that_is_taken_away_leaves_the_others() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = house.arrive("bob");
    house.publish(&mut alice, TrackSource::Camera);
    let microphone = house.publish(&mut alice, TrackSource::Microphone);
    permit(
        &mut house,
        "alice",
        proto::ParticipantPermission {
            can_publish: true,
            can_subscribe: true,
            can_publish_sources: vec![TrackSource::Microphone.into()],
            ..Default::default()
        },
    );
    assert_eq!(house.receives(&bob), [microphone]);
}

#[test]
fn whoever_may_not_subscribe_any_more_gets_nothing_until_it_may() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    let deaf = proto::ParticipantPermission {
        can_publish: true,
        ..Default::default()
    };
    permit(&mut house, "bob", deaf.clone());
    assert!(house.receives(&bob).is_empty());
    let later = house.publish(&mut alice, TrackSource::Microphone);
    assert!(house.receives(&bob).is_empty());
    permit(
        &mut house,
        "bob",
        proto::ParticipantPermission {
            can_subscribe: true,
            ..deaf
        },
    );
    let mut received = house.receives(&bob);
    received.sort();
    let mut all = vec![sid, later];
    all.sort();
    assert_eq!(received, all);
}

#[test]
fn a_client_may_change_itself_only_if_its_token_says_so() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let rename = |request_id| {
        Request::UpdateMetadata(proto::UpdateParticipantMetadata {
            name: "Alice".to_owned(),
            request_id,
            ..proto::UpdateParticipantMetadata::default()
        })
    };
    house.say(&alice, rename(1));
    let frames = house.frames(&mut alice);
    let [Response::RequestResponse(refusal)] = frames.as_slice() else {
        panic!("{frames:?}")
    };
    assert_eq!(
        (refusal.request_id, refusal.reason()),
        (1, Reason::NotAllowed)
    );

    let mut bob = request("bob");
    bob.token
        .claims
        .video
        .as_mut()
        .unwrap()
        .can_update_own_metadata = Some(true);
    let mut bob = house.enter(&bob);
    house.connect(&bob);
    house.frames(&mut bob);
    house.frames(&mut alice);
    house.say(&bob, rename(2));
    assert_eq!(house.seen(&mut alice, "bob").unwrap().name, "Alice");
    let frames = house.frames(&mut bob);
    let answered = frames.iter().any(|frame| {
        matches!(frame, Response::RequestResponse(answer)
            if answer.request_id == 2 && answer.reason() == Reason::Ok)
    });
    assert!(answered, "{frames:?}");
}

#[test]
fn attributes_are_merged_and_an_empty_one_is_deleted() {
    let mut house = House::new();
    house.arrive("alice");
    let mut set = |attributes: &[(&str, &str)]| {
        let attributes: HashMap<_, _> = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let request = proto::UpdateParticipantRequest {
            attributes,
            ..proto::UpdateParticipantRequest::default()
        };
        update(&mut house, "alice", &request).unwrap().attributes
    };
    set(&[("hand", "up"), ("mood", "good")]);
    let left = set(&[("hand", "")]);
    assert_eq!(
        left,
        HashMap::from([("mood".to_owned(), "good".to_owned())])
    );
}

#[test]
fn metadata_beyond_the_limit_is_refused() {
    let mut house = House::new();
    house.arrive("alice");
    let request = proto::UpdateParticipantRequest {
        metadata: "x".repeat(512 * 1024 + 1),
        ..proto::UpdateParticipantRequest::default()
    };
    let answer = update(&mut house, "alice", &request);
    assert_eq!(answer.err(), Some(RoomError::TooLong(TooLong::Metadata)));
}
