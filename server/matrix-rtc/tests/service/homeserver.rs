//! A homeserver over real TLS that answers as told, and the DNS that leads to it.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, LazyLock, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use futures::future::BoxFuture;
use http::{Method, StatusCode, header::HOST};
use http_edge::outbound;
use matrix_rtc::homeserver::{Dns, ServiceRecord};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::CertificateDer;

/// The authority that every certificate here is from.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

pub static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    Authority {
        certificate: certificate.der().clone(),
        pem: certificate.pem(),
        issuer: Issuer::new(params, key),
    }
});

impl Authority {
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }
}

type Answer = dyn Fn(&Asked) -> BoxFuture<'static, Response> + Send + Sync;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub host: String,
    pub path: String,
    pub query: HashMap<String, String>,
}

/// A running server; it ends when dropped.
pub struct Homeserver {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    handle: Handle<SocketAddr>,
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl Homeserver {
    /// Has a certificate for `names` (addresses too) and answers everything by `answer`.
    pub async fn start(
        names: &[&str],
        answer: impl Fn(&Asked) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self::start_slow(names, move |asked| {
            let response = answer(asked);
            Box::pin(async move { response })
        })
        .await
    }

    /// The same, with time to think.
    pub async fn start_slow(
        names: &[&str],
        answer: impl Fn(&Asked) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    ) -> Self {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &AUTHORITY.issuer)
            .unwrap();
        let chain = format!("{}{}", certificate.pem(), AUTHORITY.pem);
        Self::start_with(chain, &key, answer).await
    }

    /// Has a certificate of its own making, marked as an authority as `openssl req -x509` does it. The certificate too.
    pub async fn start_self_signed(
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
        answer: impl Fn(&Asked) -> Response + Send + Sync + 'static,
    ) -> (Self, CertificateDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        let certificate = params.self_signed(&key).unwrap();
        let der = certificate.der().clone();
        let homeserver = Self::start_with(certificate.pem(), &key, move |asked| {
            let response = answer(asked);
            Box::pin(async move { response })
        })
        .await;
        (homeserver, der)
    }

    async fn start_with(
        chain: String,
        key: &KeyPair,
        answer: impl Fn(&Asked) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    ) -> Self {
        // Another test may have done it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = RustlsConfig::from_pem(chain.into_bytes(), key.serialize_pem().into_bytes())
            .await
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let handle = Handle::new();
        let app = app(asked.clone(), Arc::new(answer));
        let server = axum_server::from_tcp_rustls(listener, tls)
            .unwrap()
            .handle(handle.clone());
        tokio::spawn(server.serve(app.into_make_service()));
        Self {
            address,
            asked,
            handle,
        }
    }

    /// Everything asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths asked for so far, in order.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

fn app(asked: Arc<Mutex<Vec<Asked>>>, answer: Arc<Answer>) -> Router {
    Router::new().fallback(async move |request: Request| {
        let arrived = Asked {
            method: request.method().clone(),
            host: request.headers()[HOST].to_str().unwrap().to_owned(),
            path: request.uri().path().to_owned(),
            query: url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes())
                .into_owned()
                .collect(),
        };
        let answering = answer(&arrived);
        asked.lock().unwrap().push(arrived);
        Ok::<_, Infallible>(answering.await)
    })
}

pub const USER_INFO: &str = "/_matrix/federation/v1/openid/userinfo";
pub const WELL_KNOWN_SERVER: &str = "/.well-known/matrix/server";
pub const WELL_KNOWN_CLIENT: &str = "/.well-known/matrix/client";

/// Vouches for whoever the token names: the token `ann` is that of `@ann:server`.
pub fn vouch(server: &str) -> impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static {
    let server = server.to_owned();
    move |asked| match asked.path.as_str() {
        USER_INFO => json(&format!(
            r#"{{"sub":"@{}:{server}"}}"#,
            asked.query["access_token"]
        )),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

pub fn json(text: &str) -> Response {
    Response::new(Body::from(text.to_owned()))
}

pub fn redirect(location: &str) -> Response {
    (StatusCode::FOUND, [("location", location)]).into_response()
}

/// Names and where they lead, everything else does not exist.
#[derive(Default)]
pub struct Names {
    addresses: HashMap<(String, u16), SocketAddr>,
    services: HashMap<String, Vec<ServiceRecord>>,
    silent: bool,
}

impl Names {
    /// `host:port` leads to `address`.
    pub fn with(mut self, host: &str, port: u16, address: SocketAddr) -> Self {
        self.addresses.insert((host.to_owned(), port), address);
        self
    }

    /// `name` has an SRV record.
    pub fn with_service(mut self, name: &str, priority: u16, target: &str, port: u16) -> Self {
        let record = ServiceRecord {
            priority,
            weight: 0,
            target: target.to_owned(),
            port,
        };
        self.services
            .entry(name.to_owned())
            .or_default()
            .push(record);
        self
    }

    /// SRV records are never answered.
    pub fn without_services(mut self) -> Self {
        self.silent = true;
        self
    }
}

impl outbound::Names for Names {
    fn addresses<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let known = self.addresses.get(&(host.to_owned(), port)).copied();
        let literal = host.parse().ok().map(|ip| SocketAddr::new(ip, port));
        let found = known.or(literal).ok_or(io::ErrorKind::NotFound.into());
        Box::pin(async move { found.map(|address| vec![address]) })
    }
}

impl Dns for Names {
    fn services<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<ServiceRecord>>> {
        let found = self.services.get(name).cloned().unwrap_or_default();
        let silent = self.silent;
        Box::pin(async move {
            if silent {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            Ok(found)
        })
    }
}
