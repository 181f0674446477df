//! Shows the authority that a name is ours.

use std::time::Duration;

use acme::{Proof, Proofs, Way};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{StatusCode, header::CONTENT_TYPE};

use super::{look::look, model::SiteCertificate, store};
use crate::{app::App, config::Config, db::DbError};

/// Where an authority asks, before its token (RFC 8555, 8.3).
pub const PROOFS: &str = "/.well-known/acme-challenge/";

/// An order takes no longer.
const SHOWN: Duration = Duration::from_mins(10);
/// Other replicas look every two seconds.
const UNTIL_ALL_HAVE_SEEN: Duration = Duration::from_secs(5);
const LONGEST_TOKEN: usize = 256;

/// Shows proofs through the database, wherever the authority asks.
pub struct ShowsProofs<'a> {
    pub app: &'a App,
    pub site: &'a SiteCertificate,
}

impl Proofs for ShowsProofs<'_> {
    type Error = DbError;

    async fn show(&self, proof: &Proof) -> Result<(), DbError> {
        let until = self.app.now() + SHOWN;
        let digest = STANDARD.encode(&proof.digest);
        let mut tx = self.app.db.begin().await?;
        store::show_proof(&mut tx, proof, &digest, until).await?;
        tx.commit().await?;
        if proof.way == Way::Tls {
            look(self.app, self.site).await?;
            if may_have_replicas(&self.app.config) {
                tokio::time::sleep(UNTIL_ALL_HAVE_SEEN).await;
            }
        }
        Ok(())
    }
}

/// Only such sites share a database.
fn may_have_replicas(config: &Config) -> bool {
    config.livekit.external && !config.matrix.enabled
}

/// Answers the authority.
pub(super) async fn answer(State(app): State<App>, Path(token): Path<String>) -> Response {
    if token.len() > LONGEST_TOKEN {
        return StatusCode::NOT_FOUND.into_response();
    }
    match store::answer(&app.db, &token, app.now()).await {
        Ok(Some(key_authorization)) => {
            let kind = [(CONTENT_TYPE, "application/octet-stream")];
            (kind, key_authorization).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::warn!(%error, "a proof for the certificate authority cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
