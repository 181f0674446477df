//! What was read from the database and holds until something is written to it. It must not know what that is.
//!
//! Nobody names what a change makes old: any change makes everything old. So no change can be forgotten.

use std::{collections::HashMap, hash::Hash, time::Duration};

use parking_lot::Mutex;

use super::Database;
use crate::clock::Timestamp;

// For what writes past this server: the command line, an administrator with a shell.
const BELIEVED: Duration = Duration::from_secs(1);

/// Values that were read since the last write, by what they were asked with.
#[derive(Debug)]
pub struct Known<Key, Value> {
    most: usize,
    read: Mutex<ReadSince<Key, Value>>,
}

#[derive(Debug)]
struct ReadSince<Key, Value> {
    /// How often the database had been written before any of it was read.
    writes: u64,
    at: Timestamp,
    weight: usize,
    values: HashMap<Key, Value>,
}

impl<Key: Eq + Hash, Value: Clone> Known<Key, Value> {
    /// Keeps values of up to `most` together, in whatever `weight` counts.
    pub fn new(most: usize) -> Known<Key, Value> {
        Known {
            most,
            read: Mutex::new(ReadSince {
                writes: 0,
                at: Timestamp(i64::MIN),
                weight: 0,
                values: HashMap::new(),
            }),
        }
    }

    /// The value as it was read since the last write, or else as `read` finds it. Where others may write unheard it is
    /// read each time.
    pub async fn or_read<Error>(
        &self,
        (db, now): (&Database, Timestamp),
        key: Key,
        weight: impl FnOnce(&Value) -> usize,
        read: impl AsyncFnOnce() -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        // Counted before it is read: a write meanwhile makes it old.
        let Some(writes) = db.writes() else {
            return read().await;
        };
        if let Some(value) = self.find(&key, writes, now) {
            return Ok(value);
        }
        let value = read().await?;
        self.remember(key, value.clone(), weight(&value), writes, now);
        Ok(value)
    }

    fn find(&self, key: &Key, writes: u64, now: Timestamp) -> Option<Value> {
        let read = self.read.lock();
        if !read.holds(writes, now) {
            return None;
        }
        read.values.get(key).cloned()
    }

    fn remember(&self, key: Key, value: Value, weight: usize, writes: u64, now: Timestamp) {
        let mut read = self.read.lock();
        if read.writes > writes {
            return;
        }
        if !read.holds(writes, now) || read.weight + weight > self.most {
            read.values.clear();
            read.weight = 0;
            (read.writes, read.at) = (writes, now);
        }
        if weight <= self.most {
            read.weight += weight;
            read.values.insert(key, value);
        }
    }
}

impl<Key, Value> ReadSince<Key, Value> {
    fn holds(&self, writes: u64, now: Timestamp) -> bool {
        // A clock that was set back makes nothing last longer.
        let fresh = self.at <= now && now.since(self.at) < BELIEVED;
        self.writes == writes && fresh
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::ready};

    use super::*;
    use crate::{db::Tx, testing::database};

    const NOW: Timestamp = Timestamp(1_000_000);

    struct Asked {
        db: Database,
        known: Known<&'static str, u64>,
        reads: u64,
        _folder: tempfile::TempDir,
    }

    impl Asked {
        async fn new(most: usize) -> Asked {
            let folder = tempfile::tempdir().unwrap();
            Asked {
                db: database::open(folder.path()).await,
                known: Known::new(most),
                reads: 0,
                _folder: folder,
            }
        }

        /// Which read answers.
        async fn ask(&mut self, key: &'static str, now: Timestamp) -> u64 {
            let reads = &mut self.reads;
            let read = async || {
                *reads += 1;
                Ok::<_, Infallible>(*reads)
            };
            let at = (&self.db, now);
            self.known.or_read(at, key, |_| 1, read).await.unwrap()
        }

        /// Whether others write unheard.
        fn is_shared(&self) -> bool {
            self.db.backend() == "postgres"
        }

        async fn begin(&self) -> Tx {
            self.db.begin().await.unwrap()
        }
    }

    #[tokio::test]
    async fn what_was_read_holds_until_anything_is_written_or_a_second_has_passed() {
        let mut asked = Asked::new(10).await;
        if asked.is_shared() {
            assert_eq!(asked.ask("a", NOW).await, 1);
            assert_eq!(asked.ask("a", NOW).await, 2);
            return;
        }
        assert_eq!(asked.ask("a", NOW).await, 1);
        assert_eq!(asked.ask("a", NOW + Duration::from_millis(999)).await, 1);
        asked.begin().await.commit().await.unwrap();
        assert_eq!(asked.ask("a", NOW).await, 2);
        assert_eq!(asked.ask("a", NOW + BELIEVED).await, 3);
        assert_eq!(asked.ask("a", NOW).await, 4, "the clock was set back");
    }

    #[tokio::test]
    async fn what_is_read_while_something_is_written_is_not_kept() {
        let mut asked = Asked::new(10).await;
        let at = (&asked.db, NOW);
        let meanwhile = async || {
            asked.begin().await.commit().await.unwrap();
            Ok::<_, Infallible>(100)
        };
        let read = asked.known.or_read(at, "a", |_| 1, meanwhile).await;
        assert_eq!(read, Ok(100));
        assert_eq!(asked.ask("a", NOW).await, 1);
    }

    #[tokio::test]
    async fn a_commit_that_nobody_waits_for_counts_when_it_is_done() {
        let mut asked = Asked::new(10).await;
        let commit = asked.begin().await.commit();
        // Asked for, and given up at once.
        tokio::select! {
            biased;
            _ = commit => {}
            () = ready(()) => {}
        }
        asked.ask("a", NOW).await;
        if let Database::Sqlite { writer, .. } = &asked.db {
            // Whoever gets the connection next: what was under way is done, and counted.
            writer.acquire().await.unwrap();
        }
        assert_eq!(asked.ask("a", NOW).await, 2);
    }

    #[tokio::test]
    async fn no_more_is_kept_than_was_said() {
        let mut asked = Asked::new(2).await;
        for key in ["a", "b", "c"] {
            asked.ask(key, NOW).await;
        }
        assert_eq!(asked.ask("a", NOW).await, 4);
        assert!(asked.known.read.lock().values.len() <= 2);
    }
}
