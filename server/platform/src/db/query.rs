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
/// [`in_a_row`](crate::db::in_a_row). (Neither lists nor JSON are the same in both databases.) What is left of a text is
/// copied for each id that is taken from it, so a long one is cut into parts of fifty ids first: ten thousand ids took
/// two seconds of SQLite's time without that, and take a thirtieth with it.
macro_rules! each_id {
    ($place:literal) => {
        concat!(
            "WITH RECURSIVE parts (part, others) AS (
                 SELECT substr(",
            $place,
            ", 1, 1800), substr(",
            $place,
            ", 1801)
                 UNION ALL
                 SELECT substr(others, 1, 1800), substr(others, 1801) FROM parts WHERE others <> ''),
             wanted (id, others) AS (
                 SELECT substr(part, 1, 36), substr(part, 37) FROM parts
                 UNION ALL
                 SELECT substr(others, 1, 36), substr(others, 37) FROM wanted WHERE others <> '')"
        )
    };
}

pub(crate) use {each_id, sql};

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::{db, testing::database};

    #[tokio::test]
    async fn each_id_of_a_row_is_told_once_however_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let db = database::open(folder.path()).await;
        for count in [1, 49, 50, 51, 100, 150, 151] {
            let ids: Vec<Uuid> = (0..count).map(Uuid::from_u128).collect();
            let query = concat!(each_id!("$1"), " SELECT id FROM wanted ORDER BY id");
            let rows = sql!(&db => all (String,), query, db::in_a_row(&ids)).unwrap();
            let told: Vec<String> = rows.into_iter().map(|(id,)| id).collect();
            let expected: Vec<String> = ids.iter().map(ToString::to_string).collect();
            assert_eq!(told, expected, "{count}");
        }
    }
}
