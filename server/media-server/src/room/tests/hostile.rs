//! Facts about clients that send whatever they like.

use std::time::Duration;

use livekit_protocol as proto;
use proptest::prelude::*;
use proto::TrackSource;
use proto::signal_request::Message as Request;

use super::harness::{House, add_track, cid, identity, leave};
use crate::peer::{DataChannel, PeerEvent};
use crate::room_service::get_participant;

#[test]
fn a_signal_flood_closes_the_flooder_and_nobody_else() {
    let mut house = House::new();
    house.arrive("alice");
    let mut mallory = house.arrive("mallory");
    for _ in 0..3_000 {
        house.say(&mallory, Request::Ping(1));
    }
    let frames = house.frames(&mut mallory);
    assert!(leave(&frames).is_some());
    assert_eq!(house.room.info().num_participants, 1);
}

fn any_sid() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("TR_nothing".to_owned()),
        Just("VICTIM".to_owned()),
        Just("OWN".to_owned()),
        "\\PC{0,40}",
    ]
}

fn any_message() -> impl Strategy<Value = Request> {
    let source = prop_oneof![
        Just(TrackSource::Camera),
        Just(TrackSource::Microphone),
        Just(TrackSource::ScreenShare),
    ];
    prop_oneof![
        ("\\PC{0,60}", any::<u32>()).prop_map(|(sdp, id)| {
            Request::Offer(proto::SessionDescription {
                r#type: "offer".to_owned(),
                // The fake connection refuses empty descriptions, which would end the test early.
                sdp: format!("x{sdp}"),
                id,
                ..proto::SessionDescription::default()
            })
        }),
        "\\PC{0,60}".prop_map(|sdp| {
            Request::Answer(proto::SessionDescription {
                sdp,
                ..Default::default()
            })
        }),
        ("\\PC{0,60}", any::<i32>()).prop_map(|(candidate_init, target)| {
            Request::Trickle(proto::TrickleRequest {
                candidate_init,
                target,
                r#final: false,
            })
        }),
        (source, any_sid(), any::<i32>(), any::<i32>(), "\\PC{0,20}").prop_map(
            |(source, sid, kind, encryption, codec)| {
                let mut request = add_track(source);
                request.sid = sid;
                request.encryption = encryption;
                if kind % 3 == 0 {
                    request.r#type = kind;
                }
                request.simulcast_codecs = vec![proto::SimulcastCodec {
                    codec,
                    cid: cid(source),
                    ..Default::default()
                }];
                Request::AddTrack(request)
            }
        ),
        (any_sid(), any::<bool>())
            .prop_map(|(sid, muted)| Request::Mute(proto::MuteTrackRequest { sid, muted })),
        (proptest::collection::vec(any_sid(), 0..4), any::<bool>()).prop_map(
            |(track_sids, subscribe)| {
                Request::Subscription(proto::UpdateSubscription {
                    track_sids,
                    subscribe,
                    participant_tracks: Vec::new(),
                })
            }
        ),
        (
            any_sid(),
            any::<bool>(),
            any::<i32>(),
            any::<u32>(),
            any::<u32>()
        )
            .prop_map(|(sid, disabled, quality, size, priority)| {
                Request::TrackSetting(proto::UpdateTrackSettings {
                    track_sids: vec![sid],
                    disabled,
                    quality,
                    width: size,
                    height: size,
                    fps: size,
                    priority,
                })
            }),
        (any::<bool>(), any_sid(), any_sid()).prop_map(|(all_participants, sid, name)| {
            Request::SubscriptionPermission(proto::SubscriptionPermission {
                all_participants,
                track_permissions: vec![proto::TrackPermission {
                    participant_sid: sid.clone(),
                    participant_identity: name,
                    all_tracks: false,
                    track_sids: vec![sid],
                }],
            })
        }),
        (any_sid(), any_sid()).prop_map(|(wanted, disabled)| {
            Request::SyncState(proto::SyncState {
                subscription: Some(proto::UpdateSubscription {
                    track_sids: vec![wanted],
                    subscribe: true,
                    participant_tracks: Vec::new(),
                }),
                track_sids_disabled: vec![disabled],
                ..proto::SyncState::default()
            })
        }),
        ("\\PC{0,40}", "\\PC{0,40}", any::<u32>()).prop_map(|(name, metadata, request_id)| {
            Request::UpdateMetadata(proto::UpdateParticipantMetadata {
                name,
                metadata,
                request_id,
                ..proto::UpdateParticipantMetadata::default()
            })
        }),
        any::<i32>().prop_map(|seconds| {
            Request::Simulate(proto::SimulateScenario {
                scenario: Some(proto::simulate_scenario::Scenario::SpeakerUpdate(seconds)),
            })
        }),
        any::<i64>().prop_map(|bps| {
            Request::Simulate(proto::SimulateScenario {
                scenario: Some(proto::simulate_scenario::Scenario::SubscriberBandwidth(bps)),
            })
        }),
    ]
}

/// Puts real sids where the script names roles.
fn with_sids(message: Request, victim: &str, own: &str) -> Request {
    let name = |sid: &mut String| match sid.as_str() {
        "VICTIM" => victim.clone_into(sid),
        "OWN" => own.clone_into(sid),
        _ => {}
    };
    let mut message = message;
    match &mut message {
        Request::AddTrack(request) => name(&mut request.sid),
        Request::Mute(request) => name(&mut request.sid),
        Request::Subscription(request) => request.track_sids.iter_mut().for_each(name),
        Request::TrackSetting(request) => request.track_sids.iter_mut().for_each(name),
        _ => {}
    }
    message
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_script_of_messages_panics_or_changes_another_participant(
        script in proptest::collection::vec((any_message(), 0u64..400, any::<bool>()), 1..60),
        garbage in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut house = House::new();
        let mut victim = house.arrive("victim");
        let victim_track = house.publish(&mut victim, TrackSource::Camera);
        let mut mallory = house.arrive("mallory");
        let own_track = house.publish(&mut mallory, TrackSource::Microphone);
        let look = |house: &mut House| {
            house
                .act(|room, _| get_participant::find(room, &identity("victim")))
                .unwrap()
        };
        let before = look(&mut house);
        for (message, wait, ready) in script {
            house.say(&mallory, with_sids(message, &victim_track, &own_track));
            if ready {
                house.make_ready(&mallory);
            }
            house.tell(mallory.publisher, PeerEvent::Data {
                channel: DataChannel::Reliable,
                payload: garbage.clone(),
            });
            house.advance(Duration::from_millis(wait));
            house.frames(&mut victim);
            house.frames(&mut mallory);
        }
        prop_assert_eq!(look(&mut house), before);
    }
}
