//! Whether the database can be opened and takes writes.

use crate::{Check, Finding, facts::Facts};

/// Judges it.
pub fn database(facts: &Facts) -> Vec<Finding> {
    let check = Check::Database;
    vec![match &facts.database {
        Ok(what) => Finding::ok(check, format!("The database takes writes: {what}.")),
        Err(why) => Finding::fail(
            check,
            format!("The database (database.url) cannot be used: {why}."),
            "Compare database.url with the server's address, name and password; for SQLite, look at the rights and the space of its folder.",
        ),
    }]
}
