//! One peer connection on str0m with LiveKit's SDP rules. No I/O, no clock.
