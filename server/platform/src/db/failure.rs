//! What a database error means to whoever asked: the one place that reads the two backends' codes.

use super::DbError;

/// The kinds of failure that an answer tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No room is left to write in: on the disk, or in a quota.
    StorageFull,
    /// It does not answer, or not now; trying again later helps.
    Unavailable,
    /// What a row refers to was deleted meanwhile.
    ReferenceGone,
    /// Anything else is a fault of ours.
    Unexpected,
}

/// Says what `error` means.
pub fn failure(error: &DbError) -> Failure {
    match error {
        DbError::Database(error) if error.is_foreign_key_violation() => Failure::ReferenceGone,
        DbError::Database(error) => {
            let code = error.code().unwrap_or_default();
            match code.parse::<u32>() {
                // SQLSTATEs have five characters; SQLite's codes are at most four digits.
                Ok(number) if code.len() < 5 => sqlite(number),
                _ => postgres(&code),
            }
        }
        DbError::Io(_)
        | DbError::Tls(_)
        | DbError::PoolTimedOut
        | DbError::PoolClosed
        | DbError::WorkerCrashed
        | DbError::InvalidSavePointStatement
        | DbError::BeginFailed => Failure::Unavailable,
        _ => Failure::Unexpected,
    }
}

/// The low byte of an extended result code is the code itself.
fn sqlite(extended: u32) -> Failure {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const NOMEM: u32 = 7;
    const READONLY: u32 = 8;
    const INTERRUPT: u32 = 9;
    const IOERR: u32 = 10;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    match extended & 0xff {
        FULL => Failure::StorageFull,
        BUSY | LOCKED | NOMEM | READONLY | INTERRUPT | IOERR | CANTOPEN => Failure::Unavailable,
        _ => Failure::Unexpected,
    }
}

fn postgres(state: &str) -> Failure {
    match state {
        "53100" => Failure::StorageFull,
        // Read-only (a standby), serialization failure, deadlock, lock not available.
        "25006" | "40001" | "40P01" | "55P03" => Failure::Unavailable,
        // Connection exception, insufficient resources, operator intervention, system error.
        _ if ["08", "53", "57", "58"]
            .iter()
            .any(|class| state.starts_with(class)) =>
        {
            Failure::Unavailable
        }
        _ => Failure::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_backends_are_told_apart() {
        assert_eq!(sqlite(13), Failure::StorageFull);
        // SQLITE_IOERR_WRITE, SQLITE_READONLY_DBMOVED, SQLITE_BUSY_SNAPSHOT.
        for code in [778, 1032, 517] {
            assert_eq!(sqlite(code), Failure::Unavailable, "{code}");
        }
        assert_eq!(sqlite(1), Failure::Unexpected);
        assert_eq!(postgres("53100"), Failure::StorageFull);
        for state in ["08006", "53300", "57P01", "57P03", "58030", "40P01"] {
            assert_eq!(postgres(state), Failure::Unavailable, "{state}");
        }
        assert_eq!(postgres("42601"), Failure::Unexpected);
    }

    #[test]
    fn a_pool_without_a_connection_is_unavailable() {
        assert_eq!(failure(&DbError::PoolTimedOut), Failure::Unavailable);
        assert_eq!(failure(&DbError::RowNotFound), Failure::Unexpected);
    }
}
