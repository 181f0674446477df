//! The SFU's address and our key for it.

use std::fs;

use http_edge::outbound::Trust;
use livekit_client::api_address;
use livekit_wire::ApiKeys;

use super::environment::{EnvironmentError, Variables};
use crate::livekit::LiveKitSettings;

const URL: &str = "LIVEKIT_URL";
const API_URL: &str = "CONVOKE_MATRIX_LIVEKIT_API_URL";
const KEY_FILE: &str = "LIVEKIT_KEY_FILE";
const CAN_UPDATE_OWN_METADATA: &str = "LIVEKIT_CAN_UPDATE_OWN_METADATA";

pub fn read(variables: &Variables, trust: Trust) -> Result<LiveKitSettings, EnvironmentError> {
    let (key, secret) = key_and_secret(variables)?;
    let public_url = variables.get(URL);
    let (Some(public_url), false, false) = (public_url, key.is_empty(), secret.is_empty()) else {
        return Err(EnvironmentError::LiveKitMissing);
    };
    let api = match variables.get(API_URL) {
        Some(url) => {
            api_address(&url).map_err(|error| EnvironmentError::invalid(API_URL, error))?
        }
        None => api_address(&public_url).map_err(|error| EnvironmentError::invalid(URL, error))?,
    };
    Ok(LiveKitSettings {
        public_url,
        api_url: api,
        keys: ApiKeys::new([(key, secret.into())]).map_err(|_| EnvironmentError::LiveKitMissing)?,
        // Any other word is a no, as in the original service.
        can_update_own_metadata: variables
            .get(CAN_UPDATE_OWN_METADATA)
            .is_some_and(|value| value == "true"),
        trust,
    })
}

/// One file with both wins over two files, and a file over a plain variable.
fn key_and_secret(variables: &Variables) -> Result<(String, String), EnvironmentError> {
    let (key, secret) = if let Some(path) = variables.get(KEY_FILE) {
        let both = read_file(KEY_FILE, &path)?;
        let mut parts = both.split(':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(key), Some(secret), None) => (key.to_owned(), secret.to_owned()),
            _ => return Err(EnvironmentError::KeyFile { path }),
        }
    } else {
        let key = from_file_or_variable(variables, "LIVEKIT_KEY_FROM_FILE", "LIVEKIT_KEY")?;
        let secret =
            from_file_or_variable(variables, "LIVEKIT_SECRET_FROM_FILE", "LIVEKIT_SECRET")?;
        (key, secret)
    };
    Ok((trim(&key), trim(&secret)))
}

fn from_file_or_variable(
    variables: &Variables,
    file: &'static str,
    plain: &'static str,
) -> Result<String, EnvironmentError> {
    match variables.get(file) {
        Some(path) => read_file(file, &path),
        None => Ok(variables.get(plain).unwrap_or_default()),
    }
}

fn read_file(variable: &'static str, path: &str) -> Result<String, EnvironmentError> {
    fs::read_to_string(path).map_err(|source| EnvironmentError::File {
        variable,
        path: path.to_owned(),
        source,
    })
}

fn trim(text: &str) -> String {
    text.trim_matches([' ', '\r', '\n']).to_owned()
}
