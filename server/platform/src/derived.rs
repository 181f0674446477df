//! Keys that are made of the media server's secret, one for each purpose, so that no copy of the database holds any. It must
//! not know what they are for.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The key of `name` for this purpose; another one as soon as the media server's secret is another.
pub fn key(media_server: &SecretString, purpose: &[u8], name: &str) -> Vec<u8> {
    // Of its digest, so that no length of the media server's secret can be refused.
    let digest = Sha256::digest(media_server.expose_secret());
    authenticated(&digest, &[purpose, name.as_bytes()].concat())
}

/// HMAC-SHA256 with a key of up to a block's length, which ours and all of Standard Webhooks are.
pub fn authenticated(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
