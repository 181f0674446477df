//! `egress`: where recordings are made. Not in LiveKit's own YAML, whose workers are found through Redis.

use reqwest::Url;
use serde::Deserialize;

use super::ConfigError;

/// Where recordings are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Egress {
    /// The server of LiveKit's Egress service; without one nothing is recorded.
    pub url: Option<String>,
}

impl Egress {
    /// Its address, checked.
    pub(super) fn address(&self) -> Result<Option<Url>, ConfigError> {
        let Some(text) = &self.url else {
            return Ok(None);
        };
        let address = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
        });
        match address {
            Some(address) => Ok(Some(address)),
            // The value is not shown: it may hold a password.
            None => Err(ConfigError::refused(
                "egress.url",
                "is not the address of an HTTP server such as http://127.0.0.1:7980",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Result<Option<Url>, ConfigError> {
        let url = Some(url.to_owned());
        Egress { url }.address()
    }

    #[test]
    fn only_the_address_of_a_server_is_one() {
        assert!(Egress::default().address().unwrap().is_none());
        let good = address("http://127.0.0.1:7980").unwrap().unwrap();
        assert_eq!(good.as_str(), "http://127.0.0.1:7980/");
        for bad in [
            "",
            "127.0.0.1:7980",
            "ws://127.0.0.1:7980",
            "http://ann:word@127.0.0.1",
            "http://127.0.0.1/twirp",
            "http://127.0.0.1/?a=b",
        ] {
            let error = address(bad).unwrap_err().to_string();
            assert!(error.starts_with("egress.url: "), "{bad}: {error}");
            assert!(!error.contains("word"));
        }
    }
}
