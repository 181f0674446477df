//! All SQL about users.

use super::model::{Email, User, UserId, UserName};
use crate::{
    clock::Timestamp,
    db::{self, DbError, Executor, Tx, each_id, sql},
};

/// What searches look through.
fn search_text(email: &Email, name: &UserName) -> String {
    format!("{} {}", name.as_str().to_lowercase(), email.key())
}

/// Inserts a user; a unique violation means that the address has an account.
pub async fn insert(tx: &mut Tx, user: &User) -> Result<(), DbError> {
    sql!(tx => execute,
        "INSERT INTO users (id, email, email_key, search, name, role, disabled, created_at,
                            last_seen_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        user.id, &user.email, user.email.key(), search_text(&user.email, &user.name), &user.name,
        user.role, user.disabled, user.created_at, user.last_seen_at, user.updated_at)?;
    Ok(())
}

/// Reads a user and keeps others from changing the row until `tx` ends.
pub async fn find_to_change(tx: &mut Tx, id: UserId) -> Result<Option<User>, DbError> {
    // Writing takes the row's lock on PostgreSQL; a SELECT that does so is not known to SQLite.
    sql!(tx => optional User,
        "UPDATE users SET updated_at = updated_at WHERE id = $1
         RETURNING id, email, name, role, disabled, created_at, last_seen_at, updated_at",
        id)
}

/// What the user is called now.
pub async fn name(db: impl Into<Executor<'_>>, id: UserId) -> Result<Option<UserName>, DbError> {
    sql!(db => optional_scalar UserName, "SELECT name FROM users WHERE id = $1", id)
}

/// Whose address this is.
pub async fn find_by_email(
    db: impl Into<Executor<'_>>,
    email: &Email,
) -> Result<Option<UserId>, DbError> {
    sql!(db => optional_scalar UserId, "SELECT id FROM users WHERE email_key = $1", email.key())
}

/// The account that has this e-mail address and may sign in.
pub async fn find_enabled_by_email(
    db: impl Into<Executor<'_>>,
    email: &Email,
) -> Result<Option<UserId>, DbError> {
    sql!(db => optional_scalar UserId,
        "SELECT id FROM users WHERE email_key = $1 AND disabled = FALSE", email.key())
}

/// Who somebody is, for those who may know.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Person {
    pub id: UserId,
    pub name: UserName,
    pub email: Email,
}

/// Who these accounts are, in no order; those that are gone are left out.
pub async fn people(db: impl Into<Executor<'_>>, ids: &[UserId]) -> Result<Vec<Person>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql!(db => all Person,
        concat!(each_id!("$1"),
            " SELECT users.id, users.name, users.email FROM wanted JOIN users ON users.id = wanted.id"),
        db::in_a_row(ids))
}

/// Newest first, below the key `before`, with `pattern` in name or address.
pub async fn list(
    db: impl Into<Executor<'_>>,
    pattern: &str,
    before: &str,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    sql!(db => all User,
        "SELECT id, email, name, role, disabled, created_at, last_seen_at, updated_at
         FROM users WHERE search LIKE $1 ESCAPE '!' AND id < $2 ORDER BY id DESC LIMIT $3",
        pattern, before, limit)
}

/// The first administrator who is not disabled, other than `except`.
pub async fn other_admin(
    db: impl Into<Executor<'_>>,
    except: UserId,
) -> Result<Option<UserId>, DbError> {
    sql!(db => optional_scalar UserId,
        "SELECT id FROM users WHERE role = 'admin' AND disabled = FALSE AND id <> $1
         ORDER BY id LIMIT 1",
        except)
}

/// Whether any administrator who is not disabled exists.
pub async fn has_admin(db: impl Into<Executor<'_>>) -> Result<bool, DbError> {
    Ok(sql!(db => scalar i64,
        "SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = FALSE")?
        > 0)
}

/// Writes name, role, disabled and `updated_at`.
pub async fn save(tx: &mut Tx, user: &User) -> Result<(), DbError> {
    tx.changes_access();
    sql!(tx => execute,
        "UPDATE users SET name = $2, search = $3, role = $4, disabled = $5, updated_at = $6
         WHERE id = $1",
        user.id, &user.name, search_text(&user.email, &user.name), user.role, user.disabled,
        user.updated_at)?;
    Ok(())
}

/// Notes that the user was here.
pub async fn seen(tx: &mut Tx, id: UserId, now: Timestamp) -> Result<(), DbError> {
    sql!(tx => execute, "UPDATE users SET last_seen_at = $2 WHERE id = $1", id, now)?;
    Ok(())
}

pub async fn delete(tx: &mut Tx, id: UserId) -> Result<(), DbError> {
    tx.changes_access();
    sql!(tx => execute, "DELETE FROM users WHERE id = $1", id)?;
    Ok(())
}

/// How many accounts there are.
pub async fn count(db: impl Into<Executor<'_>>) -> Result<i64, DbError> {
    sql!(db => scalar i64, "SELECT COUNT(*) FROM users")
}
