//! Service records beside addresses, behind a trait so that tests can answer. It must not know which addresses may be used.

use std::io;

use futures::future::BoxFuture;
use hickory_resolver::{
    net::NetError,
    proto::rr::{RData, RecordType},
};
use http_edge::outbound::{Names, SystemNames};

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
pub trait Dns: Names {
    /// The SRV records of `name`; none when it has none.
    fn services<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<ServiceRecord>>>;
}

/// Without name servers there are no SRV records.
impl Dns for SystemNames {
    fn services<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<ServiceRecord>>> {
        Box::pin(async move {
            let Some(resolver) = self.name_servers() else {
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
