//! Section `recordings`: who records calls, and where the films are kept.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::{fault::Refusals, value};

const GB: u64 = 1_000_000_000;
const DAY: Duration = Duration::from_hours(24);

/// Section `recordings`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Recordings {
    pub enabled: bool,
    pub engine: RecordingEngine,
    #[serde(deserialize_with = "value::optional")]
    pub folder: Option<PathBuf>,
    #[serde(deserialize_with = "value::optional")]
    pub ffmpeg: Option<PathBuf>,
    pub keep_days: u32,
    pub keep_tracks_days: u32,
    pub max_minutes: u32,
    pub max_parallel: u32,
    pub reserve_gb: u32,
    pub quota_gb: u32,
    pub quota_gb_per_user: u32,
    pub storage: Storage,
}

/// Who records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingEngine {
    /// The built-in recorder where it runs, else an external cluster's own Egress.
    Auto,
    /// Only the built-in recorder.
    BuiltIn,
    /// The Egress service of the LiveKit server.
    Endpoint,
}

/// Where films are kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Storage {
    pub kind: StorageKind,
    pub s3: S3,
}

/// Which kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// A folder.
    Disk,
    /// A bucket.
    S3,
}

/// A bucket of an S3-compatible store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct S3 {
    #[serde(deserialize_with = "value::optional")]
    pub endpoint: Option<Url>,
    pub region: String,
    pub bucket: String,
    pub prefix: String,
    #[serde(deserialize_with = "value::text")]
    pub access_key: Option<String>,
    #[serde(deserialize_with = "value::secret")]
    pub secret_key: Option<SecretString>,
    #[serde(deserialize_with = "value::optional")]
    pub secret_key_file: Option<PathBuf>,
    pub path_style: PathStyle,
    pub checksums: bool,
    pub proxy: bool,
}

/// Where a bucket's name goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathStyle {
    /// Into the path for an endpoint that is named.
    Auto,
    /// Into the path.
    Always,
    /// Into the host name.
    Never,
}

impl Recordings {
    /// The ffmpeg that the built-in recorder makes films with: the one that is named, or the one on `search_path` (as
    /// `PATH` has it); `None`: it goes without. `Err`: the one that is named is not there.
    pub fn found_ffmpeg(&self, search_path: Option<&OsStr>) -> Result<Option<PathBuf>, String> {
        match &self.ffmpeg {
            Some(none) if none.as_os_str() == "none" => Ok(None),
            Some(path) if path.is_file() => Ok(Some(path.clone())),
            Some(path) => Err(format!(
                "recordings.ffmpeg: there is no program {}",
                path.display()
            )),
            None => {
                let folders = search_path.map(std::env::split_paths).into_iter().flatten();
                let named = folders
                    .filter(|folder| folder.is_absolute())
                    .map(|folder| folder.join("ffmpeg"));
                Ok(named.into_iter().find(|path| path.is_file()))
            }
        }
    }

    /// How long the tracks of a recording stay with the recorder after its film is stored.
    pub fn tracks_kept_for(&self) -> Duration {
        DAY * self.keep_tracks_days
    }

    /// How long one recording may be.
    pub fn longest(&self) -> Option<Duration> {
        (self.max_minutes > 0).then(|| Duration::from_mins(u64::from(self.max_minutes)))
    }

    /// Bytes that stay free on the disk.
    pub fn reserve(&self) -> u64 {
        u64::from(self.reserve_gb) * GB
    }

    /// Bytes that all recordings may take.
    pub fn quota(&self) -> Option<u64> {
        (self.quota_gb > 0).then(|| u64::from(self.quota_gb) * GB)
    }

    /// Bytes that one account's recordings may take.
    pub fn quota_per_user(&self) -> Option<u64> {
        (self.quota_gb_per_user > 0).then(|| u64::from(self.quota_gb_per_user) * GB)
    }

    /// Where films on this disk are.
    pub fn folder(&self, data_dir: &Path) -> PathBuf {
        let default = || data_dir.join("recordings");
        self.folder.clone().unwrap_or_else(default)
    }

    pub(super) fn check(&self, refused: &mut Refusals) {
        let in_days = "must be between 0 and 36500";
        refused.unless(self.keep_days <= 36_500, "keep_days", in_days);
        let few_days = "0 to 365";
        refused.unless(self.keep_tracks_days <= 365, "keep_tracks_days", few_days);
        let in_minutes = "must be between 0 and 10080";
        refused.unless(self.max_minutes <= 10_080, "max_minutes", in_minutes);
        let at_once = "must be between 0 and 10000";
        refused.unless(self.max_parallel <= 10_000, "max_parallel", at_once);
        let reserve = "must be between 0 and 100000";
        refused.unless(self.reserve_gb <= 100_000, "reserve_gb", reserve);
        let quota = "must be between 0 and 1000000";
        refused.unless(self.quota_gb <= 1_000_000, "quota_gb", quota);
        let per_user = self.quota_gb_per_user;
        refused.unless(per_user <= 1_000_000, "quota_gb_per_user", quota);
        // Another's recorder cannot put films on this disk.
        let reachable =
            self.engine != RecordingEngine::Endpoint || self.storage.kind == StorageKind::S3;
        let why = "needs recordings.storage.kind s3 when it is endpoint";
        refused.unless(reachable, "engine", why);
        let s3 = &self.storage.s3;
        if let Some(url) = &s3.endpoint {
            let why = "must be an http or https URL without a path";
            let origin = value::is_origin(url, &["http", "https"]);
            refused.unless(origin, "storage.s3.endpoint", why);
        }
        let plain = |text: &str| !text.starts_with('/') && !text.contains("..");
        let why = "must not begin with a slash or contain two dots";
        refused.unless(plain(&s3.prefix), "storage.s3.prefix", why);
        if self.storage.kind == StorageKind::S3 {
            let why = "must be set when recordings.storage.kind is s3";
            refused.unless(!s3.bucket.is_empty(), "storage.s3.bucket", why);
            refused.unless(!s3.region.is_empty(), "storage.s3.region", why);
            refused.unless(s3.access_key.is_some(), "storage.s3.access_key", why);
            refused.unless(s3.secret_key.is_some(), "storage.s3.secret_key", why);
        }
    }
}

impl S3 {
    /// Whether the bucket's name goes into the path.
    pub fn in_the_path(&self) -> bool {
        match self.path_style {
            PathStyle::Auto => self.endpoint.is_some(),
            PathStyle::Always => true,
            PathStyle::Never => false,
        }
    }
}

impl PartialEq for S3 {
    fn eq(&self, other: &S3) -> bool {
        let S3 {
            endpoint,
            region,
            bucket,
            prefix,
            access_key,
            secret_key,
            secret_key_file,
            path_style,
            checksums,
            proxy,
        } = self;
        *endpoint == other.endpoint
            && *region == other.region
            && *bucket == other.bucket
            && *prefix == other.prefix
            && *access_key == other.access_key
            && value::same_secret(secret_key.as_ref(), other.secret_key.as_ref())
            && *secret_key_file == other.secret_key_file
            && *path_style == other.path_style
            && *checksums == other.checksums
            && *proxy == other.proxy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
        let env = variables
            .iter()
            .map(|(name, value)| (format!("CONVOKE_RECORDINGS__{name}"), (*value).to_owned()));
        Config::load(None, env).map_err(|error| error.to_string())
    }

    #[test]
    fn a_bucket_needs_a_name_and_a_key() {
        let error = load(&[("STORAGE__KIND", "s3")]).unwrap_err();
        for key in ["bucket", "access_key", "secret_key"] {
            assert!(
                error.contains(&format!("recordings.storage.s3.{key}")),
                "{error}"
            );
        }
        let complete = [
            ("STORAGE__KIND", "s3"),
            ("STORAGE__S3__BUCKET", "films"),
            ("STORAGE__S3__ACCESS_KEY", "key"),
            ("STORAGE__S3__SECRET_KEY", "secret"),
        ];
        let s3 = load(&complete).unwrap().recordings.storage.s3;
        assert!(!s3.in_the_path(), "on AWS");
        let mut elsewhere = complete.to_vec();
        elsewhere.push(("STORAGE__S3__ENDPOINT", "http://127.0.0.1:9000"));
        assert!(
            load(&elsewhere)
                .unwrap()
                .recordings
                .storage
                .s3
                .in_the_path()
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_name() {
        for (name, value, key) in [
            ("ENGINE", "chrome", "engine"),
            ("KEEP_DAYS", "99999", "keep_days"),
            ("KEEP_TRACKS_DAYS", "366", "keep_tracks_days"),
            ("STORAGE__KIND", "tape", "storage.kind"),
            ("STORAGE__S3__PREFIX", "../x", "storage.s3.prefix"),
            (
                "STORAGE__S3__ENDPOINT",
                "s3.example.org/path",
                "storage.s3.endpoint",
            ),
        ] {
            let error = load(&[(name, value)]).unwrap_err();
            assert!(error.contains(&format!("recordings.{key}")), "{error}");
        }
    }

    #[test]
    fn the_ffmpeg_that_is_named_counts_else_the_one_on_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ffmpeg");
        std::fs::write(&program, "").unwrap();
        let path = Some(folder.path().as_os_str());
        let named = |ffmpeg: &str| load(&[("FFMPEG", ffmpeg)]).unwrap().recordings;
        assert_eq!(named("").found_ffmpeg(path), Ok(Some(program.clone())));
        assert_eq!(named("").found_ffmpeg(None), Ok(None));
        assert_eq!(named("none").found_ffmpeg(path), Ok(None));
        let elsewhere = named(program.to_str().unwrap());
        assert_eq!(elsewhere.found_ffmpeg(None), Ok(Some(program)));
        let missing = named("/nowhere/ffmpeg").found_ffmpeg(path).unwrap_err();
        assert!(missing.contains("recordings.ffmpeg"), "{missing}");
    }

    #[test]
    fn a_limit_of_nothing_is_none() {
        let config = Config::default().recordings;
        assert_eq!((config.longest(), config.quota()), (None, None));
        let limited = load(&[("QUOTA_GB", "3")]).unwrap().recordings;
        assert_eq!(limited.quota(), Some(3 * GB));
    }
}
