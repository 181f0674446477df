//! Where clients are told to find the mock: the host of every region's URL, and the path its calls start with.

use std::{fmt, str::FromStr};

use http::Uri;

/// Scheme and host of the URLs in `/settings/regions`, such as `http://127.0.0.1`; each region adds its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvertiseHost(String);

/// Not the start of a URL that a port could be added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scheme and a host without a port, such as http://127.0.0.1")]
pub struct AdvertiseHostError;

impl AdvertiseHost {
    /// `http://127.0.0.1`.
    pub fn loopback() -> Self {
        Self("http://127.0.0.1".to_owned())
    }

    /// The URL of the region on `port`.
    pub fn url(&self, port: u16) -> String {
        format!("{}:{port}", self.0)
    }
}

impl FromStr for AdvertiseHost {
    type Err = AdvertiseHostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| AdvertiseHostError)?;
        let http = matches!(uri.scheme_str(), Some("http" | "https"));
        let bare = uri.path() == "/" && uri.query().is_none();
        let without_port = uri
            .authority()
            .is_some_and(|authority| authority.as_str() == authority.host());
        if http && bare && without_port {
            Ok(Self(text.to_owned()))
        } else {
            Err(AdvertiseHostError)
        }
    }
}

impl fmt::Display for AdvertiseHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the path of every call starts with, such as `/twirp`; `/` alone means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwirpPrefix(String);

/// Not the start of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the start of a path, such as /twirp")]
pub struct TwirpPrefixError;

impl TwirpPrefix {
    /// `/twirp`, as every SDK has it.
    pub fn usual() -> Self {
        Self("/twirp".to_owned())
    }

    /// `<package>.<Service>/<Method>` of a path, if it is that of a call.
    pub(crate) fn call<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&self.0)?.strip_prefix('/')
    }
}

impl FromStr for TwirpPrefix {
    type Err = TwirpPrefixError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('/') && text.parse::<Uri>().is_ok_and(|uri| uri.path() == text) {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(TwirpPrefixError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_takes_a_port_after_it() {
        for (text, url) in [
            ("http://127.0.0.1", "http://127.0.0.1:7"),
            ("https://mock.test/", "https://mock.test:7"),
            ("http://[::1]", "http://[::1]:7"),
        ] {
            assert_eq!(text.parse::<AdvertiseHost>().unwrap().url(7), url);
        }
    }

    #[test]
    fn what_a_port_cannot_follow_is_refused() {
        for text in [
            "",
            "127.0.0.1",
            "http://a:80",
            "http://a/b",
            "ws://a",
            "http://u@a",
            "/",
        ] {
            assert_eq!(
                text.parse::<AdvertiseHost>(),
                Err(AdvertiseHostError),
                "{text}"
            );
        }
    }

    #[test]
    fn a_prefix_is_cut_off_whole_segments() {
        let twirp: TwirpPrefix = "/twirp".parse().unwrap();
        assert_eq!(twirp.call("/twirp/livekit.SIP/X"), Some("livekit.SIP/X"));
        assert_eq!(twirp.call("/twirpy/livekit.SIP/X"), None);
        assert_eq!(twirp.call("/twirp"), None);
        let none: TwirpPrefix = "/".parse().unwrap();
        assert_eq!(none.call("/livekit.SIP/X"), Some("livekit.SIP/X"));
        assert_eq!("twirp".parse::<TwirpPrefix>(), Err(TwirpPrefixError));
        assert_eq!("/a?b".parse::<TwirpPrefix>(), Err(TwirpPrefixError));
    }
}
