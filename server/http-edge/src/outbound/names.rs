//! Where names lead, behind a trait so that tests can answer. It must not know which addresses may be used.

use std::{io, net::SocketAddr};

use futures::future::BoxFuture;
use hickory_resolver::{ResolverBuilder, TokioResolver};

/// Leads from names to addresses.
pub trait Names: Send + Sync {
    /// Every address of `host`, with `port`.
    fn addresses<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The system's name servers and `/etc/hosts`. Not its resolver library: a lookup of that occupies a thread until it
/// ends, even when nobody waits any more.
pub struct SystemNames {
    name_servers: Option<TokioResolver>,
}

impl SystemNames {
    /// Reads `/etc/resolv.conf`; without name servers the library is asked after all.
    pub fn open() -> Self {
        let opened = TokioResolver::builder_tokio().and_then(ResolverBuilder::build);
        let name_servers = opened
            .inspect_err(
                |error| tracing::warn!(%error, "no name servers: names are looked up by the system's library"),
            )
            .ok();
        Self { name_servers }
    }

    /// For records other than addresses.
    pub fn name_servers(&self) -> Option<&TokioResolver> {
        self.name_servers.as_ref()
    }
}

impl Names for SystemNames {
    fn addresses<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            let Some(resolver) = &self.name_servers else {
                return Ok(tokio::net::lookup_host((host, port)).await?.collect());
            };
            let found = resolver.lookup_ip(host).await.map_err(io::Error::other)?;
            Ok(found
                .iter()
                .map(|address| SocketAddr::new(address, port))
                .collect())
        })
    }
}
