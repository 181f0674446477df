//! How YAML scalars become typed values: empty text means unset, a secret may look like a number.

use std::{fmt::Display, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

/// `""` and null are `None`; everything else must parse.
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    match Option::<String>::deserialize(deserializer)?
        .as_deref()
        .map(str::trim)
    {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

/// A secret from any scalar: `12345678` is a secret too. Empty is `None`.
pub fn secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Whole(i64),
        Real(f64),
        Truth(bool),
    }
    let text = match Option::<Scalar>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Scalar::Text(text)) => text,
        Some(Scalar::Whole(number)) => number.to_string(),
        Some(Scalar::Real(number)) => number.to_string(),
        Some(Scalar::Truth(truth)) => truth.to_string(),
    };
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}

/// An origin: scheme and host, no path, no credentials.
pub fn is_origin(url: &Url, schemes: &[&str]) -> bool {
    schemes.contains(&url.scheme())
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// Whether two optional secrets are equal; configuration only, so not in constant time.
pub fn same_secret(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}
