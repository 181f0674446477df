//! Answers Prometheus: this server's numbers, its media server's where that tells them, and those of services mounted here.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header::WWW_AUTHENTICATE};
use http_edge::metrics::{answer, joined};
use parking_lot::Mutex;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::gather::gather;
use crate::{
    app::App,
    http::{Problem, bearer_tokens},
};

/// Writes a service's own numbers; nothing, where it cannot.
pub type Source = Box<dyn Fn() -> Option<String> + Send + Sync>;

/// Services beside the platform whose numbers belong to this server.
#[derive(Default)]
pub struct Sources(Mutex<Vec<Source>>);

impl Sources {
    /// Another one; its names begin with a prefix of their own.
    pub fn add(&self, source: Source) {
        self.0.lock().push(source);
    }

    fn texts(&self) -> Vec<String> {
        self.0.lock().iter().filter_map(|source| source()).collect()
    }
}

/// Answers with everything, for those who know the token where there is one.
pub(super) async fn scrape(State(app): State<App>, headers: HeaderMap) -> Response {
    if !may_look(&app, &headers) {
        let problem = Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Metrics need the bearer token of the configuration.",
        );
        return ([(WWW_AUTHENTICATE, "Bearer")], problem).into_response();
    }
    match text(&app).await {
        Ok(text) => answer(text),
        Err(problem) => problem.into_response(),
    }
}

fn may_look(app: &App, headers: &HeaderMap) -> bool {
    let Some(token) = &app.config.metrics.bearer_token else {
        return true;
    };
    // Hashes take the same time to compare whatever was guessed.
    let right = Sha256::digest(token.expose_secret());
    bearer_tokens(headers).any(|told| Sha256::digest(told) == right)
}

async fn text(app: &App) -> Result<String, Problem> {
    let (gathered, media) = tokio::join!(gather(app), app.livekit.metrics(app.now()));
    let own = app.counters.metrics().text();
    let own = own.map_err(|error| Problem::internal(&error))?;
    let gathered = gathered?.text();
    let gathered = gathered.map_err(|error| Problem::internal(&error))?;
    let media = media.unwrap_or_else(|error| {
        tracing::debug!(%error, "the media server's metrics cannot be read");
        None
    });
    let texts = [own, gathered].into_iter().chain(media);
    Ok(joined(texts.chain(app.metric_sources.texts())))
}
