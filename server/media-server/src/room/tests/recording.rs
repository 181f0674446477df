//! Facts about recorders in the room, and about recordings that the room wishes by itself.

use livekit_protocol as proto;
use proto::TrackSource;
use proto::signal_response::Message as Response;
use proto::track_egress_request::Output;

use super::harness::{Guest, House, request, settings};
use crate::ground::{EgressRequest, JoinRequest};
use crate::participant::CloseReason;
use crate::room::RoomOptions;

fn recorder(identity: &str) -> JoinRequest {
    let mut request = request(identity);
    request.token.claims.kind = "egress".to_owned();
    if let Some(grants) = &mut request.token.claims.video {
        grants.hidden = true;
    }
    request
}

/// What the guest was told of recording since the last call, in no time.
fn told(house: &mut House, guest: &mut Guest) -> Vec<bool> {
    let frames = house.frames(guest);
    let updates = frames.into_iter().filter_map(|frame| match frame {
        Response::RoomUpdate(update) => Some(update.room.unwrap().active_recording),
        _ => None,
    });
    updates.collect()
}

fn remove(house: &mut House, identity: &str) {
    house.act(|room, now| {
        let key = room.key_of(identity).unwrap();
        room.remove(key, CloseReason::Removed, now);
    });
}

#[test]
fn recording_is_told_at_once_to_those_inside_and_to_whoever_comes() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.enter(&recorder("EG_one"));
    assert_eq!(told(&mut house, &mut alice), [true]);
    house.enter(&recorder("EG_two"));
    assert!(
        told(&mut house, &mut alice).is_empty(),
        "nothing has changed"
    );

    let mut bob = house.enter(&request("bob"));
    let frames = house.frames(&mut bob);
    let Response::Join(join) = &frames[0] else {
        panic!("{frames:?}")
    };
    assert!(join.room.as_ref().unwrap().active_recording);
    assert!(
        join.other_participants
            .iter()
            .all(|other| other.identity == "alice")
    );

    remove(&mut house, "EG_one");
    assert!(told(&mut house, &mut alice).is_empty(), "one is left");
    remove(&mut house, "EG_two");
    assert_eq!(told(&mut house, &mut alice), [false]);
    assert_eq!(told(&mut house, &mut bob), [false]);
}

#[test]
fn a_recorder_hears_of_itself_first_in_its_join() {
    let mut house = House::new();
    let mut recorder = house.enter(&recorder("EG_one"));
    let frames = house.frames(&mut recorder);
    let Response::Join(join) = &frames[0] else {
        panic!("{frames:?}")
    };
    assert!(join.room.as_ref().unwrap().active_recording);
}

fn recorded(egress: proto::RoomEgress) -> House {
    let options = RoomOptions {
        egress: Some(egress),
        ..RoomOptions::default()
    };
    House::with(settings(), options)
}

#[test]
fn a_room_wishes_its_picture_as_it_opens() {
    let composite = proto::RoomCompositeEgressRequest {
        room_name: "another".to_owned(),
        layout: "grid".to_owned(),
        ..proto::RoomCompositeEgressRequest::default()
    };
    let mut house = recorded(proto::RoomEgress {
        room: Some(composite.clone()),
        ..proto::RoomEgress::default()
    });
    let expected = proto::RoomCompositeEgressRequest {
        room_name: "room".to_owned(),
        ..composite
    };
    assert_eq!(
        house.wishes(),
        [EgressRequest::RoomComposite(Box::new(expected))]
    );
    let mut alice = house.arrive("alice");
    house.publish(&mut alice, TrackSource::Camera);
    assert!(house.wishes().is_empty());
}

#[test]
fn a_participant_is_wished_once_a_stay_at_its_first_track() {
    let mut house = recorded(proto::RoomEgress {
        participant: Some(proto::AutoParticipantEgress {
            file_outputs: vec![proto::EncodedFileOutput {
                filepath: "{publisher_identity}.mp4".to_owned(),
                ..proto::EncodedFileOutput::default()
            }],
            options: Some(proto::auto_participant_egress::Options::Preset(
                proto::EncodingOptionsPreset::H2641080p30.into(),
            )),
            ..proto::AutoParticipantEgress::default()
        }),
        ..proto::RoomEgress::default()
    });
    let mut alice = house.arrive("alice");
    assert!(house.wishes().is_empty(), "nothing is published");
    house.publish(&mut alice, TrackSource::Microphone);
    house.publish(&mut alice, TrackSource::Camera);
    let wishes = house.wishes();
    let [EgressRequest::Participant(wish)] = &wishes[..] else {
        panic!("{wishes:?}")
    };
    assert_eq!(
        (wish.room_name.as_str(), wish.identity.as_str()),
        ("room", "alice")
    );
    assert_eq!(wish.file_outputs[0].filepath, "{publisher_identity}.mp4");
    assert_eq!(
        wish.options,
        Some(proto::participant_egress_request::Options::Preset(
            proto::EncodingOptionsPreset::H2641080p30.into()
        ))
    );

    remove(&mut house, "alice");
    let mut alice = house.arrive("alice");
    house.publish(&mut alice, TrackSource::Camera);
    assert_eq!(house.wishes().len(), 1, "a new stay is a new recording");
}

#[test]
fn each_track_is_wished_but_none_of_a_recorder() {
    let s3 = proto::S3Upload {
        bucket: "calls".to_owned(),
        ..proto::S3Upload::default()
    };
    let mut house = recorded(proto::RoomEgress {
        tracks: Some(proto::AutoTrackEgress {
            filepath: "calls/x.ogg".to_owned(),
            output: Some(proto::auto_track_egress::Output::S3(s3.clone())),
            ..proto::AutoTrackEgress::default()
        }),
        ..proto::RoomEgress::default()
    });
    let mut alice = house.arrive("alice");
    let sids = [TrackSource::Microphone, TrackSource::Camera]
        .map(|source| house.publish(&mut alice, source));
    let expected = sids.map(|track_id| {
        EgressRequest::Track(Box::new(proto::TrackEgressRequest {
            room_name: "room".to_owned(),
            track_id,
            output: Some(Output::File(proto::DirectFileOutput {
                filepath: "calls/x-{track_id}.ogg".to_owned(),
                output: Some(proto::direct_file_output::Output::S3(s3.clone())),
                ..proto::DirectFileOutput::default()
            })),
            ..proto::TrackEgressRequest::default()
        }))
    });
    assert_eq!(house.wishes(), expected);

    let mut talking = recorder("EG_one");
    if let Some(grants) = &mut talking.token.claims.video {
        grants.hidden = false;
    }
    let mut guest = house.enter(&talking);
    house.connect(&guest);
    house.publish(&mut guest, TrackSource::Microphone);
    assert!(house.wishes().is_empty());
}
