//! A note as one process writes it and another, maybe of another version, reads it.

use livekit_wire::{Identity, RoomName};
use serde::{Deserialize, Serialize};

use super::{
    Note, ParticipantEvent, ParticipantSid,
    entry_json::{self, EntryError},
};

#[derive(Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
enum Written {
    HandedOver {
        /// As it is in the store.
        entry: String,
    },
    Told {
        room: String,
        identity: String,
        event: WrittenEvent,
        sid: String,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenEvent {
    Joined,
    LeftIntentionally,
    Aborted,
    Interrupted,
}

pub(super) fn write(note: &Note) -> Result<String, EntryError> {
    let written = match note {
        Note::HandedOver(stored) => Written::HandedOver {
            entry: entry_json::write(stored)?,
        },
        Note::Told {
            room,
            identity,
            event,
            sid,
        } => Written::Told {
            room: room.as_str().to_owned(),
            identity: identity.as_str().to_owned(),
            event: match event {
                ParticipantEvent::Joined => WrittenEvent::Joined,
                ParticipantEvent::LeftIntentionally => WrittenEvent::LeftIntentionally,
                ParticipantEvent::Aborted => WrittenEvent::Aborted,
                ParticipantEvent::Interrupted => WrittenEvent::Interrupted,
            },
            sid: sid.0.to_string(),
        },
    };
    Ok(serde_json::to_string(&written)?)
}

pub(super) fn read(json: &[u8]) -> Result<Note, EntryError> {
    Ok(match serde_json::from_slice(json)? {
        Written::HandedOver { entry } => Note::HandedOver(entry_json::read(entry.as_bytes())?),
        Written::Told {
            room,
            identity,
            event,
            sid,
        } => Note::Told {
            room: RoomName::parse(room)?,
            identity: Identity::parse(identity)?,
            event: match event {
                WrittenEvent::Joined => ParticipantEvent::Joined,
                WrittenEvent::LeftIntentionally => ParticipantEvent::LeftIntentionally,
                WrittenEvent::Aborted => ParticipantEvent::Aborted,
                WrittenEvent::Interrupted => ParticipantEvent::Interrupted,
            },
            sid: ParticipantSid::new(&sid),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_of_a_webhook_is_read_back() {
        for event in [
            ParticipantEvent::Joined,
            ParticipantEvent::LeftIntentionally,
            ParticipantEvent::Aborted,
            ParticipantEvent::Interrupted,
        ] {
            let note = Note::Told {
                room: RoomName::parse("room").unwrap(),
                identity: Identity::parse("@ann:hs\"\u{1}").unwrap(),
                event,
                sid: ParticipantSid::new("PA_1"),
            };
            assert_eq!(read(write(&note).unwrap().as_bytes()).unwrap(), note);
        }
    }

    #[test]
    fn a_note_of_another_kind_is_refused() {
        for json in [
            "",
            "{}",
            r#"{"note":"later"}"#,
            r#"{"note":"handed_over","entry":"{}"}"#,
        ] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
    }
}
