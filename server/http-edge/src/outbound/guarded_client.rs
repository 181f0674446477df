//! One HTTP exchange with a server that somebody outside may have named: to an address that was checked, bounded in
//! size. It must not know what is asked.

use std::{
    collections::HashMap,
    error::Error,
    future::ready,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header::HOST};
use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{ClientConfig, Error as TlsError};
use tokio::time::Instant;
use url::Url;

use super::{AddressGuard, Destination, Names, Scheme, direct::direct_over, trust::explain};

/// How long a client, and with it the addresses it was made for, is used.
const CLIENT_LIFETIME: Duration = Duration::from_mins(1);
const MOST_CLIENTS: usize = 64;
// Short, so that the next of several servers gets its turn within the caller's patience.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const USER_AGENT: &str = concat!("convoke/", env!("CARGO_PKG_VERSION"));

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Escaped.
    pub path_and_query: String,
    /// Without `Host`, which the destination knows.
    pub headers: HeaderMap,
    /// None where it is empty.
    pub body: Bytes,
    /// How many bytes of an answer are read.
    pub largest_answer: usize,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status. A redirect is an answer too: who follows it asks anew, and the place is checked as the first was.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum GuardedError {
    /// Every address is one that the guard does not let pass.
    #[error("its address {address} is not public; {setting} can allow it")]
    Refused {
        /// The first of them.
        address: IpAddr,
        /// What an operator can change.
        setting: &'static str,
    },
    /// The name leads to no address.
    #[error("its name cannot be resolved: {0}")]
    Name(#[from] io::Error),
    /// No connection, no trust, or it broke.
    #[error("{}", chain(.0))]
    Transport(#[from] reqwest::Error),
    /// More bytes than it should send.
    #[error("its answer is too large")]
    TooLarge,
    /// The place asked for cannot be written as a URL.
    #[error("its address is no URL")]
    Url(#[from] url::ParseError),
}

/// The cause is deep down in reqwest's errors. The URL is left out: it may hold a token.
fn chain(error: &reqwest::Error) -> String {
    let mut text = if error.is_connect() {
        "cannot connect".to_owned()
    } else if error.is_timeout() {
        "timed out".to_owned()
    } else {
        "the exchange failed".to_owned()
    };
    let mut source = Error::source(error);
    while let Some(cause) = source {
        if let Some(TlsError::InvalidCertificate(problem)) = tls_error(cause) {
            return format!(
                "its certificate is not accepted: {}; SSL_CERT_FILE can name what to trust",
                explain(problem)
            );
        }
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// It may be wrapped into I/O errors, whose `source` passes it over.
fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    match cause.downcast_ref::<io::Error>() {
        Some(wrapping) => tls_error(wrapping.get_ref()?),
        None => cause.downcast_ref(),
    }
}

/// Makes exchanges with servers that strangers name; keeps connections open for the next one.
pub struct GuardedClient {
    tls: ClientConfig,
    names: Arc<dyn Names>,
    guard: AddressGuard,
    clients: Mutex<HashMap<Destination, (reqwest::Client, Instant)>>,
}

impl GuardedClient {
    /// Asks nobody yet. How long an answer may take is up to the caller, who drops the request when it is too long.
    pub fn new(tls: ClientConfig, names: Arc<dyn Names>, guard: AddressGuard) -> Self {
        Self {
            tls,
            names,
            guard,
            clients: Mutex::default(),
        }
    }

    /// Asks `destination` and nobody else.
    pub async fn ask(
        &self,
        destination: &Destination,
        request: Request,
    ) -> Result<Answer, GuardedError> {
        let most = request.largest_answer;
        let mut response = self.send(destination, request).await?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > most {
                return Err(GuardedError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer(&mut response, body))
    }

    /// Asks `destination` and nobody else; of a larger answer only the beginning is read.
    pub async fn ask_beginning(
        &self,
        destination: &Destination,
        request: Request,
    ) -> Result<Answer, GuardedError> {
        let most = request.largest_answer;
        let mut response = self.send(destination, request).await?;
        let mut body = BytesMut::new();
        while body.len() < most
            && let Some(chunk) = response.chunk().await?
        {
            body.extend_from_slice(&chunk);
        }
        body.truncate(most);
        Ok(answer(&mut response, body))
    }

    async fn send(
        &self,
        destination: &Destination,
        request: Request,
    ) -> Result<reqwest::Response, GuardedError> {
        let url = connect_url(destination, &request.path_and_query)?;
        let client = self.client(destination).await?;
        let mut asked = client
            .request(request.method, url)
            .headers(request.headers)
            .header(HOST, &destination.host_header);
        if !request.body.is_empty() {
            asked = asked.body(request.body);
        }
        let sent = asked.send().await.inspect_err(|_| {
            // Its addresses may have changed.
            self.clients.lock().remove(destination);
        })?;
        Ok(sent)
    }

    /// A client that connects to this destination's checked addresses and nowhere else.
    async fn client(&self, destination: &Destination) -> Result<reqwest::Client, GuardedError> {
        let now = Instant::now();
        if let Some((client, made_at)) = self.clients.lock().get(destination)
            && now < *made_at + CLIENT_LIFETIME
        {
            return Ok(client.clone());
        }
        let addresses = self.addresses(destination).await?;
        let client = direct_over(self.tls.clone())
            .dns_resolver(Checked(addresses))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(4)
            .user_agent(USER_AGENT)
            .build()?;
        let mut clients = self.clients.lock();
        if clients.len() >= MOST_CLIENTS {
            // Strangers choose the names, and must not fill the memory.
            let oldest = clients.iter().min_by_key(|(_, (_, made_at))| *made_at);
            if let Some(oldest) = oldest.map(|(destination, _)| destination.clone()) {
                clients.remove(&oldest);
            }
        }
        clients.insert(destination.clone(), (client.clone(), now));
        Ok(client)
    }

    async fn addresses(&self, destination: &Destination) -> Result<Vec<SocketAddr>, GuardedError> {
        let found = self
            .names
            .addresses(&destination.host, destination.port)
            .await?;
        let Some(first) = found.first().map(SocketAddr::ip) else {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        };
        let checked: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| self.guard.allows(address.ip(), destination.reach))
            .collect();
        if checked.is_empty() {
            return Err(GuardedError::Refused {
                address: first,
                setting: self.guard.setting(),
            });
        }
        Ok(checked)
    }
}

fn answer(response: &mut reqwest::Response, body: BytesMut) -> Answer {
    Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: body.freeze(),
    }
}

/// Leads every name to the addresses that were checked, so that no spelling of one can lead anywhere else.
struct Checked(Vec<SocketAddr>);

impl Resolve for Checked {
    fn resolve(&self, _name: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(ready(Ok(addresses)))
    }
}

/// A name's URL has no port, for then the checked addresses bring theirs; a literal address was checked itself.
fn connect_url(destination: &Destination, path_and_query: &str) -> Result<Url, url::ParseError> {
    let scheme = match destination.scheme {
        Scheme::Https => "https",
        Scheme::Http => "http",
    };
    let name = &destination.tls_name;
    let url = Url::parse(&format!("{scheme}://{name}{path_and_query}"))?;
    match url.host() {
        Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)) => Url::parse(&format!(
            "{scheme}://{name}:{}{path_and_query}",
            destination.port
        )),
        Some(url::Host::Domain(_)) | None => Ok(url),
    }
}
