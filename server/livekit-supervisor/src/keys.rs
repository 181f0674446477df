//! The API key and secret of the child: made once, kept in the data folder, readable by nobody else.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rand::{CryptoRng, RngExt};
use secrecy::{ExposeSecret, SecretString};

/// In LiveKit's own key file format, so that `key_file:` of a hand-written YAML may name it.
const FILE_NAME: &str = "livekit-keys.yaml";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// LiveKit complains below this.
const SHORTEST_SECRET: usize = 32;

/// What tokens for the child are signed with.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    /// Names the secret; not secret itself.
    pub api_key: String,
    /// Signs tokens and webhooks.
    pub api_secret: SecretString,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The key file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The key file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The key file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The key file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The key file holds something else. It is left alone: other servers may trust those keys.
    #[error(
        "{} must hold one line `API_KEY: API_SECRET` with a secret of {SHORTEST_SECRET} characters or more; correct or remove it",
        path.display()
    )]
    Malformed {
        /// The key file.
        path: PathBuf,
    },
}

impl ApiKeys {
    /// The keys kept in `data_dir`; made from `random` when there are none yet.
    pub(crate) fn load_or_create(
        data_dir: &Path,
        random: &mut impl CryptoRng,
    ) -> Result<Self, KeysError> {
        let path = data_dir.join(FILE_NAME);
        match fs::metadata(&path) {
            Ok(metadata) => {
                if metadata.permissions().mode() & 0o077 != 0 {
                    tracing::warn!(path = %path.display(), "key file was readable by others; corrected");
                    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(
                        |source| KeysError::Write {
                            path: path.clone(),
                            source,
                        },
                    )?;
                }
                Self::load(&path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(&path, random),
            Err(source) => Err(KeysError::Read { path, source }),
        }
    }

    /// The keys kept in `data_dir`, if there are any; nothing is made.
    pub fn kept(data_dir: &Path) -> Result<Option<Self>, KeysError> {
        let path = data_dir.join(FILE_NAME);
        match Self::load(&path) {
            Ok(keys) => Ok(Some(keys)),
            Err(KeysError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn load(path: &Path) -> Result<Self, KeysError> {
        let text = fs::read_to_string(path).map_err(|source| KeysError::Read {
            path: path.to_owned(),
            source,
        })?;
        let keys: BTreeMap<String, String> =
            serde_yaml::from_str(&text).map_err(|_| KeysError::Malformed {
                path: path.to_owned(),
            })?;
        match keys.into_iter().next() {
            Some((api_key, api_secret))
                if !api_key.is_empty() && api_secret.len() >= SHORTEST_SECRET =>
            {
                Ok(Self {
                    api_key,
                    api_secret: api_secret.into(),
                })
            }
            _ => Err(KeysError::Malformed {
                path: path.to_owned(),
            }),
        }
    }

    fn create(path: &Path, random: &mut impl CryptoRng) -> Result<Self, KeysError> {
        let keys = Self {
            api_key: format!("API{}", word(12, random)),
            api_secret: word(43, random).into(),
        };
        let text = format!("{}: {}\n", keys.api_key, keys.api_secret.expose_secret());
        let fail = |source| KeysError::Write {
            path: path.to_owned(),
            source,
        };
        let part = path.with_extension(format!("{}.part", std::process::id()));
        write_private(&part, &text).map_err(fail)?;
        // A link refuses an existing name, so of two first starts at once both end with the same keys.
        let linked = fs::hard_link(&part, path);
        let removed = fs::remove_file(&part);
        match linked {
            Ok(()) => {
                removed.map_err(fail)?;
                sync_folder(path).map_err(fail)?;
                Ok(keys)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(fail(error)),
        }
    }
}

/// A word that nobody guesses.
pub(crate) fn word(length: usize, random: &mut impl CryptoRng) -> String {
    (0..length)
        .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
        .collect()
}

/// Writes `text` to a file that has mode 0600 from its first moment and is on the disk afterwards.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    if written.is_err() {
        // A full disk must not leave half a secret behind.
        let _ = fs::remove_file(path);
    }
    written
}

pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn keys_are_made_once_kept_private_and_reused() {
        let folder = tempfile::tempdir().unwrap();
        let first = ApiKeys::load_or_create(folder.path(), &mut rand::rng()).unwrap();
        let second = ApiKeys::load_or_create(folder.path(), &mut rand::rng()).unwrap();
        assert_eq!(first.api_key, second.api_key);
        assert_eq!(
            first.api_secret.expose_secret(),
            second.api_secret.expose_secret()
        );
        assert!(first.api_secret.expose_secret().len() >= SHORTEST_SECRET);
        assert_eq!(mode(&folder.path().join(FILE_NAME)), 0o600);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no part file is left"
        );
    }

    #[test]
    fn two_data_folders_have_different_keys() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let one = ApiKeys::load_or_create(one.path(), &mut rand::rng()).unwrap();
        let two = ApiKeys::load_or_create(two.path(), &mut rand::rng()).unwrap();
        assert_ne!(one.api_key, two.api_key);
        assert_ne!(
            one.api_secret.expose_secret(),
            two.api_secret.expose_secret()
        );
    }

    #[test]
    fn a_damaged_key_file_is_an_error_and_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        for damaged in ["", "APIx: short\n", "[1, 2]", "APIx: {a: b}"] {
            fs::write(&path, damaged).unwrap();
            let error = ApiKeys::load_or_create(folder.path(), &mut rand::rng()).unwrap_err();
            assert!(
                matches!(error, KeysError::Malformed { .. }),
                "{damaged:?}: {error}"
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn a_key_file_that_others_may_read_is_closed_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        ApiKeys::load_or_create(folder.path(), &mut rand::rng()).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        ApiKeys::load_or_create(folder.path(), &mut rand::rng()).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn the_secret_does_not_show_in_debug_output() {
        let folder = tempfile::tempdir().unwrap();
        let keys = ApiKeys::load_or_create(folder.path(), &mut rand::rng()).unwrap();
        assert!(!format!("{keys:?}").contains(keys.api_secret.expose_secret()));
    }
}
