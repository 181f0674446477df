//! Facts about data packets.

use std::time::Duration;

use livekit_protocol as proto;
use proto::data_packet::{Kind, Value};
use proto::{DataPacket, UserPacket};

use super::harness::{House, request};
use crate::peer::DataChannel;

fn chat(text: &str, sequence: u32) -> DataPacket {
    DataPacket {
        sequence,
        value: Some(Value::User(UserPacket {
            payload: text.as_bytes().to_vec(),
            ..UserPacket::default()
        })),
        ..DataPacket::default()
    }
}

#[test]
fn data_reaches_everybody_but_its_sender() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let carol = house.arrive("carol");
    house.send_data(&alice, DataChannel::Reliable, &chat("hello", 1));
    assert_eq!(house.data(&bob).len(), 1);
    assert_eq!(house.data(&carol).len(), 1);
    assert!(house.data(&alice).is_empty());
}

#[test]
#[expect(
    deprecated,
    reason = "the fields that older clients read are part of the fact"
)]
fn the_server_says_who_sent_it_and_how() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let mut forged = chat("hello", 0);
    forged.participant_identity = "carol".to_owned();
    forged.participant_sid = "PA_carol".to_owned();
    forged.kind = Kind::Reliable.into();
    house.send_data(&alice, DataChannel::Lossy, &forged);
    let received = house.data(&bob).remove(0);
    assert_eq!(received.participant_identity, "alice");
    assert_eq!(received.participant_sid, alice.sid.as_str());
    assert_eq!(received.kind(), Kind::Lossy);
    let Some(Value::User(user)) = received.value else {
        panic!("no user packet")
    };
    assert_eq!(user.participant_identity, "alice");
}

#[test]
fn a_reliable_packet_seen_twice_is_forwarded_once() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    for sequence in [1, 2, 2, 1, 3] {
        house.send_data(&alice, DataChannel::Reliable, &chat("hello", sequence));
    }
    let sequences: Vec<_> = house
        .data(&bob)
        .iter()
        .map(|packet| packet.sequence)
        .collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[test]
fn data_goes_only_where_it_is_sent() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let carol = house.arrive("carol");
    let mut packet = chat("psst", 1);
    packet.destination_identities = vec!["bob".to_owned()];
    house.send_data(&alice, DataChannel::Reliable, &packet);
    assert_eq!(house.data(&bob).len(), 1);
    assert!(house.data(&carol).is_empty());
}

#[test]
#[expect(
    deprecated,
    reason = "the fields that older clients write are the fact"
)]
fn destinations_of_older_clients_count_as_well() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let carol = house.arrive("carol");
    let mut packet = chat("psst", 1);
    if let Some(Value::User(user)) = &mut packet.value {
        user.destination_identities = vec!["bob".to_owned()];
    }
    house.send_data(&alice, DataChannel::Reliable, &packet);
    assert_eq!(house.data(&bob)[0].destination_identities, ["bob"]);
    assert!(house.data(&carol).is_empty());
}

#[test]
fn whoever_may_not_send_data_is_not_heard() {
    let mut house = House::new();
    let bob = house.arrive("bob");
    let mut mute = request("mute");
    mute.token.claims.video.as_mut().unwrap().can_publish_data = Some(false);
    let mute = house.enter(&mute);
    house.connect(&mute);
    house.send_data(&mute, DataChannel::Reliable, &chat("hello", 1));
    assert!(house.data(&bob).is_empty());
}

#[test]
fn garbage_on_a_data_channel_is_ignored() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let event = crate::peer::PeerEvent::Data {
        channel: DataChannel::Reliable,
        payload: vec![0xff; 100],
    };
    house.tell(alice.publisher, event);
    assert!(house.data(&bob).is_empty());
    assert_eq!(house.room.info().num_participants, 2);
}

#[test]
fn what_a_resumed_client_missed_is_sent_again_for_two_seconds() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let mut bob = house.arrive("bob");
    house.send_data(&alice, DataChannel::Reliable, &chat("old", 1));
    house.advance(Duration::from_millis(2500));
    house.send_data(&alice, DataChannel::Reliable, &chat("seen", 2));
    house.send_data(&alice, DataChannel::Reliable, &chat("missed", 3));
    let before = house.data(&bob).len();
    house.hang_up(&bob);
    house.resume(&mut bob);
    house.say(
        &bob,
        proto::signal_request::Message::SyncState(proto::SyncState {
            datachannel_receive_states: vec![proto::DataChannelReceiveState {
                publisher_sid: alice.sid.as_str().to_owned(),
                last_seq: 2,
            }],
            ..proto::SyncState::default()
        }),
    );
    let again: Vec<_> = house.data(&bob)[before..]
        .iter()
        .map(|packet| packet.sequence)
        .collect();
    assert_eq!(again, [3]);
}

#[test]
fn a_data_flood_closes_the_flooder_and_nobody_else() {
    let mut house = House::new();
    let mut alice = house.arrive("alice");
    house.arrive("bob");
    for _ in 0..60_000 {
        house.send_data(&alice, DataChannel::DataTrack, &DataPacket::default());
        house.send_data(&alice, DataChannel::Lossy, &DataPacket::default());
    }
    let frames = house.frames(&mut alice);
    assert!(super::harness::leave(&frames).is_some());
    assert_eq!(house.room.info().num_participants, 1);
}
