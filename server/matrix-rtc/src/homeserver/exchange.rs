//! Asks a homeserver one thing: redirects are followed, and everything is counted. It must not know what is asked.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};
use http_edge::outbound::{
    AddressGuard, Answer, Destination, GuardedClient, GuardedError, Names, NoDestination, Request,
    Scheme,
};
use rustls::ClientConfig;
use tokio::time::Instant;
use url::{Position, Url};

use crate::metrics::HomeserverMetrics;

const MOST_REDIRECTS: u32 = 5;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

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

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// It was not asked, or did not answer.
    #[error(transparent)]
    Exchange(#[from] GuardedError),
    /// It sends us round in circles, to another protocol or nowhere.
    #[error("its redirects lead nowhere")]
    Redirect,
}

/// Makes exchanges with homeservers.
pub struct Exchanges {
    client: GuardedClient,
    metrics: HomeserverMetrics,
}

impl Exchanges {
    pub fn new(
        tls: ClientConfig,
        names: Arc<dyn Names>,
        guard: AddressGuard,
        metrics: HomeserverMetrics,
    ) -> Self {
        Self {
            client: GuardedClient::new(tls, names, guard),
            metrics,
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
            Err(ExchangeError::Exchange(GuardedError::Refused { .. })) => "refused",
            Err(ExchangeError::Exchange(GuardedError::TooLarge)) => "too_large",
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
            let request = request(question, &path_and_query);
            let answer = self.client.ask(&destination, request).await?;
            let Some(location) = redirect(question, &answer) else {
                return Ok(answer);
            };
            let here = destination
                .url(&path_and_query)
                .map_err(GuardedError::Url)?;
            let there = here.join(location).map_err(GuardedError::Url)?;
            if there.origin() != here.origin() {
                destination = onward(&destination, &there)?;
            }
            there[Position::BeforePath..Position::AfterQuery].clone_into(&mut path_and_query);
        }
        Err(ExchangeError::Redirect)
    }
}

fn request(question: &Question, path_and_query: &str) -> Request {
    let mut headers = HeaderMap::from_iter([(ACCEPT, JSON)]);
    let mut body = Bytes::new();
    if question.method == Method::POST {
        headers.insert(CONTENT_TYPE, JSON);
        body = Bytes::from_static(b"{}");
    }
    Request {
        method: question.method.clone(),
        path_and_query: path_and_query.to_owned(),
        headers,
        body,
        largest_answer: question.largest_answer,
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
