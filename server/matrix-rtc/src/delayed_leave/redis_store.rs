//! Delegations in Redis, in the hash that lk-jwt-service uses: an upgrade in place finds what was held before.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use livekit_wire::{Identity, RoomName};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, IntoConnectionInfo, Pipeline, RedisError,
    TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cmd,
    io::tcp::TcpSettings,
};

use super::{
    Store, StoreError, Stored,
    entry_json::{self, EntryError},
};

const HASH: &str = "lk-jwt:jobs";
/// Within the journal's bound for a write.
const ANSWER_BOUND: Duration = Duration::from_millis(1500);
/// Within the registry's bound for reading everything.
const READ_ANSWER_BOUND: Duration = Duration::from_secs(4);
const CONNECT_BOUND: Duration = Duration::from_secs(2);
/// A connection whose other end has vanished without a word is given up after this.
const UNACKNOWLEDGED_BOUND: Duration = Duration::from_secs(5);
const RECONNECTS: usize = 4;
const LONGEST_RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// A Redis server; reconnects by itself.
pub struct RedisStore {
    client: Client,
    writer: ConnectionManager,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RedisStoreError {
    /// Not a `redis://`, `rediss://` or `unix://` URL, or the certificate authorities are not PEM.
    #[error("not a valid Redis URL: {0}")]
    InvalidUrl(#[source] RedisError),
    /// No connection, or no answer to `PING`.
    #[error("Redis cannot be reached: {0}")]
    Unreachable(#[source] RedisError),
}

impl RedisStore {
    /// Connects and asks for a sign of life. `rediss://` needs a rustls provider, and trusts `authorities` (PEM) in
    /// place of the public ones when they are given.
    pub async fn connect(url: &str, authorities: Option<Vec<u8>>) -> Result<Self, RedisStoreError> {
        let client = client(url, authorities).map_err(RedisStoreError::InvalidUrl)?;
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&reading())
            .await
            .map_err(RedisStoreError::Unreachable)?;
        cmd("PING")
            .exec_async(&mut connection)
            .await
            .map_err(RedisStoreError::Unreachable)?;
        let writing = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_BOUND))
            .set_response_timeout(Some(ANSWER_BOUND))
            .set_number_of_retries(RECONNECTS)
            .set_max_delay(LONGEST_RECONNECT_PAUSE);
        let writer = ConnectionManager::new_lazy_with_config(client.clone(), writing)
            .map_err(RedisStoreError::Unreachable)?;
        Ok(Self { client, writer })
    }

    async fn run(&self, command: Cmd) -> Result<(), StoreError> {
        let mut connection = self.writer.clone();
        match command.exec_async(&mut connection).await {
            // Servers close idle connections. That is found out here, and the next try has a new one; both commands
            // may be done twice.
            Err(error) if error.is_unrecoverable_error() => {
                command.exec_async(&mut connection).await
            }
            result => result,
        }
        .map_err(store_error)
    }

    /// Once: what is not safe to be done twice.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let answer = command.query_async(&mut self.writer.clone()).await;
        answer.map_err(store_error)
    }

    /// Several commands in one go, once.
    pub(super) async fn tell(&self, commands: &Pipeline) -> Result<(), StoreError> {
        let done = commands.exec_async(&mut self.writer.clone()).await;
        done.map_err(store_error)
    }

    async fn read(&self) -> Result<Vec<Stored>, RedisError> {
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&reading())
            .await?;
        let entries: Vec<(Vec<u8>, Vec<u8>)> = cmd("HGETALL")
            .arg(HASH)
            .query_async(&mut connection)
            .await?;
        Ok(entries
            .into_iter()
            .filter_map(|(field, entry)| match entry_json::read(&entry) {
                Ok(stored) => Some(stored),
                Err(error) => {
                    let field = String::from_utf8_lossy(&field);
                    tracing::warn!(%field, %error, "skipped an entry of the store that cannot be read");
                    None
                }
            })
            .collect())
    }
}

impl Store for RedisStore {
    fn save<'a>(&'a self, stored: &'a Stored) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let delegation = &stored.delegation;
            let field = entry_json::field(&delegation.room, &delegation.identity);
            let entry = entry_json::write(stored).map_err(entry_error)?;
            self.run(cmd("HSET").arg(HASH).arg(field).arg(entry).take())
                .await
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        room: &'a RoomName,
        identity: &'a Identity,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let field = entry_json::field(room, identity);
            self.run(cmd("HDEL").arg(HASH).arg(field).take()).await
        }
        .boxed()
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        async move { self.read().await.map_err(store_error) }.boxed()
    }
}

fn client(url: &str, authorities: Option<Vec<u8>>) -> Result<Client, RedisError> {
    let tcp = TcpSettings::default()
        .set_nodelay(true)
        .set_user_timeout(UNACKNOWLEDGED_BOUND);
    let info = url.into_connection_info()?.set_tcp_settings(tcp);
    match authorities {
        None => Client::open(info),
        Some(authorities) => Client::build_with_tls(
            info,
            TlsCertificates {
                client_tls: None,
                root_cert: Some(authorities),
            },
        ),
    }
}

/// For a connection of its own: everything may be a large answer.
fn reading() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_BOUND))
        .set_response_timeout(Some(READ_ANSWER_BOUND))
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn entry_error(error: EntryError) -> StoreError {
    StoreError(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn store_error(error: RedisError) -> StoreError {
    StoreError(error.to_string())
}
