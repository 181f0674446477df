//! A key's secret: derived from the media server's own and the key's name, so that no copy of the database holds one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;

use crate::derived;

// Another purpose, another text.
const PURPOSE: &[u8] = b"convoke API key\0";

/// The secret of `key`; another one as soon as the media server's secret is another.
pub fn of(key: &str, media_server: &SecretString) -> SecretString {
    URL_SAFE_NO_PAD
        .encode(derived::key(media_server, PURPOSE, key))
        .into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

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
