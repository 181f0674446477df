//! Redis as what several processes share: whose turn it is, under a key that expires, and a list of notes.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use livekit_wire::{Identity, RoomName};
use redis::{cmd, pipe};

use super::{Note, RedisStore, Shared, Store, StoreError, Stored, Turn, note_json};

const HOLDER: &str = "convoke:matrix-jwt:holder";
const NOTES: &str = "convoke:matrix-jwt:notes";
/// A process that was killed is followed after so long.
const LASTS: Duration = Duration::from_secs(4);
/// Notes of one look.
const AT_ONCE: usize = 256;
/// Beyond this the oldest are forgotten: what they said is in the store, or is looked up.
const MOST_NOTES: isize = 10_000;

const TAKE: &str = "\
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {0, {}} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local notes = redis.call('LRANGE', KEYS[2], 0, ARGV[3] - 1)
redis.call('LTRIM', KEYS[2], ARGV[3], -1)
return {1, notes}";

const END: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1";

/// A Redis server that other processes use as well.
pub struct SharedRedis {
    store: RedisStore,
    /// Of this process; no other has it.
    name: String,
}

impl SharedRedis {
    /// `number` is this process's own.
    pub fn new(store: RedisStore, number: u64) -> Self {
        Self {
            store,
            name: format!("{number:016x}"),
        }
    }

    async fn take(&self) -> Result<Turn, StoreError> {
        let mut take = cmd("EVAL");
        take.arg(TAKE).arg(2).arg(HOLDER).arg(NOTES);
        let lasts = u64::try_from(LASTS.as_millis()).unwrap_or(u64::MAX);
        take.arg(&self.name).arg(lasts).arg(AT_ONCE);
        let (ours, notes): (u8, Vec<Vec<u8>>) = self.store.ask(&take).await?;
        if ours == 0 {
            return Ok(Turn::Anothers);
        }
        let notes = notes.iter().filter_map(|note| {
            let read = note_json::read(note);
            read.inspect_err(|error| tracing::warn!(%error, "a note is passed over"))
                .ok()
        });
        Ok(Turn::Ours(notes.collect()))
    }

    async fn end(&self) -> Result<(), StoreError> {
        let mut end = cmd("EVAL");
        end.arg(END).arg(1).arg(HOLDER).arg(&self.name);
        self.store.ask(&end).await
    }

    async fn leave(&self, notes: &[Note]) -> Result<(), StoreError> {
        let notes: Result<Vec<String>, _> = notes.iter().map(note_json::write).collect();
        let notes = notes.map_err(|error| StoreError(error.to_string()))?;
        let mut both = pipe();
        both.cmd("RPUSH").arg(NOTES).arg(notes).ignore();
        both.cmd("LTRIM")
            .arg(NOTES)
            .arg(-MOST_NOTES)
            .arg(-1)
            .ignore();
        self.store.tell(&both).await
    }
}

impl Shared for SharedRedis {
    fn turn(&self) -> BoxFuture<'_, Result<Turn, StoreError>> {
        self.take().boxed()
    }

    fn end_turn(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.end().boxed()
    }

    fn pass_on<'a>(&'a self, notes: &'a [Note]) -> BoxFuture<'a, Result<(), StoreError>> {
        self.leave(notes).boxed()
    }
}

impl Store for SharedRedis {
    fn save<'a>(&'a self, stored: &'a Stored) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.save(stored)
    }

    fn delete<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.delete(room, identity)
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        self.store.all()
    }
}
