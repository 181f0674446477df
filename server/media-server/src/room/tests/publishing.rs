//! Facts about tracks and their publishers.

use livekit_protocol as proto;
use proto::TrackSource;
use proto::request_response::Reason;
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;

use super::harness::{House, add_track, request};
use crate::peer::PeerEvent;

#[test]
fn a_track_is_published_at_once_and_announced_with_its_media() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    house.webhooks();
    let sid = house.announce(&mut alice, &add_track(TrackSource::Microphone));
    assert!(sid.starts_with("TR_AM"), "{sid}");
    assert!(
        house
            .seen(&mut bob, "alice")
            .is_none_or(|info| info.tracks.is_empty())
    );
    assert!(house.webhook_names().is_empty());
    house.media(&alice, &sid, TrackSource::Microphone);
    let seen = house.seen(&mut bob, "alice").unwrap();
    assert_eq!(seen.tracks[0].sid, sid);
    assert_eq!(seen.tracks[0].mime_type, "audio/opus");
    assert_eq!(seen.tracks[0].mid, "7");
    assert!(seen.is_publisher);
    let events = house.webhooks();
    assert_eq!(events[0].event, "track_published");
    let room = events[0].room.as_ref().unwrap();
    assert_eq!(
        (room.name.as_str(), room.num_participants),
        ("room", 0),
        "ids only"
    );
    assert_eq!(events[0].participant.as_ref().unwrap().identity, "alice");
}

#[test]
fn each_track_has_a_later_version_than_the_one_before() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    house.publish(&mut alice, TrackSource::Microphone);
    house.publish(&mut alice, TrackSource::Camera);
    let seen = house.seen(&mut bob, "alice").unwrap();
    let versions: Vec<_> = seen
        .tracks
        .iter()
        .map(|track| {
            track
                .version
                .map(|version| (version.unix_micro, version.ticks))
        })
        .collect();
    assert!(
        versions[0].is_some() && versions[0] < versions[1],
        "{versions:?}"
    );
}

#[test]
fn a_source_is_not_the_name_of_another_kind_of_track() {
    use TrackSource::{Camera, Microphone, ScreenShare, ScreenShareAudio};
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let types = [
        (Microphone, proto::TrackType::Video),
        (ScreenShareAudio, proto::TrackType::Video),
        (Camera, proto::TrackType::Audio),
        (ScreenShare, proto::TrackType::Audio),
    ];
    for (source, wrong) in types {
        let mut request = add_track(source);
        request.r#type = wrong.into();
        house.say(&alice, Request::AddTrack(request));
        let frames = house.frames(&mut alice);
        let [Response::RequestResponse(refusal)] = frames.as_slice() else {
            panic!("{source:?}: {frames:?}")
        };
        assert_eq!(refusal.reason(), Reason::UnsupportedType, "{source:?}");
        house.announce(&mut alice, &add_track(source));
    }
}

#[test]
fn another_codec_of_a_microphone_is_no_video() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let sid = house.publish(&mut alice, TrackSource::Microphone);
    let codec = proto::SimulcastCodec {
        codec: "vp8".to_owned(),
        cid: "camera".to_owned(),
        ..proto::SimulcastCodec::default()
    };
    for source in [TrackSource::Camera, TrackSource::Microphone] {
        house.say(
            &alice,
            Request::AddTrack(proto::AddTrackRequest {
                cid: "camera".to_owned(),
                sid: sid.clone(),
                simulcast_codecs: vec![codec.clone()],
                ..add_track(source)
            }),
        );
    }
    let info = house
        .act(|room, _| room.key_of("alice").and_then(|key| room.info_of(key)))
        .unwrap();
    let mimes: Vec<_> = info.tracks[0]
        .codecs
        .iter()
        .map(|codec| codec.mime_type.as_str())
        .collect();
    assert_eq!(mimes, ["audio/opus"]);
}

#[test]
fn a_source_that_is_not_allowed_is_refused() {
    let mut house = House::new();
    let mut alice = request("alice");
    alice
        .token
        .claims
        .video
        .as_mut()
        .unwrap()
        .can_publish_sources = vec!["microphone".to_owned()];
    let mut alice = house.enter(&alice);
    house.frames(&mut alice);
    house.say(&alice, Request::AddTrack(add_track(TrackSource::Camera)));
    let frames = house.frames(&mut alice);
    let [Response::RequestResponse(refusal)] = frames.as_slice() else {
        panic!("{frames:?}")
    };
    assert_eq!(refusal.reason(), Reason::NotAllowed);
    house.announce(&mut alice, &add_track(TrackSource::Microphone));
}

#[test]
fn the_offer_is_answered_with_every_track_of_the_participant() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let published = house.publish(&mut alice, TrackSource::Camera);
    let announced = house.announce(&mut alice, &add_track(TrackSource::Microphone));
    house.say(
        &alice,
        Request::Offer(proto::SessionDescription {
            r#type: "offer".to_owned(),
            sdp: "v=0".to_owned(),
            id: 4,
            ..proto::SessionDescription::default()
        }),
    );
    let frames = house.frames(&mut alice);
    let [Response::Answer(answer)] = frames.as_slice() else {
        panic!("{frames:?}")
    };
    assert_eq!((answer.id, answer.r#type.as_str()), (4, "answer"));
    let notes = house.notes();
    let plan = notes[&alice.publisher].plans.last().unwrap();
    let sids: Vec<_> = plan
        .tracks
        .iter()
        .map(|track| track.track_sid.as_str())
        .collect();
    assert_eq!(sids, [published, announced]);
}

#[test]
fn an_offer_that_is_no_sdp_ends_the_stay() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.say(&alice, Request::Offer(proto::SessionDescription::default()));
    let frames = house.frames(&mut alice);
    let leave = super::harness::leave(&frames).unwrap();
    assert_eq!(leave.reason(), proto::DisconnectReason::StateMismatch);
    assert_eq!(house.room.info().num_participants, 0);
}

#[test]
fn a_media_section_that_goes_silent_unpublishes_the_track() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let sid = house.announce(&mut alice, &add_track(TrackSource::Camera));
    let up = house.media(&alice, &sid, TrackSource::Camera);
    assert_eq!(house.receives(&bob), [sid]);
    house.webhooks();
    house.tell(alice.publisher, PeerEvent::UpTrackGone(up));
    assert!(house.receives(&bob).is_empty());
    assert!(house.seen(&mut bob, "alice").unwrap().tracks.is_empty());
    assert_eq!(house.webhook_names(), ["track_unpublished"]);
}

#[test]
fn muting_is_seen_by_all_and_by_the_client_itself() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Microphone);
    house.frames(&mut bob);
    house.say(
        &alice,
        Request::Mute(proto::MuteTrackRequest { sid, muted: true }),
    );
    assert!(house.seen(&mut bob, "alice").unwrap().tracks[0].muted);
    assert!(house.seen(&mut alice, "alice").unwrap().tracks[0].muted);
}

#[test]
fn nobody_can_mute_the_track_of_another() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Microphone);
    house.frames(&mut bob);
    house.say(
        &bob,
        Request::Mute(proto::MuteTrackRequest { sid, muted: true }),
    );
    let frames = house.frames(&mut bob);
    let [Response::RequestResponse(refusal)] = frames.as_slice() else {
        panic!("{frames:?}")
    };
    assert_eq!(refusal.reason(), Reason::NotFound);
    assert!(house.seen(&mut alice, "alice").is_none());
}

#[test]
fn announcements_are_bounded() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    for number in 0..40 {
        let mut track = add_track(TrackSource::Microphone);
        track.cid = format!("cid-{number}");
        house.say(&alice, Request::AddTrack(track));
    }
    let frames = house.frames(&mut alice);
    let accepted = frames
        .iter()
        .filter(|frame| matches!(frame, Response::TrackPublished(_)))
        .count();
    assert_eq!(accepted, 20);
    let refused = frames
        .iter()
        .filter(|frame| {
            matches!(frame, Response::RequestResponse(answer)
                if answer.reason() == Reason::LimitExceeded)
        })
        .count();
    assert_eq!(refused, 20);
}

#[test]
fn the_publisher_is_told_of_its_first_subscriber() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    house.frames(&mut alice);
    house.make_ready(&bob);
    let frames = house.frames(&mut alice);
    let told = frames
        .iter()
        .any(|frame| matches!(frame, Response::TrackSubscribed(told) if told.track_sid == sid));
    assert!(told, "{frames:?}");
}
