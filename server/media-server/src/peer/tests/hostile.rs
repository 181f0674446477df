//! Whatever arrives, a connection answers with an error or ignores it.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::pair::{CLIENT, SERVER, address, config};
use crate::peer::{AnswerPlan, Description, NegotiationError, Output, Peer, PeerId, PeerRole};
use crate::peer::{Datagram, Route, Transport};

const OFFERS: [&str; 4] = [
    include_str!("fixtures/chromium_dual_data.sdp"),
    include_str!("fixtures/chromium_dual_publish.sdp"),
    include_str!("fixtures/chromium_single_join.sdp"),
    include_str!("fixtures/chromium_single_publish.sdp"),
];

fn peer(role: PeerRole) -> (Peer, Instant) {
    let now = Instant::now();
    (
        Peer::new(
            role,
            PeerId {
                shard: 0,
                number: 1,
            },
            &config(),
            now,
        ),
        now,
    )
}

fn drain(peer: &mut Peer, now: Instant) {
    while !matches!(peer.poll_output(now), Output::Timeout(_)) {}
}

fn offer(sdp: String) -> Description {
    Description {
        sdp,
        id: 1,
        ..Description::default()
    }
}

#[test]
fn malformed_descriptions_are_refused() {
    let (mut peer, now) = peer(PeerRole::Single);
    for sdp in [
        "",
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "not sdp\r\nm=video\r\n",
    ] {
        let refused = peer.handle_offer(&offer(sdp.to_owned()), &AnswerPlan::default(), now);
        assert!(
            matches!(refused, Err(NegotiationError::Malformed(_))),
            "{sdp:?}: {refused:?}"
        );
    }
    let huge = offer("a=x\r\n".repeat(1 << 20));
    assert_eq!(
        peer.handle_offer(&huge, &AnswerPlan::default(), now),
        Err(NegotiationError::TooLarge)
    );
    assert!(
        peer.handle_offer(&offer(OFFERS[3].to_owned()), &AnswerPlan::default(), now)
            .is_ok()
    );
}

#[test]
fn descriptions_of_the_wrong_kind_are_refused() {
    let (mut subscriber, now) = peer(PeerRole::Subscriber);
    let description = offer(OFFERS[0].to_owned());
    let plan = AnswerPlan::default();
    assert_eq!(
        subscriber.handle_offer(&description, &plan, now),
        Err(NegotiationError::WrongRole)
    );
    assert_eq!(
        subscriber.handle_answer(&description, now),
        Err(NegotiationError::Stale)
    );
    let (mut publisher, now) = peer(PeerRole::Publisher);
    assert_eq!(
        publisher.handle_answer(&description, now),
        Err(NegotiationError::WrongRole)
    );
}

#[test]
fn the_same_payload_type_twice_does_not_take_the_server_down() {
    let offer_text = OFFERS[1]
        .replace("102 103", "96 97")
        .replace(":102 ", ":96 ")
        .replace(":103 ", ":97 ");
    let (mut peer, now) = peer(PeerRole::Publisher);
    let _ = peer.handle_offer(&offer(offer_text), &AnswerPlan::default(), now);
    drain(&mut peer, now);
}

/// A real offer with lines dropped, repeated, swapped and bytes changed.
fn mangled() -> impl Strategy<Value = String> {
    let edits = prop::collection::vec((0usize..600, 0u8..5, any::<u8>()), 1..12);
    (0..OFFERS.len(), edits).prop_map(|(which, edits)| {
        let mut lines: Vec<String> = OFFERS[which].lines().map(str::to_owned).collect();
        for (position, action, byte) in edits {
            let position = position % lines.len();
            match action {
                0 => drop(lines.remove(position)),
                1 => lines.insert(position, lines[position].clone()),
                2 => {
                    let other = usize::from(byte) % lines.len();
                    lines.swap(position, other);
                }
                3 => lines[position].push(char::from(byte % 128)),
                _ => {
                    let line = &lines[position];
                    let cut = usize::from(byte) % (line.len() + 1);
                    lines[position] = format!("{}7{}", &line[..cut], &line[cut..]);
                }
            }
            if lines.is_empty() {
                break;
            }
        }
        lines.join("\r\n") + "\r\n"
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mangled_offers_never_panic(first in mangled(), second in mangled()) {
        let (mut peer, now) = peer(PeerRole::Single);
        for sdp in [first, second] {
            let _ = peer.handle_offer(&offer(sdp), &AnswerPlan::default(), now);
            drain(&mut peer, now);
        }
    }

    #[test]
    fn garbage_datagrams_never_panic(datagrams in prop::collection::vec(datagram(), 1..20)) {
        let (mut peer, now) = peer(PeerRole::Single);
        peer.handle_offer(&offer(OFFERS[3].to_owned()), &AnswerPlan::default(), now).unwrap();
        for (step, payload) in datagrams.into_iter().enumerate() {
            let now = now + Duration::from_millis(step as u64);
            let route = Route { transport: Transport::Udp, local: address(SERVER), remote: address(CLIENT) };
            peer.handle_datagram(&Datagram { route, payload, received: now }, now);
            drain(&mut peer, now);
        }
    }

    #[test]
    fn garbage_candidates_never_panic(candidate in "(a=)?(candidate:)?[ -~]{0,80}") {
        let (mut peer, now) = peer(PeerRole::Publisher);
        peer.add_remote_candidate(&candidate, now);
        peer.add_remote_candidate(&format!("candidate:1 1 udp 99 {candidate}"), now);
    }
}

/// Bytes that begin like STUN, DTLS, RTP or RTCP.
fn datagram() -> impl Strategy<Value = Vec<u8>> {
    let head = prop_oneof![
        Just(vec![0, 1]),
        Just(vec![22, 254, 253]),
        Just(vec![0x90, 96]),
        Just(vec![0x80, 200])
    ];
    (head, prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(mut head, rest)| {
        head.extend(rest);
        head
    })
}
