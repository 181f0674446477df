//! Addresses and service records, behind a trait so that tests can answer. It must not know which addresses may be used.

use std::{io, net::SocketAddr};

use futures::future::BoxFuture;
use hickory_resolver::{
    ResolverBuilder, TokioResolver,
    net::NetError,
    proto::rr::{RData, RecordType},
};

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRecord {
    /// Lower is tried first.
    pub priority: u16,
    /// The share among records of the same priority.
    pub weight: u16,
    /// A host name without the final dot.
    pub target: String,
    /// Its port.
    pub port: u16,
}

/// What is asked of DNS.
pub trait Dns: Send + Sync {
    /// Every address of `host`, with `port`.
    fn addresses<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;

    /// The SRV records of `name`; none when it has none.
    fn services<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<ServiceRecord>>>;
}

/// The system's name servers and `/etc/hosts`. Not its resolver library: a lookup of that occupies a thread until it
/// ends, even when nobody waits any more.
pub struct SystemDns {
    name_servers: Option<TokioResolver>,
}

impl SystemDns {
    /// Reads `/etc/resolv.conf`; without name servers the library is asked after all, and there are no SRV records.
    pub fn open() -> Self {
        let opened = TokioResolver::builder_tokio().and_then(ResolverBuilder::build);
        let name_servers = opened
            .inspect_err(
                |error| tracing::warn!(%error, "no name servers: SRV records are not looked up"),
            )
            .ok();
        Self { name_servers }
    }
}

impl Dns for SystemDns {
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

    fn services<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<ServiceRecord>>> {
        Box::pin(async move {
            let Some(resolver) = &self.name_servers else {
                return Ok(Vec::new());
            };
            // The final dot keeps the resolver from trying search domains.
            match resolver.lookup(format!("{name}."), RecordType::SRV).await {
                Ok(lookup) => Ok(lookup
                    .answers()
                    .iter()
                    .filter_map(|record| service(&record.data))
                    .collect()),
                Err(error) if is_absence(&error) => Ok(Vec::new()),
                Err(error) => Err(io::Error::other(error)),
            }
        })
    }
}

fn is_absence(error: &NetError) -> bool {
    error.is_no_records_found() || error.is_nx_domain()
}

fn service(data: &RData) -> Option<ServiceRecord> {
    let RData::SRV(record) = data else {
        return None;
    };
    Some(ServiceRecord {
        priority: record.priority,
        weight: record.weight,
        target: record.target.to_ascii().trim_end_matches('.').to_owned(),
        port: record.port,
    })
}
