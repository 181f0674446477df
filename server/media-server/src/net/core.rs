//! What a worker thread drives: everything without input or output of its own.

use std::time::Instant;

use str0m::net::Transmit;

use crate::peer::Datagram;

/// State that lives on one worker thread. After each `handle_*` call the thread drains [`Core::poll_transmit`] and
/// sleeps until the next input or [`Core::deadline`].
pub trait Core {
    /// What other threads ask of it.
    type Command: Send + 'static;

    /// Takes a command of another thread.
    fn handle_command(&mut self, command: Self::Command, now: Instant);

    /// Takes a datagram from the network.
    fn handle_datagram(&mut self, datagram: Datagram, now: Instant);

    /// Called when the deadline has passed, and now and then without reason.
    fn handle_timeout(&mut self, now: Instant);

    /// Called once after a batch of inputs, before transmits are collected: the place to drain what many inputs
    /// have written to.
    fn flush(&mut self, now: Instant);

    /// The next datagram to send.
    fn poll_transmit(&mut self) -> Option<Transmit>;

    /// When [`Core::handle_timeout`] wants to be called next.
    fn deadline(&self) -> Option<Instant>;
}
