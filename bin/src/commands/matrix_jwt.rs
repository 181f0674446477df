//! `convoke matrix-jwt`: the Matrix service alone, in place of element-hq/lk-jwt-service.

use std::{
    io::{Read, Write},
    net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use http_edge::Limits;
use matrix_rtc::{
    MatrixRtc,
    config::{Bind, Environment},
    delayed_leave::{Kept, RedisStore, SharedRedis},
};
use secrecy::ExposeSecret;
use socket2::{Domain, Protocol, Socket, Type};

use crate::{environment, logging, shutdown};

/// How long requests get to end.
const GRACE: Duration = Duration::from_secs(5);
const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(3);
const BACKLOG: i32 = 1024;

/// Everything else is said by environment variables; docs/matrix-rtc.md lists them.
#[derive(Debug, Args)]
pub struct MatrixJwt {
    /// Ask the service that runs with the same environment whether it answers, and end with 0 or 1.
    #[arg(long)]
    healthcheck: bool,
}

impl MatrixJwt {
    /// Serves until asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        if self.healthcheck {
            return healthcheck(&Environment::read_bind(environment::variables())?);
        }
        let (level, json) = Environment::read_logging(environment::variables())?;
        logging::start(level, json)?;
        let Environment {
            mut options,
            bind,
            redis,
            warnings,
        } = Environment::read(environment::variables())?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        let stop = shutdown::requested()?;
        if let Some(redis) = redis {
            let store = RedisStore::connect(redis.url.expose_secret(), redis.authorities)
                .await
                .context("LIVEKIT_REDIS_URL")?;
            let shared = SharedRedis::new(store, options.sources.random.number());
            options.kept = Kept::Shared(Arc::new(shared));
        }
        let listener =
            listen(&bind).with_context(|| format!("cannot listen on {bind} (LIVEKIT_JWT_BIND)"))?;
        let proxies = options.rate_limit.trusted_proxies.clone();
        let matrix = MatrixRtc::open(options).await?;
        let address = listener
            .local_addr()
            .context("cannot read the listener's address")?;
        tracing::info!(%address, "the Matrix service answers");

        let listener = tokio::net::TcpListener::from_std(listener).context("cannot serve")?;
        http_edge::raise_descriptor_limit();
        let limits = Limits::default();
        let edge = http_edge::Server::new(listener, matrix.standalone_router())
            .limits(Limits {
                connections: limits
                    .connections
                    .min(http_edge::descriptors_for_connections() / 2),
                ..limits
            })
            .exempt(move |address| proxies.iter().any(|network| network.contains(&address)));
        edge.serve(stop, GRACE).await;
        // Only now: requests that were under way may have handed over a leave event.
        matrix.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// No host means every interface of both protocols, or of IPv4 where there is no IPv6.
fn listen(bind: &Bind) -> anyhow::Result<TcpListener> {
    let listener = match bind.host() {
        Some(host) => TcpListener::bind((host, bind.port()))?,
        None => listen_everywhere(bind.port())?,
    };
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn listen_everywhere(port: u16) -> std::io::Result<TcpListener> {
    let Ok(socket) = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP)) else {
        return TcpListener::bind(("0.0.0.0", port));
    };
    socket.set_only_v6(false)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A container without a shell has nothing else to ask with.
fn healthcheck(bind: &Bind) -> anyhow::Result<()> {
    let address = (bind.own_host(), bind.port())
        .to_socket_addrs()?
        .next()
        .with_context(|| format!("{bind} has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, HEALTHCHECK_TIMEOUT)
        .with_context(|| format!("nobody listens on {address}"))?;
    stream.set_read_timeout(Some(HEALTHCHECK_TIMEOUT))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut status_line = [0; 12];
    stream.read_exact(&mut status_line)?;
    anyhow::ensure!(
        &status_line == b"HTTP/1.1 200",
        "it answers {:?}",
        String::from_utf8_lossy(&status_line)
    );
    Ok(())
}
