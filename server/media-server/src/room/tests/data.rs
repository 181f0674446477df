//! Facts about data packets.

use std::time::{Duration, Instant};

use livekit_protocol as proto;
use proto::data_packet::{Kind, Value};
use proto::{DataPacket, UserPacket};

use super::harness::{Guest, House, request};
use crate::ground::RoomError;
use crate::peer::{Backlog, DataChannel};
use crate::peer::{Datagram, Route, Transport};
use crate::room_service::send_data;

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

/// A datagram of a sender, by its first byte.
fn datagram(first: u8) -> Datagram {
    let address = "127.0.0.1:1".parse().unwrap();
    Datagram {
        route: Route {
            transport: Transport::Udp,
            local: address,
            remote: address,
        },
        payload: vec![first; 100],
        received: Instant::now(),
    }
}

/// How many of a hundred datagrams of this kind reach the sender's connection.
fn passing(house: &mut House, sender: &Guest, first: u8) -> usize {
    let before = house.notes()[&sender.publisher].datagrams;
    for _ in 0..100 {
        let now = house.now;
        house
            .room
            .handle_datagram(sender.publisher, &datagram(first), now);
    }
    house.notes()[&sender.publisher].datagrams - before
}

fn fall_behind(house: &House, guest: &Guest, bytes: usize) {
    let backlog = Backlog {
        bytes,
        stuck_since: (bytes > 0).then_some(house.now.instant),
        was_open: true,
    };
    house
        .notes
        .lock()
        .unwrap()
        .get_mut(&guest.subscriber)
        .unwrap()
        .backlog = backlog;
}

const DATA: u8 = 23;
const RTP: u8 = 128;

#[test]
fn a_sender_is_slowed_down_while_a_receiver_is_behind() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    let carol = house.arrive("carol");
    fall_behind(&house, &bob, 8 << 20);
    assert_eq!(
        passing(&mut house, &alice, DATA),
        100,
        "has sent him nothing"
    );
    house.send_data(&alice, DataChannel::Reliable, &chat("hello", 1));
    let pass = passing(&mut house, &alice, DATA);
    assert!((1..40).contains(&pass), "{pass}");
    assert_eq!(passing(&mut house, &alice, RTP), 100);
    assert_eq!(passing(&mut house, &carol, DATA), 100);
    fall_behind(&house, &bob, 1000);
    assert_eq!(passing(&mut house, &alice, DATA), 100);
}

#[test]
fn lossy_data_slows_nobody_down() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    fall_behind(&house, &bob, 8 << 20);
    house.send_data(&alice, DataChannel::Lossy, &chat("hello", 0));
    assert_eq!(passing(&mut house, &alice, DATA), 100);
}

#[test]
fn whoever_takes_no_data_for_fifteen_seconds_has_to_come_back() {
    let mut house = House::new();
    house.arrive("alice");
    let mut bob = house.arrive("bob");
    fall_behind(&house, &bob, 2 << 20);
    house.advance(Duration::from_secs(14));
    assert_eq!(house.room.info().num_participants, 2);
    house.advance(Duration::from_secs(2));
    assert_eq!(house.room.info().num_participants, 1);
    let frames = house.frames(&mut bob);
    let leave = super::harness::leave(&frames).unwrap();
    assert_eq!(leave.action(), proto::leave_request::Action::Reconnect);
}

#[test]
fn a_client_without_a_data_channel_goes_without() {
    let mut house = House::new();
    let alice = house.arrive("alice");
    let bob = house.arrive("bob");
    fall_behind(&house, &bob, 2 << 20);
    house
        .notes
        .lock()
        .unwrap()
        .get_mut(&bob.subscriber)
        .unwrap()
        .backlog
        .was_open = false;
    house.advance(Duration::from_secs(20));
    assert_eq!(house.room.info().num_participants, 2);
    house.send_data(&alice, DataChannel::Reliable, &chat("hello", 1));
    assert!(house.data(&bob).is_empty());
}

#[test]
fn a_full_receiver_goes_if_it_takes_nothing_else_the_flooder() {
    for (waits, gone) in [(Duration::ZERO, "alice"), (Duration::from_secs(3), "bob")] {
        let mut house = House::new();
        let alice = house.arrive("alice");
        let bob = house.arrive("bob");
        fall_behind(&house, &bob, 16 << 20);
        house.advance(waits);
        house
            .notes
            .lock()
            .unwrap()
            .get_mut(&bob.subscriber)
            .unwrap()
            .full = true;
        house.send_data(&alice, DataChannel::Reliable, &chat("hello", 1));
        let left = house.act(|room, _| room.participant_infos());
        assert!(left.iter().all(|info| info.identity != gone), "{gone}");
        assert_eq!(left.len(), 1);
    }
}

#[test]
fn the_api_is_told_what_nobody_could_be_given() {
    let mut house = House::new();
    let bob = house.arrive("bob");
    let send = |house: &mut House, length: usize, nonce: u8| {
        let request = proto::SendDataRequest {
            data: vec![7; length],
            nonce: vec![nonce; 16],
            ..proto::SendDataRequest::default()
        };
        house.act(|room, now| send_data::send(room, request, now))
    };
    let refused = send(&mut house, 66_000, 1);
    assert!(
        matches!(refused, Err(RoomError::DataTooLarge { most: 65_536, .. })),
        "{refused:?}"
    );
    fall_behind(&house, &bob, 16 << 20);
    assert_eq!(send(&mut house, 1000, 2), Err(RoomError::ReceiverTooSlow));
    assert!(house.data(&bob).is_empty());
    fall_behind(&house, &bob, 0);
    send(&mut house, 1000, 2).unwrap();
    send(&mut house, 1000, 2).unwrap();
    assert_eq!(
        house.data(&bob).len(),
        1,
        "the nonce counts once it is sent"
    );
}
