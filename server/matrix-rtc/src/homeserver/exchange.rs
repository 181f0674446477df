//! One HTTP exchange with a homeserver: to an address that was checked, bounded in size, redirects included. It must not
//! know what is asked.

use std::{
    collections::HashMap,
    future::ready,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HOST, LOCATION},
};
use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::ClientConfig;
use tokio::time::Instant;
use url::{Position, Url};

use super::{
    address_guard::AddressGuard,
    destination::{Destination, NoDestination, Scheme},
    dns::Dns,
    room::make_room,
};
use crate::{metrics::HomeserverMetrics, tls::explain};

/// How long a client, and with it the addresses it was made for, is used.
const CLIENT_LIFETIME: Duration = Duration::from_mins(1);
const MOST_CLIENTS: usize = 64;
// Shorter than an attempt, so that the next of several servers gets its turn in it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const MOST_REDIRECTS: u32 = 5;
const USER_AGENT: &str = concat!("convoke/", env!("CARGO_PKG_VERSION"));

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// For the metrics.
    pub purpose: &'static str,
    /// GET, or POST with an empty JSON object.
    pub method: Method,
    /// Escaped.
    pub path_and_query: String,
    /// How many bytes of an answer are read.
    pub largest_answer: usize,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status; no redirect that could be followed.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Every address is one that homeservers may not have.
    #[error("its address {address} is not public; {setting} can allow it")]
    Refused {
        /// The first of them.
        address: IpAddr,
        /// What an operator can change.
        setting: &'static str,
    },
    /// DNS knows no address.
    #[error("its name cannot be resolved: {0}")]
    Dns(#[from] io::Error),
    /// No connection, no trust, or it broke.
    #[error("{}", chain(.0))]
    Transport(#[from] reqwest::Error),
    /// More bytes than it should send.
    #[error("its answer is too large")]
    TooLarge,
    /// It sends us round in circles, to another protocol or nowhere.
    #[error("its redirects lead nowhere")]
    Redirect,
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
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(rustls::Error::InvalidCertificate(problem)) = tls_error(cause) {
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
fn tls_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    match cause.downcast_ref::<io::Error>() {
        Some(wrapping) => tls_error(wrapping.get_ref()?),
        None => cause.downcast_ref(),
    }
}

/// Makes exchanges; keeps connections open for the next one.
pub struct Exchanges {
    tls: ClientConfig,
    dns: Arc<dyn Dns>,
    guard: AddressGuard,
    metrics: HomeserverMetrics,
    clients: Mutex<HashMap<Destination, (reqwest::Client, Instant)>>,
}

impl Exchanges {
    pub fn new(
        tls: ClientConfig,
        dns: Arc<dyn Dns>,
        guard: AddressGuard,
        metrics: HomeserverMetrics,
    ) -> Self {
        Self {
            tls,
            dns,
            guard,
            metrics,
            clients: Mutex::default(),
        }
    }

    /// Asks `destination`, or where it redirects to.
    pub async fn ask(
        &self,
        destination: &Destination,
        question: &Question,
    ) -> Result<Answer, ExchangeError> {
        let start = Instant::now();
        let answer = self.follow(destination.clone(), question).await;
        let outcome = match &answer {
            Ok(answer) if answer.status.is_success() => "ok",
            Ok(answer) if answer.status.is_server_error() => "server_error",
            Ok(_) => "client_error",
            Err(ExchangeError::Refused { .. }) => "refused",
            Err(ExchangeError::TooLarge) => "too_large",
            Err(_) => "unreachable",
        };
        self.metrics
            .exchanged(question.purpose, outcome, start.elapsed());
        answer
    }

    async fn follow(
        &self,
        mut destination: Destination,
        question: &Question,
    ) -> Result<Answer, ExchangeError> {
        let mut path_and_query = question.path_and_query.clone();
        for _ in 0..=MOST_REDIRECTS {
            let answer = self
                .ask_once(&destination, &path_and_query, question)
                .await?;
            let Some(location) = redirect(question, &answer) else {
                return Ok(answer);
            };
            let here = destination.url(&path_and_query)?;
            let there = here.join(location)?;
            if there.origin() != here.origin() {
                destination = onward(&destination, &there)?;
            }
            there[Position::BeforePath..Position::AfterQuery].clone_into(&mut path_and_query);
        }
        Err(ExchangeError::Redirect)
    }

    async fn ask_once(
        &self,
        destination: &Destination,
        path_and_query: &str,
        question: &Question,
    ) -> Result<Answer, ExchangeError> {
        let client = self.client(destination).await?;
        let mut request = client
            .request(
                question.method.clone(),
                connect_url(destination, path_and_query)?,
            )
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(HOST, &destination.host_header);
        if question.method == Method::POST {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body("{}");
        }
        let sent = request.send().await;
        let mut response = sent.inspect_err(|_| {
            // Its addresses may have changed.
            self.clients.lock().remove(destination);
        })?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > question.largest_answer {
                return Err(ExchangeError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
        })
    }

    /// A client that connects to this destination's checked addresses and nowhere else.
    async fn client(&self, destination: &Destination) -> Result<reqwest::Client, ExchangeError> {
        let now = Instant::now();
        if let Some((client, made_at)) = self.clients.lock().get(destination)
            && now < *made_at + CLIENT_LIFETIME
        {
            return Ok(client.clone());
        }
        let addresses = self.addresses(destination).await?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Checked(addresses))
            // In HTTP/2 a Host header would contradict the URL, whose port is left out.
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(4)
            .user_agent(USER_AGENT)
            .build()?;
        let mut clients = self.clients.lock();
        make_room(&mut clients, MOST_CLIENTS, |(_, made_at)| *made_at);
        clients.insert(destination.clone(), (client.clone(), now));
        Ok(client)
    }

    async fn addresses(&self, destination: &Destination) -> Result<Vec<SocketAddr>, ExchangeError> {
        let found = self
            .dns
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
            return Err(ExchangeError::Refused {
                address: first,
                setting: self.guard.setting(),
            });
        }
        Ok(checked)
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

/// The place to ask next, if the answer is a redirect for this method and says where to.
fn redirect<'a>(question: &Question, answer: &'a Answer) -> Option<&'a str> {
    let follows = match answer.status.as_u16() {
        301..=303 => question.method == Method::GET,
        307 | 308 => true,
        _ => false,
    };
    let location = answer.headers.get(LOCATION).filter(|_| follows)?;
    location.to_str().ok()
}

/// A redirect may not drop the encryption, and is guarded as its origin was.
fn onward(from: &Destination, to: &Url) -> Result<Destination, ExchangeError> {
    let onward =
        Destination::of_url(to, from.reach).map_err(|NoDestination| ExchangeError::Redirect)?;
    if from.scheme == Scheme::Https && onward.scheme == Scheme::Http {
        return Err(ExchangeError::Redirect);
    }
    Ok(onward)
}
