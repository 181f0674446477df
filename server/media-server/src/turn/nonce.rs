//! Nonces that need no memory: when one was given and to whom is signed into it, so that asking costs a stranger more than
//! answering costs us.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use rand::{CryptoRng, RngExt as _};
use sha1::Sha1;

/// How long one is good; a client then gets another without being troubled (RFC 8656 section 5).
const LIFETIME: Duration = Duration::from_hours(1);
/// Digits of its time.
const TIME: usize = 8;
/// Bytes of its signature: an hour is too short to guess so many.
const SIGNATURE: usize = 10;

/// Gives and recognizes nonces.
#[derive(Debug)]
pub(super) struct Nonces {
    key: [u8; 32],
}

impl Nonces {
    pub(super) fn new(random: &mut impl CryptoRng) -> Self {
        Self {
            key: random.random(),
        }
    }

    pub(super) fn give(&self, client: SocketAddr, now: SystemTime) -> String {
        let time = seconds(now);
        let signature = BASE64_STANDARD_NO_PAD.encode(self.sign(time, client));
        format!("{time:08x}{signature}")
    }

    /// Whether it was given to this client, not long ago.
    pub(super) fn knows(&self, nonce: &str, client: SocketAddr, now: SystemTime) -> bool {
        let Some(time) = nonce.get(..TIME) else {
            return false;
        };
        let Ok(time) = u32::from_str_radix(time, 16) else {
            return false;
        };
        let given = UNIX_EPOCH + Duration::from_secs(time.into());
        nonce == self.give(client, given)
            && u64::from(seconds(now).saturating_sub(time)) <= LIFETIME.as_secs()
    }

    fn sign(&self, time: u32, client: SocketAddr) -> [u8; SIGNATURE] {
        let mut signature = [0; SIGNATURE];
        // HMAC takes keys of every length; the type cannot say so.
        if let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.key) {
            mac.update(&time.to_be_bytes());
            match client.ip() {
                IpAddr::V4(ip) => mac.update(&ip.octets()),
                IpAddr::V6(ip) => mac.update(&ip.octets()),
            }
            mac.update(&client.port().to_be_bytes());
            let whole = mac.finalize().into_bytes();
            signature.copy_from_slice(&whole[..SIGNATURE]);
        }
        signature
    }
}

/// Good until 2106.
fn seconds(now: SystemTime) -> u32 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_whom_it_was_given_to_and_for_an_hour() {
        let nonces = Nonces::new(&mut rand::rng());
        let (client, other) = (([192, 0, 2, 1], 5000).into(), ([192, 0, 2, 1], 5001).into());
        let given = UNIX_EPOCH + Duration::from_hours(500_000);
        let nonce = nonces.give(client, given);
        assert!(nonces.knows(&nonce, client, given));
        assert!(nonces.knows(&nonce, client, given + LIFETIME));
        assert!(!nonces.knows(&nonce, client, given + LIFETIME + Duration::from_secs(1)));
        assert!(!nonces.knows(&nonce, other, given));
        let of_others = Nonces::new(&mut rand::rng());
        assert!(!of_others.knows(&nonce, client, given));
    }

    #[test]
    fn a_nonce_that_was_changed_is_unknown() {
        let nonces = Nonces::new(&mut rand::rng());
        let client = ([192, 0, 2, 1], 5000).into();
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        let nonce = nonces.give(client, now);
        for at in 0..nonce.len() {
            let mut bytes = nonce.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(!nonces.knows(&changed, client, now), "{changed}");
        }
        for odd in ["", "é", "1234567é", &nonce.to_uppercase().replace('0', "O")] {
            assert!(!nonces.knows(odd, client, now), "{odd}");
        }
    }
}
