//! The two listeners: the public site (plain or TLS) and the loopback one where the child posts webhooks.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use axum_server::tls_rustls::RustlsConfig;
use convoke_platform::config::{Server, Tls};
use http_edge::Limits;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::certificate;

/// The media server delivers its webhooks over a few.
const INTERNAL_CONNECTIONS: usize = 64;

/// The site's port, bound but not yet serving.
pub struct Public {
    listener: TcpListener,
    tls: Option<RustlsConfig>,
}

impl Public {
    /// Binds the configured address; a taken port is named together with its key.
    pub async fn bind(server: &Server) -> anyhow::Result<Public> {
        let address = server.listen_address();
        let listener = TcpListener::bind(address).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => anyhow::anyhow!(
                "port {} is taken by another program: stop it, or choose another with --port or server.port",
                address.port()
            ),
            _ => anyhow::anyhow!("cannot listen on {address} (server.host, server.port): {error}"),
        })?;
        listener
            .set_nonblocking(true)
            .context("cannot prepare the listener")?;
        let tls = match server.tls {
            Tls::Off => None,
            Tls::SelfSigned => Some(certificate::self_signed(server).await?),
            Tls::Files => Some(certificate::from_files(server).await?),
        };
        Ok(Public { listener, tls })
    }

    /// The port that was bound; differs from the configured one when that is 0.
    pub fn port(&self) -> anyhow::Result<u16> {
        Ok(self
            .listener
            .local_addr()
            .context("cannot read the listener's address")?
            .port())
    }

    /// Serves `router` in the background; connections that are open when it is drained have `grace` to end.
    pub fn serve(
        self,
        router: Router,
        server: &Server,
        grace: Duration,
    ) -> anyhow::Result<Serving> {
        let limits = Limits {
            // A call's signal socket takes two descriptors: the browser's and the media server's.
            connections: server
                .max_connections
                .min(http_edge::descriptors_for_connections() / 2),
            connections_per_address: server.max_connections_per_address,
            ..Limits::default()
        };
        let listener = tokio::net::TcpListener::from_std(self.listener).context("cannot serve")?;
        let proxies = server.trusted_proxies.clone();
        let mut edge = http_edge::Server::new(listener, router)
            .limits(limits)
            .exempt(move |address| proxies.contains(address));
        if let Some(tls) = self.tls {
            edge = edge.tls(Arc::new(move || tls.get_inner()));
        }
        let stop = CancellationToken::new();
        let task = tokio::spawn(edge.serve(stop.clone(), grace));
        Ok(Serving { stop, task })
    }
}

/// The site while it answers.
pub struct Serving {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Serving {
    /// Resolves when the listener ended although nobody asked it to.
    pub async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.task).await {
            Ok(()) => anyhow::anyhow!("it ended by itself"),
            Err(panic) => panic.into(),
        }
    }

    /// Takes no new connection from now on.
    pub fn drain(&self) {
        self.stop.cancel();
    }

    /// Resolves when the last connection ended or was cut.
    pub async fn finished(self) -> anyhow::Result<()> {
        self.task.await.context("the site's listener panicked")
    }
}

/// The loopback listener: reachable by the child whatever TLS, host or proxy the site has.
pub struct Internal {
    listener: tokio::net::TcpListener,
    address: SocketAddr,
}

impl Internal {
    /// Binds a free port.
    pub async fn bind() -> anyhow::Result<Internal> {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("cannot listen on the loopback for the media server's webhooks")?;
        let address = listener
            .local_addr()
            .context("cannot read the listener's address")?;
        Ok(Internal { listener, address })
    }

    /// Binds the address where Prometheus looks, if there is one.
    pub async fn bind_metrics(address: Option<SocketAddr>) -> anyhow::Result<Option<Internal>> {
        let Some(address) = address else {
            return Ok(None);
        };
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address} (metrics.listen)"))?;
        tracing::info!(address = %listener.local_addr()?, "metrics are served");
        Ok(Some(Internal { listener, address }))
    }

    /// Where the child finds `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("http://{}{path}", self.address))?)
    }

    /// Serves `router` in the background until `stop`.
    pub fn serve(self, router: Router, stop: CancellationToken) {
        // Only this machine's programs come here: one of them may have all there is.
        let edge = http_edge::Server::new(self.listener, router)
            .limits(Limits {
                connections: INTERNAL_CONNECTIONS,
                ..Limits::default()
            })
            .exempt(|_| true);
        tokio::spawn(edge.serve(stop, Duration::ZERO));
    }
}
