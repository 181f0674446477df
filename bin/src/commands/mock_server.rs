//! `convoke mock-server`: a programmable mock of LiveKit's API, its flags and environment those of LiveKit's own.

use std::{
    convert::Infallible,
    fs,
    io::{Write, stdout},
    path::PathBuf,
    str::FromStr,
};

use anyhow::Context;
use clap::Args;
use livekit_mock::{AdvertiseHost, BindError, Options, Server, TwirpPrefix};
use secrecy::SecretString;

use crate::{clock::wall_clock, logging, shutdown};

const PORTS: &str = "9999,10000,10001,10002";
const ADVERTISE_HOST: &str = "http://127.0.0.1";
const BIND: &str = "0.0.0.0";
const TWIRP_PREFIX: &str = "/twirp";
const API_SECRET: &str = "secret";

/// Where to listen, and what to believe. An empty value means the default.
#[derive(Debug, Args)]
pub struct MockServer {
    /// One port per region, separated by commas; a port's place is its region's index. 0 is any free port.
    #[arg(long, env = "LK_TEST_SERVER_PORTS", default_value = PORTS, value_parser = given::<Ports>(PORTS))]
    ports: Ports,
    /// Scheme and host of the regions' URLs in /settings/regions.
    #[arg(long, env = "LK_TEST_SERVER_ADVERTISE_HOST", default_value = ADVERTISE_HOST,
        value_parser = given::<AdvertiseHost>(ADVERTISE_HOST))]
    advertise_host: AdvertiseHost,
    /// Address to listen on.
    #[arg(long, env = "LK_TEST_SERVER_BIND", default_value = BIND, value_parser = given::<String>(BIND))]
    bind: String,
    /// Start of every call's path; "/" for none.
    #[arg(long, env = "LK_TEST_SERVER_TWIRP_PREFIX", default_value = TWIRP_PREFIX,
        value_parser = given::<TwirpPrefix>(TWIRP_PREFIX))]
    twirp_prefix: TwirpPrefix,
    /// Secret that signs the tokens; other users of this machine see it, unlike one in the environment or in a file.
    #[arg(long, env = "LK_TEST_SERVER_API_SECRET", default_value = API_SECRET, hide_env_values = true,
        value_parser = secret)]
    api_secret: SecretString,
    /// File with the secret; wins over --api-secret.
    #[arg(long, env = "LK_TEST_SERVER_API_SECRET_FILE", value_parser = given::<PathBuf>(""))]
    api_secret_file: Option<PathBuf>,
}

impl MockServer {
    /// Serves until asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        logging::start("warn", false)?;
        http_edge::raise_descriptor_limit();
        let shutdown = shutdown::requested()?;
        let server = Server::bind(self.options()?).await.map_err(name_the_flag)?;
        announce(&server)?;
        server.serve(shutdown).await;
        Ok(())
    }

    fn options(self) -> anyhow::Result<Options> {
        let file = self.api_secret_file;
        let api_secret = match file.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => {
                let text = fs::read_to_string(&path).with_context(|| {
                    format!("--api-secret-file: cannot read {}", path.display())
                })?;
                SecretString::from(text.trim_end_matches(['\r', '\n']))
            }
            None => self.api_secret,
        };
        Ok(Options {
            ports: self.ports.0,
            bind: self.bind,
            advertise_host: self.advertise_host,
            twirp_prefix: self.twirp_prefix,
            api_secret,
            clock: wall_clock,
        })
    }
}

/// Docker passes an unset variable as an empty one.
fn given<T: FromStr>(
    default: &'static str,
) -> impl Fn(&str) -> Result<T, T::Err> + Clone + Send + Sync + 'static {
    move |text| if text.is_empty() { default } else { text }.parse()
}

fn secret(text: &str) -> Result<SecretString, Infallible> {
    let text: String = given(API_SECRET)(text)?;
    Ok(text.into())
}

#[derive(Clone, Debug)]
struct Ports(Vec<u16>);

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a port number")]
struct NotAPort(String);

impl FromStr for Ports {
    type Err = NotAPort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| NotAPort(part.to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn name_the_flag(error: BindError) -> anyhow::Error {
    let flag = match &error {
        BindError::NoPorts | BindError::Twice(_) | BindError::Taken(_) => "--ports",
        BindError::EmptySecret => "--api-secret-file",
        BindError::Listen { .. } => "--bind and --ports",
        BindError::Descriptors(_) => return error.into(),
    };
    anyhow::Error::new(error).context(flag)
}

fn announce(server: &Server) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for (index, (address, url)) in server.addresses().iter().zip(server.urls()).enumerate() {
        writeln!(
            out,
            "mock-server: region-{index} listens on {address}, advertised as {url}"
        )?;
    }
    out.flush()?;
    Ok(())
}
