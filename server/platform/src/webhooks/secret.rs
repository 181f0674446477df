//! A webhook's secrets and what is signed with them, as Standard Webhooks says. A secret is derived from the media
//! server's own, the webhook's id and a version, so that no copy of the database holds one.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::model::WebhookId;
use crate::{clock::Timestamp, derived};

// Another purpose, another text.
const PURPOSE: &[u8] = b"convoke webhook\0";
const PREFIX: &str = "whsec_";

/// The key that this version of a webhook's secret stands for.
pub struct SigningKey(SecretSlice<u8>);

impl SigningKey {
    /// The key of `webhook`; another one as soon as the media server's secret is another.
    pub fn of(webhook: WebhookId, version: i64, media_server: &SecretString) -> SigningKey {
        let name = format!("{webhook}\0{version}");
        SigningKey(derived::key(media_server, PURPOSE, &name).into())
    }

    /// As receivers get it, once.
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0.expose_secret()))
    }

    /// One word of the header `webhook-signature`.
    pub fn sign(&self, message_id: &str, at: Timestamp, body: &str) -> String {
        let signed = format!("{message_id}.{}.{body}", at.as_seconds());
        let code = derived::authenticated(self.0.expose_secret(), signed.as_bytes());
        format!("v1,{}", STANDARD.encode(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_has_its_published_signature() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let key = SigningKey(key.into());
        let at = Timestamp(1_614_265_330_000);
        assert_eq!(
            key.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                at,
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(key.shown(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn each_webhook_each_version_and_each_server_has_a_secret_of_its_own() {
        let id = |text: &str| text.parse::<WebhookId>().unwrap();
        let one = id("01890000-0000-7000-8000-000000000001");
        let other = id("01890000-0000-7000-8000-000000000002");
        let of = |id, version, server: &str| SigningKey::of(id, version, &server.into()).shown();
        let first = of(one, 1, "a");
        assert_eq!(first, of(one, 1, "a"));
        for different in [of(other, 1, "a"), of(one, 2, "a"), of(one, 1, "b")] {
            assert_ne!(first, different);
        }
    }
}
