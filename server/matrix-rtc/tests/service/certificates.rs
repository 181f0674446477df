//! Which homeservers are believed to be themselves, and what the log says of the others.

use std::{
    io,
    sync::{Arc, Mutex},
};

use http_edge::outbound::Trust;

use super::{
    homeserver::{Homeserver, Names, vouch},
    service::{Answer, Service, allowed, options},
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Asks for a token of a user of `server`; the answer and the log.
async fn ask(options: matrix_rtc::Options, server: &str) -> (Answer, String) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // The whole test runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let service = Service::start(options).await;
    let answer = service.sfu_get("ann", server).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (answer, text)
}

const SERVER: &str = "hs.example:1";

type Change = fn(&mut rcgen::CertificateParams);

#[tokio::test]
async fn a_trusted_self_signed_certificate_is_believed_for_its_own_name_while_it_is_valid() {
    let valid = |_: &mut rcgen::CertificateParams| {};
    let expired = |params: &mut rcgen::CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    };
    let cases: [(&str, Change, bool, u16); 4] = [
        ("hs.example", valid, true, 200),
        ("hs.example", valid, false, 401),
        ("another.example", valid, true, 401),
        ("hs.example", expired, true, 401),
    ];
    for (name, change, is_trusted, status) in cases {
        let (homeserver, certificate) =
            Homeserver::start_self_signed(&[name], change, vouch(SERVER)).await;
        let mut options = options(Names::default().with("hs.example", 1, homeserver.address));
        if is_trusted {
            options.homeservers.trust = Trust::Authorities(vec![certificate]);
        }
        let (answer, log) = ask(options, SERVER).await;
        assert_eq!(answer.status, status, "{name} {is_trusted}\n{log}");
    }
}

#[tokio::test]
async fn the_log_says_that_a_certificate_is_not_trusted_whatever_else_fails() {
    let (homeserver, _) =
        Homeserver::start_self_signed(&["hs.example"], |_| {}, vouch("hs.example")).await;
    // Only the well-known file's host is there; nobody listens on the port of the federation API.
    let nobody = "127.0.0.1:9".parse().unwrap();
    let names = Names::default()
        .with("hs.example", 443, homeserver.address)
        .with("hs.example", 8448, nobody);
    let (answer, log) = ask(options(names), "hs.example").await;
    assert_eq!(answer.status, 401);
    assert!(log.contains("its certificate is not accepted"), "{log}");
    assert!(log.contains("SSL_CERT_FILE"), "{log}");
}

#[tokio::test]
async fn the_log_names_the_setting_that_can_allow_an_address() {
    let mut options = options(Names::default());
    options.homeservers.allowed_networks = allowed(&[]);
    let (answer, log) = ask(options, "127.0.0.1:9").await;
    assert_eq!(answer.status, 401);
    assert!(
        log.contains("matrix.allowed_networks can allow it"),
        "{log}"
    );
}

#[tokio::test]
async fn asking_whether_an_endpoint_is_there_is_not_worth_a_line() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let service = Service::with(Names::default()).await;
    let before = log.0.lock().unwrap().len();
    let answer = service.post("/delegate_delayed_leave", "").await;
    assert_eq!((answer.status, &*answer.errcode()), (400, "M_NOT_JSON"));
    let logged = String::from_utf8(log.0.lock().unwrap()[before..].to_vec()).unwrap();
    assert_eq!(logged, "");
}
