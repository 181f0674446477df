//! An entry of the store as lk-jwt-service (Go, element-hq) writes it, so that either finds what the other left.

use std::time::{Duration, SystemTime};

use livekit_wire::{Identity, RoomName};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Delegation, Stored};
use crate::{
    go_json::{encode_strings, escape},
    ids::{DelayId, InvalidDelayId, InvalidServerName, ServerName},
};

/// Why an entry cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum EntryError {
    #[error("not the expected JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    ServerName(#[from] InvalidServerName),
    #[error(transparent)]
    DelayId(#[from] InvalidDelayId),
    #[error(transparent)]
    EmptyParticipant(#[from] livekit_wire::EmptyName),
    #[error("not a time: {0}")]
    Time(#[from] time::error::Parse),
    #[error("no time to write: {0}")]
    Format(#[from] time::error::Format),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    params: Params,
    restarted_at: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Params {
    delay_id: String,
    /// In nanoseconds.
    delay_timeout: i64,
    server_name: String,
    #[serde(rename = "LiveKitRoom")]
    room: String,
    #[serde(rename = "LiveKitIdentity")]
    identity: String,
}

/// The name of an entry: a JSON array of room and identity.
pub(super) fn field(room: &RoomName, identity: &Identity) -> String {
    encode_strings(&[room.as_str(), identity.as_str()])
}

pub(super) fn write(stored: &Stored) -> Result<String, EntryError> {
    let Stored {
        delegation,
        restarted_at,
    } = stored;
    let entry = Entry {
        params: Params {
            delay_id: delegation.delay_id.as_str().to_owned(),
            delay_timeout: i64::try_from(delegation.delay_timeout.as_nanos()).unwrap_or(i64::MAX),
            server_name: delegation.server_name.as_str().to_owned(),
            room: delegation.room.as_str().to_owned(),
            identity: delegation.identity.as_str().to_owned(),
        },
        restarted_at: OffsetDateTime::from(*restarted_at).format(&Rfc3339)?,
    };
    Ok(escape(&serde_json::to_string(&entry)?))
}

pub(super) fn read(json: &[u8]) -> Result<Stored, EntryError> {
    let Entry {
        params,
        restarted_at,
    } = serde_json::from_slice(json)?;
    Ok(Stored {
        delegation: Delegation {
            server_name: ServerName::parse(params.server_name)?,
            delay_id: DelayId::parse(params.delay_id)?,
            // A negative one has expired, as zero has.
            delay_timeout: Duration::from_nanos(u64::try_from(params.delay_timeout).unwrap_or(0)),
            room: RoomName::parse(params.room)?,
            identity: Identity::parse(params.identity)?,
        },
        restarted_at: SystemTime::from(OffsetDateTime::parse(&restarted_at, &Rfc3339)?),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(identity: &str, restarted_at: SystemTime) -> Stored {
        Stored {
            delegation: Delegation {
                server_name: ServerName::parse("example.com:8448").unwrap(),
                delay_id: DelayId::parse("syd_1").unwrap(),
                delay_timeout: Duration::from_secs(8),
                room: RoomName::parse("room").unwrap(),
                identity: Identity::parse(identity).unwrap(),
            },
            restarted_at,
        }
    }

    /// What Go 1.26's encoding/json makes of the same values.
    #[test]
    fn an_entry_is_byte_for_byte_what_go_writes() {
        let at = SystemTime::UNIX_EPOCH + Duration::new(1_795_568_400, 120_000_000);
        let stored = stored(
            "@a<b>&\u{2028}\u{2029}\"\\/é\u{8}\u{c}\n\u{1}\u{7f}:hs:D",
            at,
        );
        let name = field(&stored.delegation.room, &stored.delegation.identity);
        let identity =
            "\"@a\\u003cb\\u003e\\u0026\\u2028\\u2029\\\"\\\\/é\\b\\f\\n\\u0001\u{7f}:hs:D\"";
        assert_eq!(name, format!("[\"room\",{identity}]"));
        let expected = format!(
            "{{\"Params\":{{\"DelayId\":\"syd_1\",\"DelayTimeout\":8000000000,\"ServerName\":\"example.com:8448\",\
             \"LiveKitRoom\":\"room\",\"LiveKitIdentity\":{identity}}},\"RestartedAt\":\"2026-11-25T01:00:00.12Z\"}}"
        );
        assert_eq!(write(&stored).unwrap(), expected);
    }

    #[test]
    fn an_entry_of_another_time_zone_is_the_same_moment() {
        let json = r#"{"Params":{"DelayId":"d","DelayTimeout":30000000000,"ServerName":"hs","LiveKitRoom":"r",
            "LiveKitIdentity":"i","Later":true},"RestartedAt":"2026-11-25T03:00:00.123456789+02:00"}"#;
        let stored = read(json.as_bytes()).unwrap();
        assert_eq!(stored.delegation.delay_timeout, Duration::from_secs(30));
        assert_eq!(
            stored.restarted_at,
            SystemTime::UNIX_EPOCH + Duration::new(1_795_568_400, 123_456_789)
        );
    }

    #[test]
    fn an_entry_of_before_the_epoch_and_without_a_timeout_can_be_read() {
        let json = r#"{"Params":{"DelayId":"d","DelayTimeout":-1,"ServerName":"hs","LiveKitRoom":"r",
            "LiveKitIdentity":"i"},"RestartedAt":"0001-01-01T00:00:00Z"}"#;
        let stored = read(json.as_bytes()).unwrap();
        assert_eq!(stored.delegation.delay_timeout, Duration::ZERO);
        assert!(stored.restarted_at < SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn an_entry_that_lacks_something_is_refused() {
        for json in [
            "",
            "not valid json",
            "{}",
            r#"{"Params":{"DelayId":"","DelayTimeout":1,"ServerName":"hs","LiveKitRoom":"r","LiveKitIdentity":"i"},
                "RestartedAt":"2026-11-25T03:00:00Z"}"#,
            r#"{"Params":{"DelayId":"d","DelayTimeout":1,"ServerName":"hs","LiveKitRoom":"r","LiveKitIdentity":"i"},
                "RestartedAt":"yesterday"}"#,
        ] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(identity in ".{1,40}", seconds in 0..4_000_000_000_u64, nanos in 0..1_000_000_000_u32) {
            let at = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            let stored = stored(&identity, at);
            prop_assert_eq!(read(write(&stored).unwrap().as_bytes()).unwrap(), stored);
        }

        #[test]
        fn whatever_stands_in_the_store_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
