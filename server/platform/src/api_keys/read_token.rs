//! Reads a program's token: is it signed with a key that is good, does it keep below the key's ceiling and to its rooms?

use std::time::{Duration, SystemTime};

use livekit_wire::{
    ApiKeys, Claims, TokenError, VideoGrants,
    token::{SignError, read_unverified, sign, verify},
};
use secrecy::SecretString;
use thiserror::Error;

use super::{
    model::{ApiKey, ApiKeyGrant, ApiKeyId},
    secret, store,
};
use crate::{accounts::token, app::App, clock::Timestamp, db::DbError};

const NOTE_EVERY: Duration = Duration::from_mins(1);

/// A token of a key, that is good and grants no more than the key may.
#[derive(Debug)]
pub struct ProgramToken {
    pub api_key: ApiKey,
    pub claims: Claims,
    not_before: SystemTime,
    expires_at: SystemTime,
}

/// Why a program's token is worthless.
#[derive(Debug, Error)]
pub enum TokenRefused {
    #[error("{0}")]
    Token(#[from] TokenError),
    #[error("the API key was revoked")]
    Revoked,
    #[error("tokens of this API key may not grant {0}")]
    Beyond(ApiKeyGrant),
    #[error("this API key may not touch the room {0:?}")]
    OtherRoom(String),
    #[error(transparent)]
    Signing(#[from] SignError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl ProgramToken {
    /// The room that it is about; empty where it is about none.
    pub fn room(&self) -> &str {
        self.claims.video.as_ref().map_or("", |video| &video.room)
    }

    /// Whether it lets its holder into its room.
    pub fn joins(&self) -> bool {
        self.claims
            .video
            .as_ref()
            .is_some_and(|video| video.room_join)
    }

    /// The same claims for the same time, in the site's own name: what the media server believes.
    pub fn for_media_server(&self, app: &App) -> Result<String, SignError> {
        let lifetime = self.expires_at.duration_since(self.not_before);
        let lifetime = lifetime.unwrap_or_default();
        app.livekit.sign(&self.claims, self.not_before, lifetime)
    }
}

/// Signs a token of the key, that grants no more than the key may.
pub fn sign_token(
    app: &App,
    api_key: &ApiKey,
    claims: &Claims,
    (from, lifetime): (Timestamp, Duration),
) -> Result<String, TokenRefused> {
    fits(api_key, claims)?;
    let secret = secret::of(&api_key.key, &app.livekit.endpoint().api_secret);
    Ok(sign(claims, &api_key.key, &secret, from.into(), lifetime)?)
}

fn fits(api_key: &ApiKey, claims: &Claims) -> Result<(), TokenRefused> {
    if api_key.revoked_at.is_some() {
        return Err(TokenRefused::Revoked);
    }
    if let Some(grant) = api_key.grants.beyond(claims) {
        return Err(TokenRefused::Beyond(grant));
    }
    match other_room(api_key, claims.video.as_ref()) {
        Some(room) => Err(TokenRefused::OtherRoom(room.to_owned())),
        None => Ok(()),
    }
}

/// Reads a token that is used; `None` where its issuer is no key of ours.
pub async fn read_token(app: &App, token: &str) -> Result<Option<ProgramToken>, TokenRefused> {
    let read = look_at_token(app, token).await?;
    if let Some(program) = &read {
        note_use(app, &program.api_key).await?;
    }
    Ok(read)
}

/// Reads a token that somebody only looks at; `None` where its issuer is no key of ours.
pub async fn look_at_token(app: &App, token: &str) -> Result<Option<ProgramToken>, TokenRefused> {
    let Ok(unverified) = read_unverified(token) else {
        return Ok(None);
    };
    // Most tokens are the site's own.
    if unverified.api_key == app.livekit.endpoint().api_key {
        return Ok(None);
    }
    let Some(api_key) = store::by_issuer(&app.db, &unverified.api_key).await? else {
        return Ok(None);
    };
    let secret = secret::of(&api_key.key, &app.livekit.endpoint().api_secret);
    let keys = ApiKeys::one(api_key.key.clone(), secret);
    let verified = verify(token, &keys, app.now().into())?;
    fits(&api_key, &verified.claims)?;
    Ok(Some(ProgramToken {
        api_key,
        not_before: verified.not_before.unwrap_or_else(|| app.now().into()),
        expires_at: verified.expires_at,
        claims: verified.claims,
    }))
}

/// The first room in a token that its key may not touch.
fn other_room<'a>(api_key: &ApiKey, video: Option<&'a VideoGrants>) -> Option<&'a str> {
    let video = video?;
    [&video.room, &video.destination_room]
        .into_iter()
        .map(String::as_str)
        .find(|room| !room.is_empty() && !api_key.may_touch(room))
}

/// The key that tokens with this issuer are of.
pub async fn by_issuer(app: &App, issuer: &str) -> Result<Option<ApiKey>, DbError> {
    store::by_issuer(&app.db, issuer).await
}

/// The key with this id.
pub async fn find(app: &App, id: ApiKeyId) -> Result<Option<ApiKey>, DbError> {
    store::find(&app.db, id).await
}

/// The key with this secret, while it is good.
pub async fn find_by_secret(
    app: &App,
    key: &str,
    secret: &SecretString,
) -> Result<Option<ApiKey>, DbError> {
    let Some(api_key) = store::by_issuer(&app.db, key).await? else {
        return Ok(None);
    };
    let expected = secret::of(&api_key.key, &app.livekit.endpoint().api_secret);
    // Of hashes, so that the time says nothing of the secret.
    let right = token::hash(&expected) == token::hash(secret);
    if !right || api_key.revoked_at.is_some() {
        return Ok(None);
    }
    note_use(app, &api_key).await?;
    Ok(Some(api_key))
}

// A write per request would make every read wait for the database's one writer.
async fn note_use(app: &App, api_key: &ApiKey) -> Result<(), DbError> {
    let now = app.now();
    let since = now - NOTE_EVERY;
    if api_key.last_used_at.is_some_and(|used| used >= since) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    store::note_use(&mut tx, api_key.id, now, since).await?;
    tx.commit().await
}
