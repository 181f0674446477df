//! LiveKit's names for Matrix's rooms and members: hashes, so that every service of a deployment finds the same ones
//! and the SFU learns nothing (MSC4195).

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use livekit_wire::{EmptyName, Identity, RoomName};
use sha2::{Digest, Sha256};

use crate::{go_json::encode_strings, ids::UserId};

/// The slot that clients from before slots are in.
pub const LEGACY_SLOT: &str = "m.call#ROOM";

/// The LiveKit room of a slot in a Matrix room.
pub fn room(matrix_room: &str, slot: &str) -> RoomName {
    RoomName::new(hash(&[matrix_room, slot]))
}

/// The identity of a member of a call.
pub fn identity(user: &UserId, device: &str, member: &str) -> Result<Identity, EmptyName> {
    Identity::parse(hash(&[user.as_str(), device, member]))
}

/// The readable identity that clients of `/sfu/get` expect.
pub fn legacy_identity(user: &UserId, device: &str) -> Result<Identity, EmptyName> {
    Identity::parse(format!("{user}:{device}"))
}

fn hash(parts: &[&str]) -> String {
    STANDARD_NO_PAD.encode(Sha256::digest(encode_strings(parts)))
}
