//! Facts about who gets which track.

use std::time::Duration;

use livekit_protocol as proto;
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;
use proto::{SubscriptionError, TrackSource};

use super::harness::{Guest, House, request};
use crate::ground::JoinRequest;

fn subscription(sids: &[&str], subscribe: bool) -> Request {
    Request::Subscription(proto::UpdateSubscription {
        track_sids: sids.iter().map(|sid| (*sid).to_owned()).collect(),
        subscribe,
        participant_tracks: Vec::new(),
    })
}

fn selective(house: &mut House, identity: &str) -> Guest {
    let mut guest = house.enter(&JoinRequest {
        auto_subscribe: false,
        ..request(identity)
    });
    house.connect(&guest);
    house.frames(&mut guest);
    guest
}

#[test]
fn everybody_gets_every_track_unless_they_choose() {
    let mut house = House::new();
    let bob = house.arrive("bob");
    let carol = selective(&mut house, "carol");
    let mut alice = house.arrive("alice");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    assert_eq!(house.receives(&bob), [sid.as_str()]);
    assert!(house.receives(&carol).is_empty());
    house.say(&carol, subscription(&[&sid], true));
    assert_eq!(house.receives(&carol), [sid.as_str()]);
    house.say(&carol, subscription(&[&sid], false));
    assert!(house.receives(&carol).is_empty());
}

#[test]
fn late_comers_get_what_is_published_already() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    let bob = house.arrive("bob");
    assert_eq!(house.receives(&bob), [sid]);
}

#[test]
fn a_stream_id_names_publisher_and_track() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    let bob = house.arrive("bob");
    let stream = house.notes()[&bob.subscriber].down_tracks[0]
        .1
        .stream_id
        .clone();
    assert_eq!(stream, format!("{}|{sid}", alice.sid));
}

#[test]
fn the_client_is_asked_for_sections_when_it_offers() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    house.publish(&mut alice, TrackSource::Camera);
    house.frames(&mut bob);
    house.advance(Duration::from_millis(200));
    let frames = house.frames(&mut bob);
    let asked = frames.iter().any(|frame| {
        matches!(frame, Response::MediaSectionsRequirement(needed)
            if needed.num_audios == 1 && needed.num_videos == 2)
    });
    assert!(asked, "{frames:?}");
}

#[test]
fn a_wish_for_an_unknown_track_comes_true_when_it_appears() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = selective(&mut house, "bob");
    let announced = house.announce(
        &mut alice,
        &super::harness::add_track(TrackSource::Microphone),
    );
    house.say(&bob, subscription(&[&announced], true));
    assert!(house.receives(&bob).is_empty());
    house.media(&alice, &announced, TrackSource::Microphone);
    assert_eq!(house.receives(&bob), [announced]);
}

#[test]
fn a_wish_for_a_track_that_never_appears_fails_after_a_minute() {
    let mut house = House::new();
    let mut bob = house.arrive("bob");
    house.say(&bob, subscription(&["TR_nowhere"], true));
    house.advance(Duration::from_secs(58));
    let early = house.frames(&mut bob);
    assert!(
        !early
            .iter()
            .any(|frame| matches!(frame, Response::SubscriptionResponse(_)))
    );
    house.advance(Duration::from_secs(5));
    let late = house.frames(&mut bob);
    let failed = late.iter().find_map(|frame| match frame {
        Response::SubscriptionResponse(failed) => Some(failed.clone()),
        _ => None,
    });
    let failed = failed.unwrap();
    assert_eq!(failed.track_sid, "TR_nowhere");
    assert_eq!(failed.err(), SubscriptionError::SeTrackNotfound);
}

#[test]
fn a_publisher_decides_who_gets_its_tracks() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    let carol = house.arrive("carol");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    house.frames(&mut bob);
    let only_carol = |allowed: &str| {
        Request::SubscriptionPermission(proto::SubscriptionPermission {
            all_participants: false,
            track_permissions: vec![proto::TrackPermission {
                participant_identity: allowed.to_owned(),
                all_tracks: true,
                ..proto::TrackPermission::default()
            }],
        })
    };
    house.say(&alice, only_carol("carol"));
    assert!(house.receives(&bob).is_empty());
    assert_eq!(house.receives(&carol), [sid.as_str()]);
    let frames = house.frames(&mut bob);
    let told: Vec<_> = frames
        .iter()
        .filter_map(|frame| match frame {
            Response::SubscriptionPermissionUpdate(update) => Some(update.allowed),
            _ => None,
        })
        .collect();
    assert_eq!(told, [false]);
    house.say(&alice, only_carol("bob"));
    assert_eq!(house.receives(&bob), [sid.as_str()]);
    assert!(house.receives(&carol).is_empty());
}

#[test]
fn a_keyframe_is_asked_for_when_a_subscriber_is_ready() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = house.arrive("bob");
    house.publish(&mut alice, TrackSource::Camera);
    assert!(house.notes()[&alice.publisher].keyframes.is_empty());
    house.make_ready(&bob);
    assert_eq!(house.notes()[&alice.publisher].keyframes.len(), 1);
}

#[test]
fn a_publisher_is_told_to_stop_layers_that_nobody_wants() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let sid = house.publish(&mut alice, TrackSource::Camera);
    house.make_ready(&bob);
    house.say(
        &bob,
        Request::TrackSetting(proto::UpdateTrackSettings {
            track_sids: vec![sid.clone()],
            quality: proto::VideoQuality::Low.into(),
            ..proto::UpdateTrackSettings::default()
        }),
    );
    house.frames(&mut alice);
    house.advance(Duration::from_secs(6));
    let frames = house.frames(&mut alice);
    let update = frames.iter().rev().find_map(|frame| match frame {
        Response::SubscribedQualityUpdate(update) => Some(update.clone()),
        _ => None,
    });
    let update = update.unwrap();
    assert_eq!(update.track_sid, sid);
    assert_eq!(update.subscribed_codecs[0].codec, "vp8");
    let enabled: Vec<_> = update.subscribed_codecs[0]
        .qualities
        .iter()
        .map(|quality| quality.enabled)
        .collect();
    assert_eq!(enabled, [true, false, false]);
}
