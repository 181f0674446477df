//! From nothing to ready, and what prevents it.

use std::{
    fs,
    net::{TcpListener, TcpStream, UdpSocket},
    path::Path,
    time::Duration,
};

use livekit_supervisor::{
    ApiKeys, Failure, RunningEngine, StartError, Turn, TurnCertificate, TurnTls,
};
use secrecy::ExposeSecret;

use crate::house::{House, command_line, mode};

crate::with_every_server!(
    a_ready_child_answers_where_the_endpoint_said_before,
    the_configuration_is_private_and_goes_with_the_child,
    the_secret_is_neither_in_argv_nor_in_the_environment,
    keys_survive_a_restart_of_the_supervisor,
    configured_keys_are_used_and_none_are_kept,
    a_taken_signal_port_is_named_and_the_child_starts_when_it_is_free,
    a_taken_media_port_is_named,
    the_media_address_is_told_also_when_its_ports_were_chosen_for_us,
    everything_we_can_configure_is_accepted,
    a_hand_written_configuration_is_used_and_left_alone,
);

async fn a_ready_child_answers_where_the_endpoint_said_before(house: House) {
    let mut supervised = house.start().await;
    let promised = supervised.handle.endpoint().clone();
    let ready = supervised.ready().await;
    assert_eq!(ready.endpoint.internal_url, promised.internal_url);
    assert_eq!(ready.endpoint.keys.api_key, promised.keys.api_key);
    assert_eq!(
        ready.engine == RunningEngine::LivekitServer,
        house.options.binary.is_some()
    );
    assert!(
        ready
            .version
            .unwrap()
            .starts_with(|first: char| first.is_ascii_digit())
    );
    let port = promised.internal_url.port().unwrap();
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    supervised.shutdown().await;
}

async fn the_configuration_is_private_and_goes_with_the_child(house: House) {
    fs::write(house.config_file(), "left behind by a killed parent").unwrap();
    let mut supervised = house.start().await;
    assert!(
        !house.config_file().exists(),
        "the stale file goes at the start"
    );
    supervised.ready().await;
    assert_eq!(mode(&house.config_file()), 0o600);
    assert_eq!(mode(&house.data.path().join("livekit-keys.yaml")), 0o600);
    supervised.shutdown().await;
    assert!(!house.config_file().exists());
}

async fn the_secret_is_neither_in_argv_nor_in_the_environment(house: House) {
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    let secret = ready.endpoint.keys.api_secret.expose_secret();
    assert!(
        command_line(ready.pid).contains("--config"),
        "{}",
        command_line(ready.pid)
    );
    assert!(!command_line(ready.pid).contains(secret));
    let environment = fs::read(format!("/proc/{}/environ", ready.pid)).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains(secret));
    supervised.shutdown().await;
}

async fn keys_survive_a_restart_of_the_supervisor(house: House) {
    let first = house.start().await;
    let keys = first.handle.endpoint().keys.clone();
    first.shutdown().await;
    let mut second = house.start().await;
    let ready = second.ready().await;
    assert_eq!(ready.endpoint.keys.api_key, keys.api_key);
    assert_eq!(
        ready.endpoint.keys.api_secret.expose_secret(),
        keys.api_secret.expose_secret()
    );
    second.shutdown().await;
}

async fn configured_keys_are_used_and_none_are_kept(mut house: House) {
    house.options.keys = Some(ApiKeys {
        api_key: "APIconfigured".into(),
        api_secret: "c".repeat(40).into(),
    });
    let mut supervised = house.start().await;
    assert_eq!(
        supervised.ready().await.endpoint.keys.api_key,
        "APIconfigured"
    );
    assert!(!house.data.path().join("livekit-keys.yaml").exists());
    supervised.shutdown().await;
}

async fn a_taken_signal_port_is_named_and_the_child_starts_when_it_is_free(mut house: House) {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    house.options.ports.signal = port;
    let mut supervised = house.start().await;
    let reason = supervised.reason().await;
    assert_eq!(
        reason,
        Failure::PortTaken {
            port,
            protocol: "TCP",
            purpose: "port"
        }
    );
    drop(holder);
    supervised.ready().await;
    supervised.shutdown().await;
}

async fn a_taken_media_port_is_named(mut house: House) {
    let holder = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    house.options.ports.rtc_udp = port;
    let mut supervised = house.start().await;
    let reason = supervised.reason().await;
    assert_eq!(
        reason,
        Failure::PortTaken {
            port,
            protocol: "UDP",
            purpose: "rtc.udp_port"
        }
    );
    supervised.shutdown().await;
}

async fn the_media_address_is_told_also_when_its_ports_were_chosen_for_us(mut house: House) {
    house.options.node_ip = Some("127.0.0.1".parse().unwrap());
    let mut supervised = house.start().await;
    let media = supervised.ready().await.media.unwrap();
    assert_eq!(media.node_ip.to_string(), "127.0.0.1");
    TcpStream::connect(("127.0.0.1", media.tcp_port)).unwrap();
    UdpSocket::bind(("127.0.0.1", media.udp_port)).unwrap_err();
    supervised.shutdown().await;
}

/// livekit-server refuses unknown keys and half a TURN section.
async fn everything_we_can_configure_is_accepted(mut house: House) {
    house.options.turn = Some(turn(house.data.path()));
    house.options.webhook_urls = vec!["http://127.0.0.1:9/api/livekit/webhook".parse().unwrap()];
    house.options.public_host = Some("localhost".to_owned());
    house.options.room.empty_timeout = Some(60);
    house.options.room.departure_timeout = Some(5);
    house.options.room.max_participants = Some(10);
    house.options.room.enable_remote_unmute = true;
    let mut supervised = house.start().await;
    supervised.ready().await;
    supervised.shutdown().await;
}

fn turn(folder: &Path) -> Turn {
    let domain = "turn.example.org".to_owned();
    let signed = rcgen::generate_simple_self_signed([domain.clone()]).unwrap();
    let (cert_file, key_file) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&cert_file, signed.cert.pem()).unwrap();
    fs::write(&key_file, signed.signing_key.serialize_pem()).unwrap();
    Turn {
        domain: Some(domain),
        tls: Some(TurnTls::Child(TurnCertificate {
            cert_file,
            key_file,
        })),
        of_livekit_server: true,
    }
}

async fn a_hand_written_configuration_is_used_and_left_alone(mut house: House) {
    let free = |address: &str| {
        TcpListener::bind(address)
            .unwrap()
            .local_addr()
            .unwrap()
            .port()
    };
    let port = free("127.0.0.1:0");
    let path = house.data.path().join("own.yaml");
    let text = format!(
        "port: {port}\nbind_addresses: [127.0.0.1]\nkeys: {{APIown: {}}}\nrtc: {{udp_port: {}, tcp_port: {}, node_ip: 127.0.0.1}}\n",
        "o".repeat(40),
        free("0.0.0.0:0"),
        free("0.0.0.0:0"),
    );
    fs::write(&path, &text).unwrap();
    house.options.config_path = Some(path.clone());
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    assert_eq!(ready.endpoint.keys.api_key, "APIown");
    assert_eq!(ready.endpoint.internal_url.port(), Some(port));
    assert!(!house.config_file().exists(), "nothing is generated");
    supervised.shutdown().await;
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[tokio::test]
async fn a_child_that_finds_a_port_taken_itself_is_quoted() {
    let house = House::fixture(&["finds-a-port-taken"]);
    let mut supervised = house.start().await;
    let reason = supervised.reason().await;
    assert!(
        matches!(&reason, Failure::AddressInUse { line } if line.contains(":7880")),
        "{reason}"
    );
    supervised.shutdown().await;
}

#[tokio::test]
async fn a_child_that_never_becomes_healthy_is_killed_and_started_again() {
    let mut house = House::fixture(&["never-healthy"]);
    house.options.timings.start_timeout = Duration::from_millis(200);
    let mut supervised = house.start().await;
    let reason = supervised.reason().await;
    assert!(matches!(reason, Failure::NotReady { .. }), "{reason}");
    assert!(
        supervised
            .down(Duration::from_millis(1))
            .await
            .reason
            .to_string()
            .contains("ready")
    );
    supervised.shutdown().await;
}

#[tokio::test]
async fn a_program_that_cannot_run_is_reported_with_its_path() {
    let mut house = House::fixture(&[]);
    house.options.built_in.program = "/nowhere/convoke".into();
    let mut supervised = house.start().await;
    let reason = supervised.reason().await.to_string();
    assert!(
        reason.contains("cannot run /nowhere/convoke: No such file"),
        "{reason}"
    );
    supervised.shutdown().await;
}

#[tokio::test]
async fn a_missing_binary_is_an_error_at_once_and_nothing_else_is_taken() {
    let mut house = House::fixture(&[]);
    house.options.engine = livekit_supervisor::Engine::Auto;
    house.options.binary = Some("/nowhere/livekit-server".into());
    assert!(matches!(
        house.try_start().await,
        Err(StartError::Choose(_))
    ));
}

#[tokio::test]
async fn a_hand_written_configuration_without_keys_is_an_error_at_once() {
    let mut house = House::fixture(&[]);
    let path = house.data.path().join("own.yaml");
    fs::write(&path, "port: 7880\n").unwrap();
    house.options.config_path = Some(path);
    assert!(matches!(
        house.try_start().await,
        Err(StartError::ConfigFile(_))
    ));
}
