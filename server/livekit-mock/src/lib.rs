//! A stateless, per-request programmable mock of LiveKit's HTTP API and signal socket, for SDK test suites.
//! It must not know rooms, media or any state that outlives a request.
