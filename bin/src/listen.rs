//! The listeners: the public site (plain or TLS), the one of plain HTTP beside it, both by sockets of the service manager
//! where it passed any, and the loopback one where the child posts webhooks.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use acme::Resolver;
use anyhow::Context;
use axum::Router;
use axum_server::tls_rustls::RustlsConfig;
use convoke_platform::{
    SiteCertificate,
    config::{Server, Tls},
};
use http_edge::Limits;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{certificate, passed_sockets::PassedSockets, turn};

/// The media server delivers its webhooks over a few.
const INTERNAL_CONNECTIONS: usize = 64;
/// Browsers that are sent on need a moment each.
const REDIRECTED: usize = 1024;
const REDIRECTED_PER_ADDRESS: usize = 64;

/// The site's port, bound but not yet serving.
pub struct Public {
    listener: TcpListener,
    encryption: Encryption,
    redirects: Option<TcpListener>,
}

/// Where the certificate of the site's port comes from.
enum Encryption {
    None,
    Files(RustlsConfig),
    Authority(Arc<Resolver>, Arc<rustls::ServerConfig>),
}

impl Public {
    /// Binds the configured address; a taken port is named together with its key.
    pub async fn bind(server: &Server) -> anyhow::Result<Public> {
        let mut passed = PassedSockets::take()?;
        let address = server.listen_address();
        let listener = bind(&mut passed, address, "server.port", "--port or ")?;
        let encryption = match server.tls {
            Tls::Off => Encryption::None,
            Tls::SelfSigned => Encryption::Files(certificate::self_signed(server).await?),
            Tls::Files => Encryption::Files(certificate::from_files(server).await?),
            Tls::Acme => {
                let (resolver, config) = certificate::from_authority(server).await?;
                Encryption::Authority(resolver, config)
            }
        };
        let redirects = bind_redirects(&mut passed, server)?;
        passed.warn_of_the_rest();
        Ok(Public {
            listener,
            encryption,
            redirects,
        })
    }

    /// What TLS connections are shown, where an authority signs it.
    pub fn certificate(&self) -> Option<SiteCertificate> {
        match &self.encryption {
            Encryption::None | Encryption::Files(_) => None,
            Encryption::Authority(resolver, _) => Some(SiteCertificate::new(
                resolver.clone(),
                self.redirects.is_some(),
            )),
        }
    }

    /// The port that was bound; differs from the configured one when that is 0.
    pub fn port(&self) -> anyhow::Result<u16> {
        Ok(self
            .listener
            .local_addr()
            .context("cannot read the listener's address")?
            .port())
    }

    /// Serves `router` in the background, `redirect` where plain HTTP is taken, and passes TURN on to `turn`; connections
    /// that are open when it is drained have `grace` to end.
    pub fn serve(
        self,
        router: Router,
        redirect: Router,
        turn: Option<SocketAddr>,
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
        let edge = |listener, router, limits| -> anyhow::Result<http_edge::Server<Router>> {
            let listener = tokio::net::TcpListener::from_std(listener).context("cannot serve")?;
            let proxies = server.trusted_proxies.clone();
            Ok(http_edge::Server::new(listener, router)
                .limits(limits)
                .exempt(move |address| proxies.contains(address)))
        };
        let mut site = edge(self.listener, router, limits)?;
        match self.encryption {
            Encryption::None => {}
            Encryption::Files(files) => site = site.tls(Arc::new(move || files.get_inner())),
            Encryption::Authority(_, config) => site = site.tls(Arc::new(move || config.clone())),
        }
        if let Some(turn) = turn {
            site = site.beside(turn::passed_on_to(turn));
        }
        let stop = CancellationToken::new();
        if let Some(listener) = self.redirects {
            let limits = Limits {
                connections: REDIRECTED,
                connections_per_address: REDIRECTED_PER_ADDRESS,
                ..Limits::default()
            };
            let redirects = edge(listener, redirect, limits)?;
            tokio::spawn(redirects.serve(stop.clone(), Duration::ZERO));
        }
        let task = tokio::spawn(site.serve(stop.clone(), grace));
        Ok(Serving { stop, task })
    }
}

/// A taken port is named together with its key, and one that needs a right with that.
fn bind(
    passed: &mut PassedSockets,
    address: SocketAddr,
    key: &str,
    flag: &str,
) -> anyhow::Result<TcpListener> {
    let port = address.port();
    let passed = passed.on(port);
    let bound = passed.map_or_else(|| TcpListener::bind(address), Ok);
    let listener = bound.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {port} is taken by another program: stop it, or choose another with {flag}{key}"
        ),
        io::ErrorKind::PermissionDenied => anyhow::anyhow!(
            "port {port} ({key}) is for privileged programs only: give this one the right with \
             `setcap cap_net_bind_service=+ep` on it or AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit, or let \
             systemd open it with a convoke.socket"
        ),
        _ => anyhow::anyhow!("cannot listen on {address} (server.host, {key}): {error}"),
    })?;
    listener
        .set_nonblocking(true)
        .context("cannot prepare the listener")?;
    Ok(listener)
}

/// The port of plain HTTP. Where nobody asked for it by name it may be missing: an authority has another way.
fn bind_redirects(
    passed: &mut PassedSockets,
    server: &Server,
) -> anyhow::Result<Option<TcpListener>> {
    let Some(port) = server.redirects_at() else {
        return Ok(None);
    };
    let bound = bind(
        passed,
        SocketAddr::new(server.host, port),
        "server.redirect_port",
        "",
    );
    match bound {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if server.redirect_port.is_none() => {
            tracing::warn!(%error, "plain HTTP is not taken");
            Ok(None)
        }
        Err(error) => Err(error),
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
    /// Binds the address from before, which a media server that goes on was told, or a free port.
    pub async fn bind(before: Option<SocketAddr>) -> anyhow::Result<Internal> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let wanted = before.filter(|before| before.ip().is_loopback());
        let addresses: Vec<_> = wanted.into_iter().chain([any]).collect();
        let listener = tokio::net::TcpListener::bind(&*addresses)
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
