//! Checking a token: signature, issuer, time.

use std::{
    collections::HashSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{ApiKeys, Claims};

/// How far the clocks of signer and server may differ (protocol `auth/verifier.go`, `tokenLeeway`).
pub const LEEWAY: Duration = Duration::from_mins(1);

/// A token whose signature and time hold.
#[derive(Clone, Debug)]
pub struct VerifiedToken {
    /// `iss`: the key that signed it.
    pub api_key: String,
    /// `exp`, whole seconds.
    pub expires_at: SystemTime,
    /// `nbf`; bans compare it with the time of the ban.
    pub not_before: Option<SystemTime>,
    /// What it grants.
    pub claims: Claims,
}

/// What somebody wrote into a token: enough to refuse it early, never enough to trust it.
#[derive(Clone, Debug)]
pub struct UnverifiedToken {
    /// `iss`: the key that it says it is signed with.
    pub api_key: String,
    /// `nbf`.
    pub not_before: Option<SystemTime>,
    /// What it says that it grants.
    pub claims: Claims,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64 JSON, or claims of the wrong type.
    #[error("token is malformed")]
    Malformed,
    /// Its issuer is no key of this server.
    #[error("invalid API key: {0}")]
    UnknownKey(String),
    /// Not one of HS256, HS384, HS512.
    #[error("signing method is invalid")]
    Algorithm,
    /// Signed with another secret, or changed after signing.
    #[error("signature is invalid")]
    Signature,
    /// `exp` is mandatory: a token without it would be valid for ever.
    #[error("exp claim is required")]
    NoExpiry,
    /// `exp` is more than the leeway ago.
    #[error("token is expired")]
    Expired,
    /// `nbf` is more than the leeway ahead.
    #[error("token is not valid yet")]
    NotYetValid,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Issuer {
    iss: String,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default, deserialize_with = "numeric_date")]
    exp: Option<u64>,
    #[serde(default, deserialize_with = "numeric_date")]
    nbf: Option<u64>,
    #[serde(default)]
    jti: Option<String>,
    #[serde(flatten)]
    claims: Claims,
}

/// Checks `raw` against the secret of the key it names, at the time `now`.
pub fn verify(raw: &str, keys: &ApiKeys, now: SystemTime) -> Result<VerifiedToken, TokenError> {
    let issuer = issuer(raw)?;
    match keys.secret(&issuer) {
        Some(secret) => check(raw, issuer, secret, now),
        None => Err(TokenError::UnknownKey(issuer)),
    }
}

/// Checks `raw` against the one `secret`, whichever key it names, at the time `now`: for test doubles that know no keys.
pub fn verify_any_key(
    raw: &str,
    secret: &SecretString,
    now: SystemTime,
) -> Result<VerifiedToken, TokenError> {
    check(raw, issuer(raw)?, secret, now)
}

/// Reads `raw` without a look at its signature or its time.
pub fn read_unverified(raw: &str) -> Result<UnverifiedToken, TokenError> {
    let payload: Payload =
        jsonwebtoken::dangerous::insecure_decode_claims(raw).map_err(|_| TokenError::Malformed)?;
    Ok(UnverifiedToken {
        api_key: issuer(raw)?,
        not_before: payload.nbf.map(moment),
        claims: payload.claims(),
    })
}

fn issuer(raw: &str) -> Result<String, TokenError> {
    let issuer: Issuer =
        jsonwebtoken::dangerous::insecure_decode_claims(raw).map_err(|_| TokenError::Malformed)?;
    Ok(issuer.iss)
}

fn check(
    raw: &str,
    api_key: String,
    secret: &SecretString,
    now: SystemTime,
) -> Result<VerifiedToken, TokenError> {
    let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
    let payload: Payload = jsonwebtoken::decode(raw, &key, &signature_only())
        .map_err(|error| refusal(error.kind()))?
        .claims;

    let expires_at = payload.exp.ok_or(TokenError::NoExpiry)?;
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if now >= expires_at.saturating_add(LEEWAY.as_secs()) {
        return Err(TokenError::Expired);
    }
    if payload
        .nbf
        .is_some_and(|nbf| now < nbf.saturating_sub(LEEWAY.as_secs()))
    {
        return Err(TokenError::NotYetValid);
    }

    Ok(VerifiedToken {
        api_key,
        expires_at: moment(expires_at),
        not_before: payload.nbf.map(moment),
        claims: payload.claims(),
    })
}

impl Payload {
    fn claims(self) -> Claims {
        let mut claims = self.claims;
        if claims.identity.is_empty() {
            // Tokens of LiveKit's first years carry the identity as the token's id.
            claims.identity = self.jti.unwrap_or_default();
        }
        claims
    }
}

/// The library checks the signature only: it would read the wall clock for the rest.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    validation.required_spec_claims = HashSet::new();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn refusal(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenError::Algorithm,
        _ => TokenError::Malformed,
    }
}

/// A `NumericDate` may have a fraction; a time that fits no clock is refused, not wrapped.
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    const YEAR_9999: u64 = 253_402_300_799;
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let seconds = match (number.as_u64(), number.as_f64()) {
        (Some(seconds), _) => seconds,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float cast saturates, and the result is checked below"
        )]
        (None, Some(seconds)) if seconds >= 0.0 => seconds as u64,
        _ => return Err(D::Error::custom("not a time")),
    };
    if seconds > YEAR_9999 {
        Err(D::Error::custom("not a time"))
    } else {
        Ok(Some(seconds))
    }
}

fn moment(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::token::{VideoGrants, sign};

    const SECRET: &str = "a-secret-of-at-least-thirty-two-letters";

    fn keys() -> ApiKeys {
        ApiKeys::new([
            ("devkey".to_owned(), SECRET.into()),
            ("other".to_owned(), "x".into()),
        ])
        .unwrap()
    }

    fn at(seconds: u64) -> SystemTime {
        moment(seconds)
    }

    fn token(algorithm: Algorithm, payload: &Value) -> String {
        jsonwebtoken::encode(
            &Header::new(algorithm),
            payload,
            &EncodingKey::from_secret(SECRET.as_bytes()),
        )
        .unwrap()
    }

    fn refused(payload: &Value, now: u64) -> TokenError {
        verify(&token(Algorithm::HS256, payload), &keys(), at(now)).unwrap_err()
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let claims = Claims {
            identity: "ann".to_owned(),
            name: "Ann".to_owned(),
            kind: "agent".to_owned(),
            video: Some(VideoGrants {
                room_join: true,
                room: "r".to_owned(),
                ..VideoGrants::default()
            }),
            attributes: [("a".to_owned(), "1".to_owned())].into(),
            room_config: Some(livekit_protocol::RoomConfiguration {
                max_participants: 7,
                ..Default::default()
            }),
            ..Claims::default()
        };
        let raw = sign(
            &claims,
            "devkey",
            &SECRET.into(),
            at(1000),
            Duration::from_mins(1),
        )
        .unwrap();
        let token = verify(&raw, &keys(), at(1030)).unwrap();
        assert_eq!(token.claims, claims);
        assert_eq!(token.api_key, "devkey");
        assert_eq!(token.expires_at, at(1060));
        assert_eq!(token.not_before, Some(at(1000)));
    }

    #[test]
    fn a_token_lives_until_a_minute_after_its_end_and_from_a_minute_before_its_start() {
        let payload = json!({"iss": "devkey", "exp": 2000, "nbf": 1000});
        let raw = token(Algorithm::HS256, &payload);
        assert!(verify(&raw, &keys(), at(2059)).is_ok());
        assert!(verify(&raw, &keys(), at(940)).is_ok());
        assert_eq!(refused(&payload, 2060), TokenError::Expired);
        assert_eq!(refused(&payload, 939), TokenError::NotYetValid);
    }

    #[test]
    fn a_token_without_expiry_is_refused() {
        assert_eq!(refused(&json!({"iss": "devkey"}), 0), TokenError::NoExpiry);
        assert_eq!(
            refused(&json!({"iss": "devkey", "exp": null}), 0),
            TokenError::NoExpiry
        );
        assert_eq!(
            refused(&json!({"iss": "devkey", "exp": 1e300}), 0),
            TokenError::Malformed
        );
    }

    #[test]
    fn only_the_hmac_family_and_only_with_the_right_secret() {
        let payload = json!({"iss": "devkey", "exp": 100.5, "sub": "ann"});
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            assert_eq!(
                verify(&token(algorithm, &payload), &keys(), at(0))
                    .unwrap()
                    .claims
                    .identity,
                "ann"
            );
        }
        let wrong_secret = json!({"iss": "other", "exp": 100});
        assert_eq!(refused(&wrong_secret, 0), TokenError::Signature);
        assert_eq!(
            refused(&json!({"iss": "nobody", "exp": 100}), 0),
            TokenError::UnknownKey("nobody".to_owned())
        );

        // {"alg":"none"} with an empty signature
        let signed = token(Algorithm::HS256, &payload);
        let body = signed.split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{body}.");
        assert!(verify(&unsigned, &keys(), at(0)).is_err());
    }

    #[test]
    fn a_test_double_takes_any_key_but_only_its_secret() {
        let raw = token(Algorithm::HS256, &json!({"iss": "nobody", "exp": 100}));
        let read = verify_any_key(&raw, &SECRET.into(), at(0)).unwrap();
        assert_eq!(read.api_key, "nobody");
        assert_eq!(
            verify_any_key(&raw, &"another".into(), at(0)).unwrap_err(),
            TokenError::Signature
        );
        assert_eq!(
            verify_any_key(&raw, &SECRET.into(), at(160)).unwrap_err(),
            TokenError::Expired
        );
    }

    #[test]
    fn a_token_can_be_read_without_being_believed() {
        let payload = json!({"iss": "nobody", "sub": "ann", "nbf": 7});
        let read = read_unverified(&token(Algorithm::HS256, &payload)).unwrap();
        assert_eq!(
            (read.claims.identity.as_str(), read.not_before),
            ("ann", Some(at(7)))
        );
        assert_eq!(read_unverified("a.b").unwrap_err(), TokenError::Malformed);
    }

    #[test]
    fn the_id_of_an_old_token_is_the_identity() {
        let raw = token(
            Algorithm::HS256,
            &json!({"iss": "devkey", "exp": 100, "jti": "ann"}),
        );
        assert_eq!(verify(&raw, &keys(), at(0)).unwrap().claims.identity, "ann");
    }

    proptest! {
        #[test]
        fn garbage_is_refused_without_a_panic(raw in ".{0,200}") {
            prop_assert!(verify(&raw, &keys(), at(0)).is_err());
        }

        #[test]
        fn a_changed_token_is_refused(position in 0usize..400, replacement in "[A-Za-z0-9_-]") {
            let raw = token(Algorithm::HS256, &json!({"iss": "devkey", "exp": 100, "sub": "ann"}));
            let position = position % raw.len();
            let mut changed = raw.clone();
            changed.replace_range(position..=position, &replacement);
            // The last letter of an unpadded base64 part has bits that decode to nothing.
            prop_assume!(changed != raw && position + 1 != raw.len());
            prop_assert!(verify(&changed, &keys(), at(0)).is_err());
        }
    }
}
