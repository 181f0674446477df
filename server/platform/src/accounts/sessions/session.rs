//! Starts and ends sessions.

use secrecy::SecretString;

use super::{
    Device, SessionId, SessionKind,
    store::{self, NewSession},
};
use crate::{
    accounts::{
        self, Devices, LeaveCalls, User, UserId,
        token::{self, SESSION_PREFIX},
    },
    app::App,
    db::{DbError, Tx},
    happenings::{self, Happening},
};

// Enough for every device of a person; more is a script that never signs out.
const MOST_SESSIONS: i64 = 100;

/// Starts a session on `device`; only the token's hash is kept. Of too many, those longest unused end.
pub async fn start(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    device: &Device,
    kind: SessionKind,
    label: Option<&str>,
) -> Result<(SessionId, SecretString), DbError> {
    let now = app.now();
    let token = token::new(&app.random, SESSION_PREFIX);
    let session = NewSession {
        id: SessionId::new(&app.random, now),
        user_id: user,
        token_hash: token::hash(&token),
        kind,
        label,
        user_agent: device.user_agent.as_deref(),
        ip: device.ip.0.to_string(),
        created_at: now,
        expires_at: now + app.config.auth.session_lifetime(),
    };
    store::insert_session(tx, &session).await?;
    for ended in store::delete_oldest_sessions(tx, user, MOST_SESSIONS).await? {
        leave_calls(app, tx, user, Devices::Only(ended.device())).await?;
    }
    accounts::store::seen(tx, user, now).await?;
    Ok((session.id, token))
}

/// Gives a session a new token; the one before is worthless. `None` when the session has ended.
pub async fn renew(
    app: &App,
    tx: &mut Tx,
    session: SessionId,
) -> Result<Option<(SessionKind, SecretString)>, DbError> {
    let token = token::new(&app.random, SESSION_PREFIX);
    let kind = store::replace_token(tx, session, &token::hash(&token)).await?;
    Ok(kind.map(|kind| (kind, token)))
}

/// Ends one session of `user`, and the calls and streams of that device; whether there was one.
pub async fn end(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
) -> Result<bool, DbError> {
    let ended = store::delete_session(tx, user, session).await?;
    if ended {
        leave_calls(app, tx, user, Devices::Only(session.device())).await?;
    }
    Ok(ended)
}

/// Ends every session of `user` but `keep`, and the calls of those devices; see [`end`].
pub async fn end_others(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    keep: SessionId,
) -> Result<(), DbError> {
    store::delete_other_sessions(tx, user, keep).await?;
    leave_calls(app, tx, user, Devices::AllBut(keep.device())).await
}

async fn leave_calls(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    devices: Devices,
) -> Result<(), DbError> {
    happenings::tell(app, tx, None, None, &Happening::SessionsEnded(user)).await?;
    app.jobs.enqueue(tx, &LeaveCalls { user, devices }).await
}

/// The account behind a session as it is now; `None` when either has ended.
pub async fn current(app: &App, session: SessionId) -> Result<Option<User>, DbError> {
    store::user_of_session(&app.db, session, app.now()).await
}

/// Ends every session of `user`, and the calls of their devices; see [`end`].
pub async fn end_all(app: &App, tx: &mut Tx, user: UserId) -> Result<(), DbError> {
    store::delete_sessions(tx, user).await?;
    leave_calls(app, tx, user, Devices::All).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{http::ClientIp, testing::TestApp};

    #[tokio::test]
    async fn of_too_many_sessions_the_one_longest_unused_ends() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let user = ada.user_id.parse().unwrap();
        let device = Device {
            ip: ClientIp("192.0.2.1".parse().unwrap()),
            user_agent: None,
        };
        for _ in 0..MOST_SESSIONS {
            app.advance(Duration::from_secs(1));
            let mut tx = app.app().db.begin().await.unwrap();
            start(app.app(), &mut tx, user, &device, SessionKind::Bearer, None)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        let sessions = store::sessions(&app.app().db, user, app.app().now(), "~", 1000).await;
        assert_eq!(
            sessions.unwrap().len(),
            usize::try_from(MOST_SESSIONS).unwrap()
        );
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
    }
}
