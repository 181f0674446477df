//! All SQL about API keys and whom they let in.

use super::{
    list::{ApiKeySort, ApiKeyState},
    model::{ApiKey, ApiKeyId},
};
use crate::{
    accounts::UserId,
    clock::Timestamp,
    db::{DbError, Executor, Tx, sql},
};

macro_rules! columns {
    () => {
        "id, key, name, grants, rooms, created_by_name, created_at, last_used_at, revoked_at"
    };
}

pub async fn insert(tx: &mut Tx, key: &ApiKey, created_by: UserId) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO api_keys (id, key, name, grants, rooms, created_by, created_by_name, created_at, search_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        key.id, &key.key, &key.name, &key.grants, &key.rooms, created_by, &key.created_by_name, key.created_at,
        format!("{}\u{1}{}", key.name, key.key).to_lowercase())?;
    Ok(())
}

macro_rules! listed {
    ($key:literal up) => {
        listed!($key, " > ", " ASC")
    };
    ($key:literal down) => {
        listed!($key, " < ", " DESC")
    };
    ($key:literal, $behind:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", ",
            $key,
            " AS place FROM api_keys WHERE standing = $1 AND ",
            $key,
            $behind,
            "$2 AND search_key LIKE $3 ESCAPE '!' ORDER BY ",
            $key,
            $direction,
            " LIMIT $4"
        )
    };
}

/// The way through a part of the list that goes in this order.
pub fn statement(sort: ApiKeySort, descending: bool) -> &'static str {
    match (sort, descending) {
        (ApiKeySort::Created, false) => listed!("id" up),
        (ApiKeySort::Created, true) => listed!("id" down),
        (ApiKeySort::Name, false) => listed!("search_key" up),
        (ApiKeySort::Name, true) => listed!("search_key" down),
        (ApiKeySort::Used, false) => listed!("by_use" up),
        (ApiKeySort::Used, true) => listed!("by_use" down),
    }
}

/// A key of the list, and where it stands there.
#[derive(Debug, sqlx::FromRow)]
pub struct ListedApiKey {
    #[sqlx(flatten)]
    pub api_key: ApiKey,
    pub place: String,
}

/// A page of the keys in this state, behind a place of the order, with `pattern` in name or key.
pub async fn page(
    db: impl Into<Executor<'_>>,
    statement: &'static str,
    state: ApiKeyState,
    behind: &str,
    pattern: &str,
    most: i64,
) -> Result<Vec<ListedApiKey>, DbError> {
    sql!(db => all ListedApiKey, statement, state.as_str(), behind, pattern, most)
}

pub async fn find(db: impl Into<Executor<'_>>, id: ApiKeyId) -> Result<Option<ApiKey>, DbError> {
    sql!(db => optional ApiKey,
        concat!("SELECT ", columns!(), " FROM api_keys WHERE id = $1"),
        id)
}

/// The key that tokens with this issuer are of.
pub async fn by_issuer(
    db: impl Into<Executor<'_>>,
    issuer: &str,
) -> Result<Option<ApiKey>, DbError> {
    sql!(db => optional ApiKey,
        concat!("SELECT ", columns!(), " FROM api_keys WHERE key = $1"),
        issuer)
}

/// The key as it is from now on; `None` where it was revoked before, or never was.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, now: Timestamp) -> Result<Option<ApiKey>, DbError> {
    sql!(tx => optional ApiKey,
        concat!("UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING ", columns!()),
        id, now)
}

/// A token of the key was good, unless `since` saw it used already.
pub async fn note_use(
    tx: &mut Tx,
    id: ApiKeyId,
    now: Timestamp,
    since: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)",
        id, now, since)?;
    Ok(())
}

/// The key lets somebody into a room, whoever let them in before.
pub async fn admit(
    tx: &mut Tx,
    id: ApiKeyId,
    (room, identity): (&str, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO api_key_participants (room, identity, api_key_id, admitted_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (room, identity) DO UPDATE SET api_key_id = excluded.api_key_id, admitted_at = excluded.admitted_at",
        room, identity, id, now)?;
    Ok(())
}

/// Whether somebody was let into the room by a key that was revoked since.
pub async fn let_in_by_revoked(
    db: impl Into<Executor<'_>>,
    room: &str,
    identity: &str,
) -> Result<bool, DbError> {
    sql!(db => scalar bool,
        "SELECT EXISTS (SELECT 1 FROM api_key_participants
                        JOIN api_keys ON api_keys.id = api_key_participants.api_key_id
                        WHERE room = $1 AND identity = $2 AND revoked_at IS NOT NULL)",
        room, identity)
}

/// Whether this key let somebody into the room, and none after it did.
pub async fn is_let_in(
    db: impl Into<Executor<'_>>,
    id: ApiKeyId,
    (room, identity): (&str, &str),
) -> Result<bool, DbError> {
    sql!(db => scalar bool,
        "SELECT EXISTS (SELECT 1 FROM api_key_participants
                        WHERE room = $1 AND identity = $2 AND api_key_id = $3)",
        room, identity, id)
}

/// Forgets whom keys let in before.
pub async fn forget_admitted(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    sql!(tx => execute, "DELETE FROM api_key_participants WHERE admitted_at < $1", before)
}
