//! All SQL about users.

use super::{
    list::UserSort,
    model::{Email, Role, User, UserId, UserName},
};
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

macro_rules! listed {
    ($key:literal up) => {
        listed!($key, " > ", " ASC")
    };
    ($key:literal down) => {
        listed!($key, " < ", " DESC")
    };
    ($key:literal, $behind:literal, $direction:literal) => {
        concat!(
            "SELECT id, email, name, role, disabled, created_at, last_seen_at, updated_at, ",
            $key,
            " AS key FROM users WHERE standing = $1 AND ",
            $key,
            $behind,
            "$2 AND search LIKE $3 ESCAPE '!' ORDER BY ",
            $key,
            $direction,
            " LIMIT $4"
        )
    };
}

/// The way through a part of the list that goes in this order.
pub fn statement(sort: UserSort, descending: bool) -> &'static str {
    match (sort, descending) {
        (UserSort::Created, false) => listed!("id" up),
        (UserSort::Created, true) => listed!("id" down),
        (UserSort::Name, false) => listed!("by_name" up),
        (UserSort::Name, true) => listed!("by_name" down),
        (UserSort::Seen, false) => listed!("by_seen" up),
        (UserSort::Seen, true) => listed!("by_seen" down),
    }
}

/// An account of a list, and where it stands there.
#[derive(Debug, sqlx::FromRow)]
pub struct ListedUser {
    #[sqlx(flatten)]
    pub user: User,
    pub key: String,
}

/// A page of the accounts with this role that are disabled or are not, behind a key of the order, with `pattern` in name
/// or address.
pub async fn page(
    db: impl Into<Executor<'_>>,
    statement: &'static str,
    (role, disabled): (Role, bool),
    behind: &str,
    pattern: &str,
    most: i64,
) -> Result<Vec<ListedUser>, DbError> {
    let standing = if disabled {
        format!("{role} disabled")
    } else {
        role.to_string()
    };
    sql!(db => all ListedUser, statement, standing, behind, pattern, most)
}

/// The account.
pub async fn find(db: impl Into<Executor<'_>>, id: UserId) -> Result<Option<User>, DbError> {
    sql!(db => optional User,
        "SELECT id, email, name, role, disabled, created_at, last_seen_at, updated_at
         FROM users WHERE id = $1",
        id)
}

/// Every account made after `last`, oldest first, at most `most`.
pub async fn made_after(
    db: impl Into<Executor<'_>>,
    last: Option<UserId>,
    most: i64,
) -> Result<Vec<User>, DbError> {
    let last = last.map_or_else(String::new, |id| id.to_string());
    sql!(db => all User,
        "SELECT id, email, name, role, disabled, created_at, last_seen_at, updated_at
         FROM users WHERE id > $1 ORDER BY id LIMIT $2",
        last, most)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestApp, years};

    #[tokio::test]
    async fn a_page_in_any_order_is_found_without_the_other_accounts() {
        let app = TestApp::start().await;
        let db = &app.app().db;
        years::pass(db).await;
        for (sort, index) in [
            (UserSort::Created, "users_by_standing"),
            (UserSort::Name, "users_by_name"),
            (UserSort::Seen, "users_by_seen"),
        ] {
            for descending in [false, true] {
                let behind = if descending { "'zzzzzzzz'" } else { "''" };
                // Where nearly all are wanted PostgreSQL may go through all in that order: it finds a page as soon.
                for (standing, is_rare) in [("'user'", false), ("'user disabled'", true)] {
                    let literals = [standing, behind, "'%'", "51"];
                    let plan = db.plan(statement(sort, descending), &literals).await;
                    assert!(!is_rare || plan.contains(index), "{index}: {plan}");
                    for whole in ["SCAN", "Seq Scan", "TEMP B-TREE", "Sort"] {
                        assert!(!plan.contains(whole), "{whole}: {plan}");
                    }
                }
            }
        }
    }
}
