//! A peer connection against str0m as its client, and against descriptions of real browsers; no sockets, own clock.

mod descriptions;
mod flow;
mod hostile;
mod pair;
