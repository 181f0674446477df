//! Who sends a request: extractors for signed-in users and those who have rights on the site.

use std::time::Duration;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, request::Parts};

use super::{
    SessionId,
    store::{self, SessionUser},
};
use crate::{
    accounts::{
        self, Right, User,
        cookie::SESSION_COOKIE,
        token::{self, SESSION_PREFIX},
    },
    app::App,
    clock::Timestamp,
    db::DbError,
    http::{Problem, bearer_tokens},
};

// A write per request would make every read wait for the database's one writer.
const TOUCH_EVERY: Duration = Duration::from_mins(5);

/// The signed-in user; without one the request is answered 401. `Option<CurrentUser>` lets it pass.
#[derive(Debug, Clone)]
pub struct CurrentUser {
    pub user: User,
    pub session: SessionId,
}

impl FromRequestParts<App> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<CurrentUser, Problem> {
        current(parts, app)
            .await?
            .ok_or_else(Problem::unauthenticated)
    }
}

impl OptionalFromRequestParts<App> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> Result<Option<CurrentUser>, Problem> {
        current(parts, app).await
    }
}

/// Extractors for those who have a right; anybody else is answered 401 or 403.
macro_rules! holders {
    ($($(#[$doc:meta])* $name:ident: $right:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub CurrentUser);

        impl FromRequestParts<App> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<$name, Problem> {
                with_right(parts, app, Right::$right).await.map($name)
            }
        }
    )*};
}

holders! {
    /// Who sees every room.
    SeesRooms: SeeRooms;
    /// Who moderates every room.
    ModeratesRooms: ModerateRooms;
    /// Who sees the recordings of every room.
    SeesRecordings: SeeRecordings;
    /// Whoever sees the accounts and the record of the site.
    SeesSite: SeeSite;
    /// The signed-in administrator.
    Admin: Administer;
}

async fn with_right(parts: &mut Parts, app: &App, right: Right) -> Result<CurrentUser, Problem> {
    let current = current(parts, app)
        .await?
        .ok_or_else(Problem::unauthenticated)?;
    if current.user.role.may(right) {
        Ok(current)
    } else {
        Err(Problem::forbidden(right.refusal()))
    }
}

/// The session token in the Authorization headers, past whatever a proxy in front puts there of its own.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    bearer_tokens(headers).find(|token| token.starts_with(SESSION_PREFIX))
}

/// The session token of a request: a Bearer token wins over the cookie.
pub fn session_token(parts: &Parts) -> Option<String> {
    bearer(&parts.headers).map(str::to_owned).or_else(|| {
        CookieJar::from_headers(&parts.headers)
            .get(SESSION_COOKIE)
            .map(|cookie| cookie.value().to_owned())
            .filter(|token| token.starts_with(SESSION_PREFIX))
    })
}

async fn current(parts: &mut Parts, app: &App) -> Result<Option<CurrentUser>, Problem> {
    let Some(token) = session_token(parts) else {
        return Ok(None);
    };
    let now = app.now();
    let hash = token::hash_text(&token);
    let Some(found) = session(app, &hash, now).await? else {
        return Ok(None);
    };
    if now.since(found.session_last_seen_at) >= TOUCH_EVERY {
        // On a full disk people can still read.
        if let Err(error) = touch(app, &found, now).await {
            tracing::warn!(%error, "could not note that a session is in use");
        }
        app.sessions.forget(&hash);
    }
    Ok(Some(CurrentUser {
        user: found.user,
        session: found.session_id,
    }))
}

/// The session as it was read a moment ago, or as it is in the database.
async fn session(
    app: &App,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<SessionUser>, DbError> {
    // Counted before it is read: a change meanwhile makes it old.
    let Some(changes) = app.db.access_changes() else {
        return store::session_by_token(&app.db, token_hash, now).await;
    };
    if let Some(known) = app.sessions.find(token_hash, changes, now) {
        return Ok(Some(known));
    }
    let found = store::session_by_token(&app.db, token_hash, now).await?;
    if let Some(found) = &found {
        let sessions = &app.sessions;
        sessions.remember(token_hash.to_owned(), found.clone(), changes, now);
    }
    Ok(found)
}

async fn touch(app: &App, found: &SessionUser, now: Timestamp) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    let expires_at = now + app.config.auth.session_lifetime();
    store::touch_session(&mut tx, found.session_id, now, expires_at).await?;
    accounts::store::seen(&mut tx, found.user.id, now).await?;
    tx.commit().await
}
