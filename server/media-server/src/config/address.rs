//! `bind_addresses`: addresses only, names would have to be resolved.

use std::net::{IpAddr, Ipv4Addr};

use super::ConfigError;

/// An empty text, as Go has it, means everywhere.
pub(super) fn bind_addresses(texts: Vec<String>) -> Result<Vec<IpAddr>, ConfigError> {
    parsed("bind_addresses", texts)
}

/// The same of another key.
pub(super) fn parsed(key: &str, texts: Vec<String>) -> Result<Vec<IpAddr>, ConfigError> {
    if texts.iter().any(String::is_empty) {
        return Ok(Vec::new());
    }
    texts
        .into_iter()
        .map(|text| match text.as_str() {
            "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
            address => address.parse().map_err(|_| {
                ConfigError::refused(key, format!("{address:?} is not an IP address"))
            }),
        })
        .collect()
}
