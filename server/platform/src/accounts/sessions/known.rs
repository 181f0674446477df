//! Sessions that were read a moment ago, so that a request need not read its own again.
//! Whatever ends a session or changes an account makes all of them forgotten, at once (see `db::access`).

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;

use super::store::SessionUser;
use crate::clock::Timestamp;

// For what changes the database past this server, by hand: nothing else depends on it.
const BELIEVED: Duration = Duration::from_secs(10);
const MOST: usize = 4096;

/// What is known of sessions, by their tokens' hashes.
#[derive(Debug, Default)]
pub struct KnownSessions(Mutex<HashMap<String, Known>>);

#[derive(Debug)]
struct Known {
    session: SessionUser,
    read_at: Timestamp,
    /// How often access had changed before it was read.
    changes: u64,
}

impl Known {
    fn holds(&self, changes: u64, now: Timestamp) -> bool {
        // A clock that was set back makes nothing last longer.
        let fresh = self.read_at <= now && now.since(self.read_at) < BELIEVED;
        self.changes == changes && fresh
    }
}

impl KnownSessions {
    /// The session, if it was read since access changed and has not expired.
    pub fn find(&self, token_hash: &str, changes: u64, now: Timestamp) -> Option<SessionUser> {
        let sessions = self.0.lock();
        let known = sessions.get(token_hash)?;
        let holds = known.holds(changes, now) && known.session.session_expires_at > now;
        holds.then(|| known.session.clone())
    }

    /// Remembers a session. `changes` is how often access had changed before it was read.
    pub fn remember(&self, token_hash: String, session: SessionUser, changes: u64, now: Timestamp) {
        let mut sessions = self.0.lock();
        if sessions.len() >= MOST {
            sessions.retain(|_, known| known.holds(changes, now));
        }
        if sessions.len() >= MOST {
            sessions.clear();
        }
        let known = Known {
            session,
            read_at: now,
            changes,
        };
        sessions.insert(token_hash, known);
    }

    /// Forgets one session: something about it was written that concerns no right.
    pub fn forget(&self, token_hash: &str) {
        self.0.lock().remove(token_hash);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::json;

    use super::*;
    use crate::{
        db::outbox,
        testing::{PASSWORD, TestApp, TestClient},
    };

    /// Writes past the server, as somebody with a shell may.
    async fn by_hand(app: &TestApp, statement: &'static str) {
        let mut tx = app.app().db.begin().await.unwrap();
        crate::db::sql!(&mut tx => execute, statement).unwrap();
        tx.commit().await.unwrap();
    }

    /// Other servers on the database are heard, and all that was told: until then nothing is kept.
    async fn listening(app: &TestApp) {
        let app = app.app();
        let heard = async || {
            let kept = outbox::kept(&app.db).await.unwrap();
            app.db.access_changes().is_some() && app.events.newest() == kept.newest
        };
        while !heard().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn name(who: &mut TestClient) -> serde_json::Value {
        who.get("/api/auth/me").await.json["name"].clone()
    }

    #[tokio::test]
    async fn a_session_is_read_once_and_again_after_ten_seconds() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        listening(&app).await;
        assert_eq!(name(&mut ada).await, "ada");
        by_hand(&app, "UPDATE users SET name = 'Grace'").await;
        assert_eq!(name(&mut ada).await, "ada");
        app.advance(BELIEVED);
        assert_eq!(name(&mut ada).await, "Grace");
    }

    #[tokio::test]
    async fn whatever_ends_a_session_ends_it_for_the_very_next_request() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let sign_in = json!({"email": "ada@example.org", "password": PASSWORD});
        let another = async || {
            app.advance(Duration::from_millis(1));
            let mut phone = app.browser();
            let answer = phone.post("/api/auth/sign-in", sign_in.clone()).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(phone.get("/api/auth/me").await.status, 200);
            phone
        };

        let mut phone = another().await;
        let mut copy = phone.clone();
        assert_eq!(
            phone.post("/api/auth/sign-out", json!(null)).await.status,
            204
        );
        assert_eq!(copy.get("/api/auth/me").await.status, 401, "signed out");

        let mut phone = another().await;
        let newest = ada.get("/api/auth/sessions").await.json["items"][0]["id"].clone();
        let path = format!("/api/auth/sessions/{}", newest.as_str().unwrap());
        assert_eq!(ada.delete(&path).await.status, 204);
        assert_eq!(phone.get("/api/auth/me").await.status, 401, "revoked");

        let mut phone = another().await;
        let mut copy = ada.clone();
        let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
        assert_eq!(ada.post("/api/auth/password", change).await.status, 200);
        assert_eq!(
            phone.get("/api/auth/me").await.status,
            401,
            "another password"
        );
        assert_eq!(
            copy.get("/api/auth/me").await.status,
            401,
            "the token before"
        );
        assert_eq!(ada.get("/api/auth/me").await.status, 200);

        let path = format!("/api/users/{}", ada.user_id);
        let disabled = admin.patch(&path, json!({"disabled": true})).await;
        assert_eq!(disabled.status, 200, "{disabled:?}");
        assert_eq!(ada.get("/api/auth/me").await.status, 401, "disabled");
    }

    #[tokio::test]
    async fn a_role_a_name_and_an_account_that_go_are_gone_for_the_very_next_request() {
        let app = TestApp::start().await;
        let mut admin = app.admin().await;
        let mut ada = app.user("ada").await;
        let path = format!("/api/users/{}", ada.user_id);
        assert_eq!(ada.get("/api/users").await.status, 403);
        admin.patch(&path, json!({"role": "admin"})).await;
        assert_eq!(ada.get("/api/users").await.status, 200);
        admin
            .patch(&path, json!({"role": "user", "name": "Grace"}))
            .await;
        assert_eq!(ada.get("/api/users").await.status, 403);
        assert_eq!(name(&mut ada).await, "Grace");
        ada.patch("/api/auth/me", json!({"name": "Ada"})).await;
        assert_eq!(name(&mut ada).await, "Ada");
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
    }

    #[tokio::test]
    async fn a_session_that_is_known_expires_by_the_clock_and_is_noted_as_used() {
        let app = TestApp::start().await;
        let mut ada = app.user("ada").await;
        let mut copy = ada.clone();
        app.advance(Duration::from_mins(5));
        // Read and noted as used; read again; known.
        for _ in 0..3 {
            assert_eq!(ada.get("/api/auth/me").await.status, 200);
        }
        let sessions = copy.get("/api/auth/sessions").await;
        assert_eq!(sessions.json["items"][0]["last_seen_at"], app.app().now().0);

        by_hand(
            &app,
            "UPDATE sessions SET expires_at = last_seen_at + 15000",
        )
        .await;
        app.advance(BELIEVED);
        assert_eq!(ada.get("/api/auth/me").await.status, 200);
        app.advance(Duration::from_secs(5));
        assert_eq!(ada.get("/api/auth/me").await.status, 401);
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_ended_is_not_believed_after_it() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let db = &app.app().db;
        listening(&app).await;
        let before = db.access_changes().unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.changes_access();
        let during = db.access_changes().unwrap();
        tx.commit().await.unwrap();
        let after = db.access_changes().unwrap();
        assert!(
            before < during && during < after,
            "{before} {during} {after}"
        );
        let mut tx = db.begin().await.unwrap();
        tx.changes_access();
        drop(tx);
        assert!(
            db.access_changes().unwrap() > after + 1,
            "also when it is rolled back"
        );
    }

    /// Only these write sessions or accounts without a change of rights.
    const CHANGE_NO_RIGHT: [&str; 4] = [
        "touch_session",
        "seen",
        "delete_expired_sessions",
        "find_to_change",
    ];

    #[test]
    fn every_statement_that_ends_sessions_or_changes_accounts_says_so() {
        let mut found = Vec::new();
        look(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        found.sort_unstable();
        found.dedup();
        let expected = [
            "delete",
            "delete_expired_sessions",
            "delete_oldest_sessions",
            "delete_other_sessions",
            "delete_session",
            "delete_sessions",
            "find_to_change",
            "replace_token",
            "save",
            "seen",
            "touch_session",
        ];
        assert_eq!(found, expected);
    }

    /// Names the functions with such a statement, and fails for one that keeps it to itself.
    fn look(path: &Path, found: &mut Vec<String>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                look(&entry.unwrap().path(), found);
            }
            return;
        }
        let text = fs::read_to_string(path).unwrap();
        // Tests write as they like.
        let text = text.split("\nmod tests {").next().unwrap();
        for (verb, table) in [
            ("UPDATE", "sessions"),
            ("DELETE FROM", "sessions"),
            ("UPDATE", "users"),
            ("DELETE FROM", "users"),
        ] {
            for (at, _) in text.match_indices(&format!("\"{verb} {table}")) {
                let start = text[..at].rfind("async fn ").unwrap();
                let end = text[at..].find("\n}\n").map_or(text.len(), |end| at + end);
                let function = &text[start..end];
                let name = function["async fn ".len()..].split('(').next().unwrap();
                let says_so = function.contains("tx.changes_access()");
                assert!(
                    says_so || CHANGE_NO_RIGHT.contains(&name),
                    "{name} in {}",
                    path.display()
                );
                found.push(name.to_owned());
            }
        }
    }
}
