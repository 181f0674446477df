//! All variables together: what may not be missing, what contradicts, what deserves a warning.

use std::{collections::HashMap, fmt, io, time::Duration};

use secrecy::SecretString;
use url::Url;

use super::{bind::Bind, homeservers, limits, livekit};
use crate::{delayed_leave::Kept, service::Options, sources::Sources};

const BIND: &str = "LIVEKIT_JWT_BIND";
const PORT: &str = "LIVEKIT_JWT_PORT";
const SANITY_CHECK: &str = "LIVEKIT_SANITY_CHECK_INTERVAL_SECONDS";
const LOG_LEVEL: &str = "LIVEKIT_LOG_LEVEL";
const LOG_FORMAT: &str = "CONVOKE_LOG_FORMAT";
const REDIS_URL: &str = "LIVEKIT_REDIS_URL";
const REDIS_PASSWORD: &str = "LIVEKIT_REDIS_PASSWORD";
const REDIS_CA_FILE: &str = "CONVOKE_MATRIX_REDIS_CA_FILE";
const DEFAULT_PORT: &str = "8080";
/// The original service's mode as an application service, which is not here.
const APPLICATION_SERVICE: [&str; 4] = [
    "LIVEKIT_AS_TOKEN",
    "LIVEKIT_HS_TOKEN",
    "LIVEKIT_AS_REGISTRATION_FILE",
    "LIVEKIT_HS_SERVER_NAME",
];

/// Why the service refuses to start; every text names the variable.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The SFU or its key is missing.
    #[error("LIVEKIT_KEY* / LIVEKIT_SECRET* and LIVEKIT_URL must be set")]
    LiveKitMissing,
    /// Nobody said whose users may open rooms.
    #[error(
        "LIVEKIT_FULL_ACCESS_HOMESERVERS environment variable must be set to the homeserver(s) you intend to serve"
    )]
    FullAccessMissing,
    /// Two ways to say the same.
    #[error("LIVEKIT_JWT_BIND and LIVEKIT_JWT_PORT must not be set together")]
    BindAndPort,
    /// A file that a variable names cannot be read.
    #[error("{variable}: cannot read {path}: {source}")]
    File {
        /// Who names it.
        variable: &'static str,
        /// The file.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// Not `key: secret`.
    #[error("LIVEKIT_KEY_FILE: {path} must hold one line, \"key: secret\"")]
    KeyFile {
        /// The file.
        path: String,
    },
    /// A value that means nothing.
    #[error("{variable}: {problem}")]
    Invalid {
        /// Which.
        variable: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl EnvironmentError {
    pub(super) fn invalid(variable: &'static str, problem: impl fmt::Display) -> Self {
        Self::Invalid {
            variable,
            problem: problem.to_string(),
        }
    }
}

/// The process's environment; an empty variable is an unset one.
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Just this variable, or its default.
    pub(super) fn with_default(&self, name: &str, default: &str) -> Variables {
        let value = self.get(name).unwrap_or_else(|| default.to_owned());
        Variables([(name.to_owned(), value)].into())
    }
}

/// A Redis server.
pub struct Redis {
    /// May hold a password.
    pub url: SecretString,
    /// PEM certificates of the only authorities to believe; `None`: the public ones.
    pub authorities: Option<Vec<u8>>,
}

/// What the environment says.
pub struct Environment {
    /// The service's own options, still without a store.
    pub options: Options,
    /// Where to listen.
    pub bind: Bind,
    /// Where delayed leaves are kept over a restart.
    pub redis: Option<Redis>,
    /// What an operator should know; for the log, once it is open.
    pub warnings: Vec<String>,
}

impl Environment {
    /// From the process's variables. Reads the files that they name.
    pub fn read(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, EnvironmentError> {
        let variables = Variables(variables.into_iter().collect());
        let mut warnings = Vec::new();
        let (full_access, homeservers) = homeservers::read(&variables, &mut warnings)?;
        let livekit = livekit::read(&variables, homeservers.trust.clone())?;
        let bind = bind(&variables, &mut warnings)?;
        let (_, invalid_level) = log_level(&variables);
        warnings.extend(invalid_level);
        let unused = APPLICATION_SERVICE
            .into_iter()
            .filter(|name| variables.get(name).is_some());
        warnings.extend(unused.map(|name| {
            format!("{name} is not used: there is no mode as an application service here, clients ask directly")
        }));
        let redis = redis(&variables)?;
        if redis.is_none() {
            warnings.push(format!(
                "{REDIS_URL} is not set: delayed leave events that were handed over are lost when the service stops"
            ));
        }
        Ok(Self {
            options: Options {
                livekit,
                full_access,
                homeservers,
                sanity_check_interval: sanity_check_interval(&variables)?,
                kept: Kept::Nowhere,
                rate_limit: limits::read(&variables)?,
                sources: Sources::default(),
            },
            bind,
            redis,
            warnings,
        })
    }

    /// Only where the service listens, for asking a running one.
    pub fn read_bind(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Bind, EnvironmentError> {
        bind(&Variables(variables.into_iter().collect()), &mut Vec::new())
    }

    /// The level to log at, and whether as JSON.
    pub fn read_logging(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(&'static str, bool), EnvironmentError> {
        let variables = Variables(variables.into_iter().collect());
        let json = match variables.get(LOG_FORMAT).as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(_) => {
                return Err(EnvironmentError::invalid(
                    LOG_FORMAT,
                    "must be text or json",
                ));
            }
        };
        Ok((log_level(&variables).0, json))
    }
}

fn bind(variables: &Variables, warnings: &mut Vec<String>) -> Result<Bind, EnvironmentError> {
    match (variables.get(BIND), variables.get(PORT)) {
        (Some(_), Some(_)) => Err(EnvironmentError::BindAndPort),
        (Some(bind), None) => {
            Bind::parse(&bind).map_err(|error| EnvironmentError::invalid(BIND, error))
        }
        (None, port) => {
            if port.is_some() {
                warnings.push(format!("{PORT} is deprecated, use {BIND}"));
            }
            let port = port.as_deref().unwrap_or(DEFAULT_PORT);
            Bind::parse(&format!(":{port}"))
                .map_err(|_| EnvironmentError::invalid(PORT, format!("{port:?} is no port")))
        }
    }
}

fn redis(variables: &Variables) -> Result<Option<Redis>, EnvironmentError> {
    let Some(url) = variables.get(REDIS_URL) else {
        return Ok(None);
    };
    let authorities = match variables.get(REDIS_CA_FILE) {
        Some(path) => Some(
            std::fs::read(&path).map_err(|source| EnvironmentError::File {
                variable: REDIS_CA_FILE,
                path,
                source,
            })?,
        ),
        None => None,
    };
    let url = match variables.get(REDIS_PASSWORD) {
        Some(password) => with_password(url, &password),
        None => url,
    };
    Ok(Some(Redis {
        url: url.into(),
        authorities,
    }))
}

/// A URL that is none is refused when it is used.
fn with_password(url: String, password: &str) -> String {
    let Ok(mut parsed) = Url::parse(&url) else {
        return url;
    };
    // A socket's path has no host that a password could stand before.
    if parsed.set_password(Some(password)).is_err() {
        parsed.query_pairs_mut().append_pair("pass", password);
    }
    parsed.into()
}

/// Zero is the same as not at all.
fn sanity_check_interval(variables: &Variables) -> Result<Option<Duration>, EnvironmentError> {
    let Some(text) = variables.get(SANITY_CHECK) else {
        return Ok(None);
    };
    let seconds: u32 = text
        .strip_prefix('+')
        .unwrap_or(&text)
        .parse()
        .map_err(|_| {
            EnvironmentError::invalid(
                SANITY_CHECK,
                format!("must be a non-negative integer, got {text:?}"),
            )
        })?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds.into())))
}

/// An unknown level is the default one, with a warning.
fn log_level(variables: &Variables) -> (&'static str, Option<String>) {
    let text = variables.get(LOG_LEVEL).unwrap_or_default();
    match text.to_lowercase().as_str() {
        "debug" => ("debug", None),
        "warn" | "warning" => ("warn", None),
        "error" => ("error", None),
        "info" | "" => ("info", None),
        _ => (
            "info",
            Some(format!("{LOG_LEVEL}: {text:?} is no level, so it is info")),
        ),
    }
}
