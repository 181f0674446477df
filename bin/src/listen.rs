//! The two listeners: the public site (plain or TLS) and the loopback one where the child posts webhooks.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use axum_server::{Handle, tls_rustls::RustlsConfig};
use convoke_platform::config::{Server, Tls};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::certificate;

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

    /// Serves `router` in the background.
    pub fn serve(self, router: Router) -> anyhow::Result<Serving> {
        let handle = Handle::new();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = match self.tls {
            None => {
                let server = axum_server::from_tcp(self.listener).context("cannot serve")?;
                tokio::spawn(server.handle(handle.clone()).serve(service))
            }
            Some(tls) => {
                let server = axum_server::from_tcp_rustls(self.listener, tls)
                    .context("cannot serve over TLS")?;
                tokio::spawn(server.handle(handle.clone()).serve(service))
            }
        };
        Ok(Serving { handle, task })
    }
}

/// The site while it answers.
pub struct Serving {
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Resolves when the listener ended although nobody asked it to.
    pub async fn failed(&mut self) -> anyhow::Error {
        match (&mut self.task).await {
            Ok(Ok(())) => anyhow::anyhow!("it ended by itself"),
            Ok(Err(error)) => error.into(),
            Err(panic) => panic.into(),
        }
    }

    /// Takes no new connection from now on; those that are open have `grace` to end.
    pub fn drain(&self, grace: Duration) {
        self.handle.graceful_shutdown(Some(grace));
    }

    /// Resolves when the last connection ended or was cut.
    pub async fn finished(self) -> anyhow::Result<()> {
        self.task
            .await
            .context("the site's listener panicked")?
            .context("the site's listener")
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

    /// Where the child finds `path`, which starts with a slash.
    pub fn url(&self, path: &str) -> anyhow::Result<Url> {
        Ok(Url::parse(&format!("http://{}{path}", self.address))?)
    }

    /// Serves `router` in the background until `stop`.
    pub fn serve(self, router: Router, stop: CancellationToken) {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(self.listener, service)
            .with_graceful_shutdown(async move { stop.cancelled().await });
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the webhook listener failed");
            }
        });
    }
}
