//! Opaque tokens: 256 random bits for the holder, their SHA-256 for the database.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::random::Random;

/// What every session token starts with, so that leaks can be searched for.
pub const SESSION_PREFIX: &str = "cvk_";

/// A fresh token that starts with `prefix`.
pub fn new(random: &Random, prefix: &str) -> SecretString {
    format!("{prefix}{}", random.token()).into()
}

/// What the database keeps of a token: SHA-256 in hex. Plain SHA-256 is enough for 256 random bits.
pub fn hash(token: &SecretString) -> String {
    hash_text(token.expose_secret())
}

/// [`hash`] of a token as it came in.
pub fn hash_text(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
