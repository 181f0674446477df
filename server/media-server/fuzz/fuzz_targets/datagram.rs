//! Any datagram is routed or dropped by its STUN user name, and a peer connection that gets it survives.
#![no_main]

use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use media_server::peer::{
    Datagram, LocalCandidate, Peer, PeerConfig, PeerId, PeerRole, Route, Transport,
};

fuzz_target!(|bytes: &[u8]| {
    let now = Instant::now();
    let local = ([192, 0, 2, 1], 7882).into();
    let remote = ([198, 51, 100, 7], 40_000).into();
    let datagram = Datagram {
        route: Route {
            transport: Transport::Udp,
            local,
            remote,
        },
        payload: bytes.to_vec(),
        received: now,
    };
    if let Some(ufrag) = datagram.stun_ufrag() {
        let _ = PeerId::from_ufrag(ufrag);
    }
    let config = PeerConfig::new(vec![LocalCandidate::Udp(local)]);
    let mut peer = Peer::new(
        PeerRole::Publisher,
        PeerId {
            shard: 0,
            number: 1,
        },
        &config,
        now,
    );
    if peer.accepts(&datagram) {
        peer.handle_datagram(&datagram, now);
    }
    let _ = peer.poll_output(now);
});
