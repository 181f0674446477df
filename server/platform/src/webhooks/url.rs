//! Where a webhook may point: what can be said of an address before anything is sent there.

use std::{fmt, net::IpAddr, str::FromStr};

use http_edge::outbound::{AddressGuard, Destination, NoDestination, Reach, Scheme};
use serde::Serialize;
use thiserror::Error;
use url::{Host, Position, Url};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, SchemaFormat, schema::Schema},
};

use crate::{
    db::text_column,
    http::{FieldError, openapi},
};

/// An address that was checked when it was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlRefused {
    #[error(
        "Enter a whole address, such as https://example.org/hooks, of up to {} characters.",
        WebhookUrl::LONGEST
    )]
    Malformed,
    #[error(
        "Use https. An administrator of the server can allow http with webhooks.allow_private_addresses."
    )]
    NotEncrypted,
    #[error("Leave user name and password out of the address: every message is signed.")]
    HasUser,
    #[error(
        "{0} is in a private network. An administrator of the server can allow that with webhooks.allow_private_addresses."
    )]
    Private(IpAddr),
}

impl WebhookUrl {
    /// In characters.
    pub const LONGEST: usize = 2000;

    /// Takes an address that servers of this site may be told to send to.
    pub fn parse(text: &str, guard: &AddressGuard) -> Result<WebhookUrl, UrlRefused> {
        if text.len() > WebhookUrl::LONGEST {
            return Err(UrlRefused::Malformed);
        }
        let mut url: Url = text.trim().parse().map_err(|_| UrlRefused::Malformed)?;
        let destination = Destination::of_url(&url, Reach::Guarded);
        let destination = destination.map_err(|_| UrlRefused::Malformed)?;
        if destination.port == 0 {
            return Err(UrlRefused::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefused::HasUser);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if let Some(address) = address
            && !guard.allows(address, Reach::Guarded)
        {
            return Err(UrlRefused::Private(address));
        }
        if destination.scheme == Scheme::Http && !matches!(guard, AddressGuard::Open) {
            return Err(UrlRefused::NotEncrypted);
        }
        url.set_fragment(None);
        Ok(WebhookUrl(url))
    }

    /// Its host: what may be told of it, for the rest may hold a secret.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The server, and what is asked of it.
    pub fn destination(&self) -> Result<(Destination, String), NoDestination> {
        let destination = Destination::of_url(&self.0, Reach::Guarded)?;
        let path = &self.0[Position::BeforePath..Position::AfterQuery];
        Ok((destination, path.to_owned()))
    }
}

impl From<UrlRefused> for FieldError {
    fn from(refused: UrlRefused) -> FieldError {
        let code = match refused {
            UrlRefused::Malformed => "not_an_address",
            UrlRefused::NotEncrypted => "not_https",
            UrlRefused::HasUser => "user_in_url",
            UrlRefused::Private(_) => "private_address",
        };
        FieldError {
            field: "url".to_owned(),
            code,
            detail: refused.to_string(),
        }
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for WebhookUrl {
    type Err = url::ParseError;

    /// As it was stored.
    fn from_str(text: &str) -> Result<WebhookUrl, url::ParseError> {
        text.parse().map(WebhookUrl)
    }
}

impl Serialize for WebhookUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

text_column!(WebhookUrl);

impl PartialSchema for WebhookUrl {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::Custom("uri".to_owned());
        let text = openapi::text(1..=WebhookUrl::LONGEST);
        text.format(Some(format)).build().into()
    }
}

impl ToSchema for WebhookUrl {}

#[cfg(test)]
mod tests {
    use http_edge::outbound::AllowedNetworks;

    use super::*;

    fn closed() -> AddressGuard {
        AddressGuard::Closed(AllowedNetworks {
            networks: Vec::new(),
            setting: "webhooks.allow_private_addresses",
        })
    }

    #[test]
    fn only_encrypted_addresses_of_the_internet_are_taken() {
        let taken = WebhookUrl::parse(" https://example.org:8443/a?b=c#d ", &closed()).unwrap();
        assert_eq!(taken.to_string(), "https://example.org:8443/a?b=c");
        let refused = |text: &str| WebhookUrl::parse(text, &closed()).unwrap_err();
        for text in [
            "",
            "example.org",
            "ftp://example.org",
            "https://",
            "mailto:a@b.c",
        ] {
            assert_eq!(refused(text), UrlRefused::Malformed, "{text}");
        }
        assert_eq!(refused("http://example.org/"), UrlRefused::NotEncrypted);
        assert_eq!(refused("https://u:p@example.org/"), UrlRefused::HasUser);
        // Every spelling of an address is read as browsers do.
        for text in [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/",
            "http://10.0.0.1/",
        ] {
            assert!(matches!(refused(text), UrlRefused::Private(_)), "{text}");
        }
    }

    #[test]
    fn a_lab_takes_them_all_but_none_with_a_password() {
        for text in ["http://127.0.0.1:9/hook", "http://example.org/"] {
            assert!(
                WebhookUrl::parse(text, &AddressGuard::Open).is_ok(),
                "{text}"
            );
        }
        let refused = WebhookUrl::parse("http://u@127.0.0.1/", &AddressGuard::Open);
        assert_eq!(refused, Err(UrlRefused::HasUser));
    }
}
