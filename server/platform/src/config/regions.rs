//! `livekit.regions`: LiveKit servers or clusters elsewhere, beside the first one.

use std::{fmt, path::PathBuf, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use thiserror::Error;
use url::Url;

use super::{LiveKit, fault::Refusals, value};

const MOST_REGIONS: usize = 16;
/// What a room says that leaves the choice to those who join.
const RESERVED: &str = "automatic";

/// What a region is called: 1 to 32 of `a-z 0-9 -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RegionName(String);

/// Why a text is no [`RegionName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a region's name must be 1 to 32 of a-z, 0-9 and dashes, with no dash at either end, and not \"{RESERVED}\""
)]
pub struct InvalidRegionName;

impl RegionName {
    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RegionName {
    type Err = InvalidRegionName;

    fn from_str(text: &str) -> Result<RegionName, InvalidRegionName> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(is_plain)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text != RESERVED;
        if fits {
            Ok(RegionName(text.to_owned()))
        } else {
            Err(InvalidRegionName)
        }
    }
}

impl<'de> Deserialize<'de> for RegionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RegionName, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// One entry of `livekit.regions`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Region {
    pub name: RegionName,
    #[serde(default, deserialize_with = "value::optional")]
    pub host: Option<Url>,
    pub internal_host: Url,
    pub api_key: String,
    #[serde(default, deserialize_with = "value::secret")]
    pub api_secret: Option<SecretString>,
    #[serde(default, deserialize_with = "value::optional")]
    pub api_secret_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "truth")]
    pub dangerous_skip_tls_verify: bool,
}

// What stands in a list keeps its letters: truths come as text.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = String::deserialize(deserializer)?;
    let why = "dangerous_skip_tls_verify of a region must be true or false";
    text.trim().parse().map_err(|_| D::Error::custom(why))
}

impl PartialEq for Region {
    fn eq(&self, other: &Region) -> bool {
        let Region {
            name,
            host,
            internal_host,
            api_key,
            api_secret,
            api_secret_file,
            dangerous_skip_tls_verify,
        } = self;
        *name == other.name
            && *host == other.host
            && *internal_host == other.internal_host
            && *api_key == other.api_key
            && value::same_secret(api_secret.as_ref(), other.api_secret.as_ref())
            && *api_secret_file == other.api_secret_file
            && *dangerous_skip_tls_verify == other.dangerous_skip_tls_verify
    }
}

/// What is wrong with the regions of `livekit`.
pub(super) fn check(livekit: &LiveKit, refused: &mut Refusals) {
    let regions = &livekit.regions;
    let mut names: Vec<_> = regions.iter().map(|region| &region.name).collect();
    names.push(&livekit.region);
    let mut unless = |holds: bool, why: &str| refused.unless(holds, "regions", why);
    unless(
        all_differ(names),
        "must have a name of its own for each, and none that is livekit.region",
    );
    // A webhook's key tells whose it is.
    let mut keys: Vec<_> = regions.iter().map(|region| &region.api_key).collect();
    keys.extend(&livekit.api_key);
    unless(
        all_differ(keys) && regions.iter().all(|region| !region.api_key.is_empty()),
        "must have an api_key of its own for each, and none that is livekit.api_key",
    );
    let origin = |url: &Url, schemes: &[&str]| value::is_origin(url, schemes);
    unless(
        regions.iter().all(|region| {
            origin(&region.internal_host, &["http", "https"])
                && region
                    .host
                    .as_ref()
                    .is_none_or(|url| origin(url, &["ws", "wss"]))
        }),
        "must have an http or https URL without a path as internal_host, and a ws or wss one as host",
    );
    let long_enough = |secret: &SecretString| secret.expose_secret().len() >= 32;
    unless(
        regions
            .iter()
            .all(|region| region.api_secret.as_ref().is_some_and(long_enough)),
        "must have an api_secret of at least 32 characters for each",
    );
    unless(regions.len() <= MOST_REGIONS, "must be no more than 16");
}

fn all_differ<T: Ord>(mut all: Vec<T>) -> bool {
    all.sort_unstable();
    all.windows(2).all(|pair| pair[0] != pair[1])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;

    use crate::config::Config;

    const GOOD: &str = "livekit:\n  region: eu\n  regions:\n    - name: us-east\n      host: wss://us.example.org\n      internal_host: http://10.1.0.5:7880\n      api_key: us\n      api_secret: 0123456789abcdef0123456789abcdef\n";

    fn load(yaml: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.yaml");
        fs::write(&file, yaml).unwrap();
        Config::load(Some(&file), []).map_err(|error| error.to_string())
    }

    #[test]
    fn a_region_is_read_with_its_secret_from_a_file_too() {
        let config = load(GOOD).unwrap();
        let region = &config.livekit.regions[0];
        assert_eq!(region.name.as_str(), "us-east");
        assert!(!region.dangerous_skip_tls_verify);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "abcdefghabcdefghabcdefghabcdefgh\n").unwrap();
        let named = format!("api_secret_file: {}", file.display());
        let from_file = GOOD.replace("api_secret: 0123456789abcdef0123456789abcdef", &named);
        let config = load(&from_file).unwrap();
        let secret = config.livekit.regions[0].api_secret.as_ref().unwrap();
        assert_eq!(secret.expose_secret(), "abcdefghabcdefghabcdefghabcdefgh");
    }

    #[test]
    fn what_is_wrong_with_a_region_is_said_without_its_secret() {
        for (right, wrong, why) in [
            ("name: us-east", "name: eu", "livekit.region"),
            (
                "name: us-east",
                "name: automatic",
                "a region's name must be",
            ),
            ("name: us-east", "name: US", "a region's name must be"),
            (
                "wss://us.example.org",
                "https://us.example.org",
                "a ws or wss one as host",
            ),
            (
                "http://10.1.0.5:7880",
                "http://10.1.0.5:7880/path",
                "without a path",
            ),
            (
                "api_secret: 0123456789abcdef0123456789abcdef",
                "api_secret: short",
                "at least 32",
            ),
            (
                "api_secret: 0123456789abcdef0123456789abcdef",
                "api_secret_file: /nowhere",
                "cannot read",
            ),
            ("api_key: us", "api_key: \"\"", "api_key of its own"),
        ] {
            let error = load(&GOOD.replace(right, wrong)).unwrap_err();
            assert!(error.contains(why), "{wrong}: {error}");
            assert!(!error.contains("0123456789abcdef"), "{error}");
        }
    }
}
