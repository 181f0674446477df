//! Whatever a client puts into the join URL or a signal frame is read or refused, and what was read can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use livekit_wire::Encoding;
use livekit_wire::connect::{ConnectParams, decode_join_request};
use livekit_wire::proto::{SignalRequest, WrappedJoinRequest};

fuzz_target!(|bytes: &[u8]| {
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        if let Ok(request) = encoding.decode::<SignalRequest>(bytes) {
            let written = Encoding::Protobuf.encode(&request).expect("protobuf can be written");
            let again: SignalRequest =
                Encoding::Protobuf.decode(&written).expect("what was written can be read");
            // NaN is not equal to itself, so the bytes are compared.
            assert_eq!(written, Encoding::Protobuf.encode(&again).expect("protobuf can be written"));
        }
    }
    let _ = Encoding::Protobuf.decode::<WrappedJoinRequest>(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = decode_join_request(text);
        let _ = ConnectParams::parse(text).decode_attributes();
    }
});
