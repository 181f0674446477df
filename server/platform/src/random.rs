//! Randomness for ids, tokens and codes, passed in so that tests can seed it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::{Builder, Uuid};

use crate::clock::Timestamp;

/// A source of random bytes fit for secrets.
pub struct Random(Mutex<StdRng>);

impl Random {
    /// Seeds from the operating system.
    pub fn from_system() -> Random {
        Random(Mutex::new(StdRng::from_rng(&mut rand::rng())))
    }

    /// Gives the same sequence for the same seed: for tests only.
    #[cfg(test)]
    pub fn seeded(seed: u64) -> Random {
        Random(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().fill_bytes(&mut bytes);
        bytes
    }

    /// An unguessable URL-safe token of 256 bits, 43 characters.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A UUIDv7: sorts by `now`, unguessable in its last 74 bits.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.0).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid()
    }

    /// `length` characters of `alphabet` (at most 256 of them), each equally likely.
    pub fn code(&self, alphabet: &[u8], length: usize) -> String {
        let fair = 256 - 256 % alphabet.len();
        let mut random = self.0.lock();
        let mut code = String::with_capacity(length);
        while code.len() < length {
            let mut byte = [0];
            random.fill_bytes(&mut byte);
            // Bytes past the last whole multiple would favour the first letters.
            if usize::from(byte[0]) < fair {
                code.push(char::from(alphabet[usize::from(byte[0]) % alphabet.len()]));
            }
        }
        code
    }
}
