//! How to reach a bucket, and where its files are then. It must not know what is done there.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use url::Url;

/// What stands for itself in the path of an address.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// How to reach a bucket.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The store; `None` for Amazon's.
    pub endpoint: Option<Url>,
    /// As the store calls it.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// What all files' names there begin with.
    pub prefix: String,
    /// Who we are.
    pub access_key: String,
    /// What proves it.
    pub secret_key: SecretString,
    /// Of a key that is lent for a time.
    pub session_token: Option<SecretString>,
    /// Whether the bucket's name goes into the path; else into the host name.
    pub in_the_path: bool,
    /// Whether the store takes CRC-32s.
    pub checksums: bool,
    /// Whether nobody is sent there.
    pub proxy: bool,
    /// What every new file gets.
    pub labels: Labels,
}

/// What a store notes with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Words of whoever asked.
    pub metadata: BTreeMap<String, String>,
    /// `Tag=value&…`; empty for none.
    pub tagging: String,
    /// `Content-Disposition`; empty for none.
    pub content_disposition: String,
}

impl Settings {
    /// The address of a file there, as LiveKit's recorder tells it, whatever the region.
    pub fn location(&self, key: &str) -> String {
        let bucket = &self.bucket;
        let host = match &self.endpoint {
            Some(url) => url.authority(),
            None => "s3.amazonaws.com",
        };
        let key = format!("{}{key}", self.prefix);
        let name = utf8_percent_encode(&key, IN_A_PATH);
        if self.in_the_path {
            format!("https://{host}/{bucket}/{name}")
        } else {
            format!("https://{bucket}.{host}/{name}")
        }
    }

    /// Where signed links lead.
    pub fn origin(&self) -> Option<String> {
        if self.proxy {
            return None;
        }
        let bucket = &self.bucket;
        Some(match &self.endpoint {
            Some(url) if self.in_the_path => url.origin().ascii_serialization(),
            Some(url) => {
                let mut of_bucket = url.clone();
                let host = format!("{bucket}.{}", url.host_str().unwrap_or_default());
                of_bucket.set_host(Some(&host)).ok()?;
                Url::origin(&of_bucket).ascii_serialization()
            }
            None if self.in_the_path => format!("https://s3.{}.amazonaws.com", self.region),
            None => format!("https://{bucket}.s3.{}.amazonaws.com", self.region),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_where_the_original_says_it_is() {
        for (endpoint, in_the_path, key, location) in [
            (
                None,
                false,
                "a/b.mp4",
                "https://films.s3.amazonaws.com/a/b.mp4",
            ),
            (None, true, "b.mp4", "https://s3.amazonaws.com/films/b.mp4"),
            (
                Some("http://127.0.0.1:9000"),
                true,
                "a/my film.mp4",
                "https://127.0.0.1:9000/films/a/my%20film.mp4",
            ),
            (
                Some("https://s3.example.org"),
                false,
                "é.mp4",
                "https://films.s3.example.org/%C3%A9.mp4",
            ),
        ] {
            let settings = Settings {
                endpoint: endpoint.map(|url| url.parse().unwrap()),
                region: "us-east-1".to_owned(),
                bucket: "films".to_owned(),
                prefix: String::new(),
                access_key: "key".to_owned(),
                secret_key: "secret".into(),
                session_token: None,
                in_the_path,
                checksums: true,
                proxy: false,
                labels: Labels::default(),
            };
            assert_eq!(settings.location(key), location);
        }
    }
}
