//! The one macro that sends a SQL text to whichever backend an executor holds.

/// Runs one SQL text on an `impl Into<Executor<'_>>`, with binds for `$1…`:
///
/// * `sql!(db => execute, "…", a)` → rows affected (`u64`)
/// * `sql!(db => all Row, "…", a)` → `Vec<Row>`, where `Row` derives `sqlx::FromRow`
/// * `sql!(db => one Row, "…", a)`, `sql!(db => optional Row, "…", a)`
/// * `sql!(db => scalar i64, "…", a)`, `sql!(db => optional_scalar String, "…", a)`
///
/// Each is a `Result<_, DbError>`, already awaited.
macro_rules! sql {
    ($db:expr => execute, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::sql!(@run $db, executor,
            sqlx::query($sql)$(.bind($bind))*.execute(executor).await.map(|done| done.rows_affected()))
    };
    ($db:expr => all $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::sql!(@run $db, executor,
            sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(executor).await)
    };
    ($db:expr => one $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::sql!(@run $db, executor,
            sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(executor).await)
    };
    ($db:expr => optional $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::sql!(@run $db, executor,
            sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(executor).await)
    };
    ($db:expr => scalar $value:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::sql!(@run $db, executor,
            sqlx::query_scalar::<_, $value>($sql)$(.bind($bind))*.fetch_one(executor).await)
    };
    ($db:expr => optional_scalar $value:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::sql!(@run $db, executor,
            sqlx::query_scalar::<_, $value>($sql)$(.bind($bind))*.fetch_optional(executor).await)
    };
    (@run $db:expr, $executor:ident, $query:expr) => {
        match Into::<$crate::db::Executor<'_>>::into($db) {
            $crate::db::Executor::SqlitePool($executor) => $query,
            $crate::db::Executor::Sqlite($executor) => $query,
            $crate::db::Executor::PostgresPool($executor) => $query,
            $crate::db::Executor::Postgres($executor) => $query,
        }
    };
}

/// Begins a SQL text with the table `wanted (id)`: the ids that the text bound to this placeholder holds, see
/// [`in_a_row`](crate::db::in_a_row). (Neither lists nor JSON are the same in both databases.)
macro_rules! each_id {
    ($place:literal) => {
        concat!(
            "WITH RECURSIVE wanted (id, others) AS (
                 SELECT substr(",
            $place,
            ", 1, 36), substr(",
            $place,
            ", 37)
                 UNION ALL
                 SELECT substr(others, 1, 36), substr(others, 37) FROM wanted WHERE others <> '')"
        )
    };
}

pub(crate) use {each_id, sql};
