//! A published track in the hands of its publisher.

use std::time::Instant;

use tokio::sync::{mpsc, watch};

use crate::command::Command;

/// A frame to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFrame {
    /// Simulcast layer, low to high.
    pub layer: u8,
    /// Its RTP time, in the codec's clock.
    pub rtp_time: u64,
    /// When that was: sender reports tell it to the others.
    pub captured: Instant,
    /// How loud audio is, in dBov: 0 to -127.
    pub loudness: Option<i8>,
    /// The frame as the codec knows it.
    pub data: Vec<u8>,
}

/// A published track; it stays published when this is dropped.
#[derive(Debug, Clone)]
pub struct LocalTrack {
    pub(crate) cid: String,
    pub(crate) sid: watch::Receiver<String>,
    pub(crate) commands: mpsc::Sender<Command>,
}

impl LocalTrack {
    /// Its id, `TR_…`; another one after a reconnection that did not resume.
    pub fn sid(&self) -> String {
        self.sid.borrow().clone()
    }

    /// Sends a frame, of which the server sees nothing while media is not connected.
    pub async fn write(&self, frame: LocalFrame) {
        self.command(Command::Write(self.cid.clone(), frame)).await;
    }

    /// Mutes or unmutes.
    pub async fn set_muted(&self, muted: bool) {
        self.command(Command::Mute(self.cid.clone(), muted)).await;
    }

    /// Synthetic audio speaks, or falls silent.
    pub async fn speak(&self, speaking: bool) {
        self.command(Command::Speak(self.cid.clone(), speaking))
            .await;
    }

    /// Ends the track.
    pub async fn unpublish(&self) {
        self.command(Command::Unpublish(self.cid.clone())).await;
    }

    /// A participant that left has no tracks: nothing is to be done.
    async fn command(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }
}
