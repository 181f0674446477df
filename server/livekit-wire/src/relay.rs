//! What the built-in media server and its ingress process say to each other of one encoder, as JSON over a WebSocket that is
//! open for as long as the encoder publishes. It must not know the encoder's protocol.

use livekit_protocol::IngressInfo;
use serde::{Deserialize, Serialize};

/// Where the media server takes such sockets; who opens one has a token that grants `ingressAdmin`.
pub const PATH: &str = "/ingress/relay";

/// The ingress process's words.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromRelay {
    /// An encoder is there: always the first word.
    Encoder {
        /// What it named.
        stream_key: String,
    },
    /// Its media is in the room.
    Publishing,
    /// It publishes no more.
    Ended {
        /// What went wrong, if something did.
        error: Option<String>,
    },
}

/// The media server's words; after [`ToRelay::Accepted`] it only closes the socket, which ends the encoder.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToRelay {
    /// The encoder may publish.
    Accepted {
        /// What it publishes by, without its key.
        ingress: Box<IngressInfo>,
        /// Joins the ingress's room as its participant.
        token: String,
    },
    /// It may not.
    Refused {
        /// For whoever tends the encoder.
        reason: String,
    },
}
