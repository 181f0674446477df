//! Certificates from an authority that speaks ACME (RFC 8555): the order, the proofs that a name is ours (HTTP-01, and
//! TLS-ALPN-01 of RFC 8737) and which certificate a TLS connection is shown. HTTP clients are passed in. It must not know
//! a database, a configuration or when it is time to renew.

mod authority;
mod certificate;
mod http_client;
mod order;
mod proof;
mod resolver;

pub use authority::{Account, Authority, Binding, Credentials};
pub use certificate::{Certificate, InvalidCertificate, validity, validity_of};
pub use order::{OrderError, order};
pub use proof::{Proof, Proofs, Way, proof_certificate};
pub use resolver::{ACME_TLS, Resolver};
