//! Answers that last: event streams and signal sockets. One address, and one person, has so many of them at a time.

use std::{net::IpAddr, time::Duration};

use http::StatusCode;
use http_edge::{Share, Shares, network};
use thiserror::Error;

use super::Problem;
use crate::livekit::identity::Subject;

/// A page holds one or two; people have a few devices with many tabs.
const STREAMS_PER_SUBJECT: usize = 48;

/// What is held now.
pub struct LongLived {
    streams: Shares<Subject>,
    streams_of_addresses: Shares<IpAddr>,
    sockets_of_addresses: Shares<IpAddr>,
}

/// An event stream's place; dropping it gives it back.
pub struct StreamSlot {
    _of_subject: Share<Subject>,
    _of_address: Share<IpAddr>,
}

/// A signal socket's place; dropping it gives it back.
pub struct SocketSlot {
    _of_address: Share<IpAddr>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TooMany {
    #[error("You have too many pages of this site open. Close some.")]
    OfPerson,
    #[error("Your network has too many pages of this site open.")]
    OfAddress,
}

impl LongLived {
    /// As many of each kind per address as it may have connections.
    pub fn new(per_address: usize) -> LongLived {
        LongLived {
            streams: Shares::new(STREAMS_PER_SUBJECT),
            streams_of_addresses: Shares::new(per_address),
            sockets_of_addresses: Shares::new(per_address),
        }
    }

    /// A place for one more event stream.
    pub fn stream(&self, subject: &Subject, address: IpAddr) -> Result<StreamSlot, TooMany> {
        let of_subject = self
            .streams
            .take(subject.clone())
            .ok_or(TooMany::OfPerson)?;
        let of_address = self.streams_of_addresses.take(network(address));
        Ok(StreamSlot {
            _of_subject: of_subject,
            _of_address: of_address.ok_or(TooMany::OfAddress)?,
        })
    }

    /// A place for one more signal socket.
    pub fn socket(&self, address: IpAddr) -> Result<SocketSlot, TooMany> {
        let of_address = self.sockets_of_addresses.take(network(address));
        Ok(SocketSlot {
            _of_address: of_address.ok_or(TooMany::OfAddress)?,
        })
    }
}

impl From<TooMany> for Problem {
    fn from(reason: TooMany) -> Problem {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_streams",
            reason.to_string(),
        )
        .retry_after(Duration::from_secs(30))
    }
}
