//! Any session description is answered or refused, in both signal modes, and the peer connection survives it.
#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use media_server::peer::{AnswerPlan, Description, LocalCandidate, Peer, PeerConfig, PeerId, PeerRole};

fuzz_target!(|input: (bool, &str, &str)| {
    let (single, first, second) = input;
    let now = Instant::now();
    let address = ([192, 0, 2, 1], 7882).into();
    let config = PeerConfig::new(vec![LocalCandidate::Udp(address)]);
    let role = if single { PeerRole::Single } else { PeerRole::Publisher };
    let mut peer = Peer::new(role, PeerId { shard: 0, number: 1 }, &config, now);
    for (id, sdp) in (1u32..).zip([first, second]) {
        let offer = Description { sdp: sdp.to_owned(), id, ..Description::default() };
        let _ = peer.handle_offer(&offer, &AnswerPlan::default(), now);
    }
    let _ = peer.poll_output(now);
});
