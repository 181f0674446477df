//! One order, from its proofs to the chain.

use std::{net::IpAddr, time::Duration};

use instant_acme::{
    AuthorizationStatus, ChallengeType, Identifier, NewOrder, OrderStatus, Problem, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};

use crate::{
    authority::Account,
    certificate::{Certificate, InvalidCertificate},
    proof::{Proof, Proofs, Way},
};

/// How long an authority may look at the proofs, and then sign.
const PATIENCE: Duration = Duration::from_mins(2);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The authority does not want to, or cannot be reached.
    #[error("the authority: {0}")]
    Authority(#[from] instant_acme::Error),
    /// It did not find the proof of a name.
    #[error("{name} could not be proven: {why}")]
    Unproven {
        /// Which.
        name: String,
        /// In the authority's words.
        why: String,
    },
    /// It does not take proofs of this kind.
    #[error("the authority takes no proof of this kind for {0}")]
    NoSuchWay(String),
    /// It takes neither the order nor says why.
    #[error("the authority left the order {0:?}")]
    Status(OrderStatus),
    /// The kept account is of no use.
    #[error("the account's credentials cannot be read")]
    Credentials,
    /// Nobody answers its questions.
    #[error("the proof cannot be shown: {0}")]
    Proofs(Box<dyn std::error::Error + Send + Sync>),
    /// What came is no certificate.
    #[error("the certificate: {0}")]
    Certificate(#[from] InvalidCertificate),
}

impl OrderError {
    /// Whether the authority knows the kept account no more: another is needed.
    pub fn account_is_gone(&self) -> bool {
        let Self::Authority(instant_acme::Error::Api(Problem {
            r#type: Some(kind), ..
        })) = self
        else {
            return matches!(self, Self::Credentials);
        };
        kind == "urn:ietf:params:acme:error:accountDoesNotExist"
    }

    /// Whether it was asked too often.
    pub fn is_rate_limit(&self) -> bool {
        matches!(
            self,
            Self::Authority(instant_acme::Error::Api(Problem { r#type: Some(kind), .. }))
                if kind == "urn:ietf:params:acme:error:rateLimited"
        )
    }
}

/// Orders a certificate for `names`, with a key made for it, and proves them one `way`.
pub async fn order(
    account: &Account,
    names: &[String],
    way: Way,
    proofs: &impl Proofs,
) -> Result<Certificate, OrderError> {
    let identifiers: Vec<_> = names.iter().map(|name| identifier(name)).collect();
    let mut order = account.0.new_order(&NewOrder::new(&identifiers)).await?;
    let wanted = match way {
        Way::Http => ChallengeType::Http01,
        Way::Tls => ChallengeType::TlsAlpn01,
    };
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        // One that was proven a while ago counts still.
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let mut challenge = authorization
            .challenge(wanted.clone())
            .ok_or_else(|| OrderError::NoSuchWay(name.clone()))?;
        let key_authorization = challenge.key_authorization();
        let proof = Proof {
            way,
            name: name.clone(),
            token: challenge.token.clone(),
            key_authorization: key_authorization.as_str().to_owned(),
            digest: key_authorization.digest().as_ref().to_vec(),
        };
        let shown = proofs.show(&proof).await;
        shown.map_err(|error| OrderError::Proofs(Box::new(error)))?;
        // Some look at once, and say what they found.
        challenge.set_ready().await.map_err(|error| match error {
            instant_acme::Error::Api(why) if is_about_proof(&why) => unproven(name, &why),
            error => error.into(),
        })?;
    }
    let retries = RetryPolicy::new().timeout(PATIENCE);
    let looked_at = match order.poll_ready(&retries).await {
        Err(instant_acme::Error::Api(why)) if is_about_proof(&why) => OrderStatus::Invalid,
        looked_at => looked_at?,
    };
    match looked_at {
        OrderStatus::Ready => {}
        OrderStatus::Invalid => return Err(first_unproven(&mut order).await),
        status @ (OrderStatus::Pending | OrderStatus::Processing | OrderStatus::Valid) => {
            return Err(OrderError::Status(status));
        }
    }
    let (request, key) = signing_request(names)?;
    order.finalize_csr(&request).await?;
    let certificate = Certificate {
        chain: order.poll_certificate(&retries).await?,
        key,
    };
    certificate.certified()?;
    Ok(certificate)
}

fn identifier(name: &str) -> Identifier {
    match name.parse::<IpAddr>() {
        Ok(address) => Identifier::Ip(address),
        Err(_) => Identifier::Dns(name.to_owned()),
    }
}

fn signing_request(names: &[String]) -> Result<(Vec<u8>, String), InvalidCertificate> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key)?;
    Ok((request.der().to_vec(), key.serialize_pem()))
}

/// Whether it tells of a proof that was looked at, rather than of the request (RFC 8555, 6.7).
fn is_about_proof(why: &Problem) -> bool {
    let kind = why.r#type.as_deref().unwrap_or_default();
    let kind = kind.strip_prefix("urn:ietf:params:acme:error:");
    matches!(
        kind,
        Some("caa" | "connection" | "dns" | "incorrectResponse" | "tls" | "unauthorized")
    )
}

fn unproven(name: String, why: &Problem) -> OrderError {
    let why = why.detail.clone().unwrap_or_else(|| why.to_string());
    OrderError::Unproven { name, why }
}

/// What the authority says of the first name that it did not find proven.
async fn first_unproven(order: &mut instant_acme::Order) -> OrderError {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        // What the order knows of it is older than the proof.
        if let Err(error) = authorization.refresh().await {
            return error.into();
        }
        let mut challenges = authorization.challenges.iter();
        if let Some(why) = challenges.find_map(|challenge| challenge.error.as_ref()) {
            return unproven(authorization.identifier().to_string(), why);
        }
    }
    OrderError::Status(OrderStatus::Invalid)
}
