//! One participant's session: signalling, tracks, subscriptions. No I/O, no clock.
