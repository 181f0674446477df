//! A Redis that knows hashes, and can vanish, freeze and come back.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

pub const PASSWORD: &str = "correct horse";

#[derive(Default)]
pub struct Redis {
    pub frozen: AtomicBool,
    hash: Mutex<BTreeMap<String, String>>,
    drop_connections: Mutex<CancellationToken>,
}

/// A listening server; dropped, it and its connections are gone.
pub struct Running {
    pub redis: Arc<Redis>,
    pub address: SocketAddr,
    _listener: AbortOnDropHandle<()>,
}

impl Running {
    pub async fn start() -> Self {
        Self::start_as(Arc::default(), "127.0.0.1:0".parse().unwrap(), None).await
    }

    pub async fn start_as(
        redis: Arc<Redis>,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let listening = tokio::spawn(listen(listener, redis.clone(), tls));
        Self {
            redis,
            address,
            _listener: AbortOnDropHandle::new(listening),
        }
    }

    pub fn url(&self) -> String {
        format!(
            "redis://:{}@{}/0",
            PASSWORD.replace(' ', "%20"),
            self.address
        )
    }
}

impl Redis {
    pub fn put(&self, field: &str, value: &str) {
        let mut hash = self.hash.lock().unwrap();
        hash.insert(field.to_owned(), value.to_owned());
    }

    pub fn get(&self, field: &str) -> Option<String> {
        self.hash.lock().unwrap().get(field).cloned()
    }

    pub fn len(&self) -> usize {
        self.hash.lock().unwrap().len()
    }

    /// As a server does to idle ones.
    pub fn drop_connections(&self) {
        std::mem::take(&mut *self.drop_connections.lock().unwrap()).cancel();
    }

    fn answer(&self, command: &[String]) -> String {
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        let mut hash = self.hash.lock().unwrap();
        match words[..] {
            ["AUTH", PASSWORD] => "+OK\r\n".into(),
            ["PING"] => "+PONG\r\n".into(),
            ["HSET", "lk-jwt:jobs", field, value] => {
                let new = hash.insert(field.to_owned(), value.to_owned()).is_none();
                format!(":{}\r\n", u8::from(new))
            }
            ["HDEL", "lk-jwt:jobs", field] => {
                format!(":{}\r\n", u8::from(hash.remove(field).is_some()))
            }
            ["HGETALL", "lk-jwt:jobs"] => {
                let texts = hash.iter().flat_map(|(field, value)| [field, value]);
                texts.fold(format!("*{}\r\n", hash.len() * 2), |answer, text| {
                    format!("{answer}${}\r\n{text}\r\n", text.len())
                })
            }
            _ => "-ERR unknown command\r\n".into(),
        }
    }
}

async fn listen(listener: TcpListener, redis: Arc<Redis>, tls: Option<TlsAcceptor>) {
    // Connections end with the listener.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (redis, tls) = (redis.clone(), tls.clone());
        connections.spawn(async move {
            let dropped = redis.drop_connections.lock().unwrap().clone();
            dropped
                .run_until_cancelled(connection(stream, &redis, tls))
                .await;
        });
    }
}

async fn connection(stream: TcpStream, redis: &Redis, tls: Option<TlsAcceptor>) {
    // A connection ends in whatever way it ends.
    let _ = match tls {
        None => serve(BufStream::new(stream), redis).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => serve(BufStream::new(stream), redis).await,
            Err(_) => None,
        },
    };
}

/// `None` when the client has gone, or does not speak the protocol.
async fn serve<S>(mut stream: BufStream<S>, redis: &Redis) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let count = number(&mut stream, '*').await?;
        let mut command = Vec::new();
        for _ in 0..count {
            let length = number(&mut stream, '$').await?;
            let mut text = vec![0; length + 2];
            stream.read_exact(&mut text).await.ok()?;
            text.truncate(length);
            command.push(String::from_utf8(text).ok()?);
        }
        if redis.frozen.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let answer = redis.answer(&command);
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
    }
}

async fn number<S>(stream: &mut BufStream<S>, kind: char) -> Option<usize>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.strip_prefix(kind)?.trim_end().parse().ok()
}
