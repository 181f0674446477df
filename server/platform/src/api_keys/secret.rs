//! A key's secret: derived from the media server's own and the key's name, so that no copy of the database holds one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

// Another purpose, another text.
const PURPOSE: &[u8] = b"convoke API key\0";

/// The secret of `key`; another one as soon as the media server's secret is another.
pub fn of(key: &str, media_server: &SecretString) -> SecretString {
    // A whole block, so that no length of the media server's secret can be refused.
    let mut block = [0; 64];
    block[..32].copy_from_slice(&Sha256::digest(media_server.expose_secret()));
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(PURPOSE);
    mac.update(key.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_and_each_server_has_secrets_of_its_own() {
        let of = |key, server: &str| of(key, &server.into()).expose_secret().to_owned();
        let first = of("APIa", "one");
        assert_eq!(first.len(), 43);
        assert_eq!(first, of("APIa", "one"));
        assert_ne!(first, of("APIb", "one"));
        assert_ne!(first, of("APIa", "two"));
    }
}
