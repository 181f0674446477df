//! The certificates that browsers are shown: whom they name, who signed them, and until when they are good.

use std::time::{Duration, SystemTime};

use crate::{
    Check, Finding,
    facts::{Certificate, CertificateFault, Facts, days},
};

const CHECK: Check = Check::Certificate;
/// A certificate that a machine renews is renewed long before.
const SOON: Duration = Duration::from_hours(24 * 14);

/// Judges each certificate.
pub fn certificate(facts: &Facts) -> Vec<Finding> {
    if facts.certificates.is_empty() {
        let said = "The site has no certificate: people open it without TLS.";
        return vec![Finding::skipped(CHECK, said)];
    }
    let each = facts.certificates.iter();
    each.map(|certificate| of(certificate, facts.now)).collect()
}

fn of(certificate: &Certificate, now: SystemTime) -> Finding {
    let Certificate {
        at,
        host,
        key,
        seen,
        renewed,
    } = certificate;
    let span = |until: SystemTime| until.duration_since(now).unwrap_or_default();
    let since = |from: SystemTime| now.duration_since(from).unwrap_or_default();
    let renew = if *renewed {
        "The log of `convoke serve` tells why the authority has not renewed it; port 443 or 80 has to be reachable for it."
            .to_owned()
    } else {
        format!("Renew it ({key}); the files are read again when they change.")
    };
    match seen {
        Ok(until) if span(*until) < SOON => Finding::warn(
            CHECK,
            format!(
                "The certificate of {at} is good for {} more days only.",
                days(span(*until))
            ),
            renew,
        ),
        Ok(until) => Finding::ok(
            CHECK,
            format!(
                "The certificate of {at} names {host}, is trusted, and is good for {} days.",
                days(span(*until))
            ),
        ),
        Err(CertificateFault::Expired(at_end)) => Finding::fail(
            CHECK,
            format!(
                "The certificate of {at} expired {} days ago: browsers refuse the site.",
                days(since(*at_end))
            ),
            renew,
        ),
        Err(CertificateFault::NotYet(from)) => Finding::fail(
            CHECK,
            format!(
                "The certificate of {at} is good only from in {} hours on, by this machine's clock.",
                span(*from).as_secs() / 3600
            ),
            "Set this machine's clock right, or wait.",
        ),
        Err(CertificateFault::OtherName) => Finding::fail(
            CHECK,
            format!("The certificate of {at} does not name {host}: browsers refuse the site."),
            format!("Get one for {host} ({key}), or correct server.public_url."),
        ),
        Err(CertificateFault::Untrusted) => Finding::fail(
            CHECK,
            format!(
                "The certificate of {at} is signed by nobody whom browsers trust, or its chain has a gap."
            ),
            format!(
                "Put the whole chain into the file, the site's own certificate first ({key}); or set server.tls to acme."
            ),
        ),
        Err(CertificateFault::Unusable(why)) => Finding::fail(
            CHECK,
            format!("The certificate in {at} ({key}) cannot be used: {why}."),
            "Name a PEM file with the chain and the file with its private key.",
        ),
        Err(CertificateFault::NoTls(why)) => Finding::fail(
            CHECK,
            format!("Nobody speaks TLS at {at}: {why}."),
            format!(
                "Open the port in the firewall and let it lead here; {key} says where people come."
            ),
        ),
    }
}
