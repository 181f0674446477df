//! `convoke mock-server` as a CI job starts it: one row of LiveKit's table of flags, one test.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use livekit_api::access_token::{AccessToken, VideoGrants};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

const CREATE_ROOM: &str = "/twirp/livekit.RoomService/CreateRoom";

/// A running mock, ended with the test.
struct Running {
    child: Child,
    /// One per region: where it listens, and how it is advertised.
    regions: Vec<(String, String)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command
        .arg("mock-server")
        .args(arguments)
        .envs(environment.iter().copied());
    command
}

/// Starts a mock and reads the line of each of its regions.
fn start(regions: usize, arguments: &[&str], environment: &[(&str, &str)]) -> Running {
    let mut child = command(arguments, environment)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let regions = (0..regions)
        .map(|index| {
            let line = lines.next().unwrap().unwrap();
            let place = line.strip_prefix(&format!("mock-server: region-{index} listens on "));
            let (address, url) = place.unwrap().split_once(", advertised as ").unwrap();
            (address.to_owned(), url.to_owned())
        })
        .collect();
    Running { child, regions }
}

impl Running {
    /// Status and body of an answer of the first region.
    fn ask(&self, method: &str, path: &str, header: &str) -> (u16, String) {
        let port = self.regions[0].0.rsplit(':').next().unwrap();
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: m\r\nConnection: close\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    fn status_with_secret(&self, secret: &str) -> u16 {
        let grants = VideoGrants {
            room_create: true,
            ..VideoGrants::default()
        };
        let token = AccessToken::with_api_key("any", secret)
            .with_grants(grants)
            .to_jwt()
            .unwrap();
        self.ask(
            "POST",
            CREATE_ROOM,
            &format!("Authorization: Bearer {token}\r\n"),
        )
        .0
    }
}

/// The error of a mock that does not start.
fn refused(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let Output { status, stderr, .. } = command(arguments, environment).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

const FREE: [&str; 4] = ["--ports", "0", "--bind", "127.0.0.1"];

#[test]
fn ports_are_regions_in_their_order() {
    let mock = start(3, &["--ports", "0, 0,0", "--bind", "127.0.0.1"], &[]);
    let (status, list) = mock.ask("GET", "/settings/regions", "");
    assert_eq!(status, 200);
    let places: Vec<usize> = mock
        .regions
        .iter()
        .map(|(_, url)| list.find(url).unwrap())
        .collect();
    assert!(places.is_sorted(), "{list}");
    for (address, url) in &mock.regions {
        assert_eq!(*url, format!("http://{address}"));
    }
}

#[test]
fn ports_come_from_the_environment_unless_there_is_a_flag() {
    let environment = [
        ("LK_TEST_SERVER_PORTS", "0,0"),
        ("LK_TEST_SERVER_BIND", "127.0.0.1"),
    ];
    assert_eq!(start(2, &[], &environment).regions.len(), 2);
    let one = start(1, &["--ports", "0"], &environment);
    assert!(
        !one.ask("GET", "/settings/regions", "")
            .1
            .contains("region-1")
    );
}

#[test]
fn advertise_host_starts_the_urls() {
    let mock = start(
        1,
        &[&FREE[..], &["--advertise-host", "http://mock.test/"]].concat(),
        &[],
    );
    let (address, url) = &mock.regions[0];
    assert_eq!(*url, address.replace("127.0.0.1", "http://mock.test"));
    let mock = start(
        1,
        &FREE,
        &[("LK_TEST_SERVER_ADVERTISE_HOST", "https://other.test")],
    );
    assert!(mock.regions[0].1.starts_with("https://other.test:"));
    assert!(
        mock.ask("GET", "/settings/regions", "")
            .1
            .contains("https://other.test:")
    );
}

#[test]
fn bind_is_where_it_listens() {
    for (bind, address) in [
        ("127.0.0.1", "127.0.0.1:"),
        ("localhost", "127.0.0.1:"),
        ("0.0.0.0", "0.0.0.0:"),
    ] {
        let flag = start(1, &["--ports", "0", "--bind", bind], &[]);
        let variable = start(1, &["--ports", "0"], &[("LK_TEST_SERVER_BIND", bind)]);
        for mock in [flag, variable] {
            let place = &mock.regions[0].0;
            // The name may be IPv6's first.
            assert!(
                place.starts_with(address) || bind == "localhost" && place.starts_with("[::1]:"),
                "{place}"
            );
        }
    }
}

#[test]
fn twirp_prefix_starts_the_calls() {
    let skip = "X-Lk-Mock-Skip-Auth: true\r\n";
    let flag = start(1, &[&FREE[..], &["--twirp-prefix", "/api"]].concat(), &[]);
    let variable = start(1, &FREE, &[("LK_TEST_SERVER_TWIRP_PREFIX", "/api")]);
    for mock in [flag, variable] {
        assert_eq!(
            mock.ask("POST", "/api/livekit.RoomService/CreateRoom", skip)
                .0,
            200
        );
        assert_eq!(mock.ask("POST", CREATE_ROOM, skip).0, 404);
    }
    let empty = [
        ("LK_TEST_SERVER_TWIRP_PREFIX", ""),
        ("LK_TEST_SERVER_API_SECRET_FILE", ""),
    ];
    let default = start(1, &FREE, &empty);
    assert_eq!(default.ask("POST", CREATE_ROOM, skip).0, 200);
}

#[test]
fn api_secret_signs_the_tokens() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "of a file\n").unwrap();
    let path = file.path().to_str().unwrap();
    let default = start(1, &FREE, &[]);
    let flag = start(
        1,
        &[&FREE[..], &["--api-secret", "of a flag"]].concat(),
        &[],
    );
    let variable = start(1, &FREE, &[("LK_TEST_SERVER_API_SECRET", "of a variable")]);
    let filed = start(1, &[&FREE[..], &["--api-secret-file", path]].concat(), &[]);
    let filed_too = start(
        1,
        &FREE,
        &[
            ("LK_TEST_SERVER_API_SECRET_FILE", path),
            ("LK_TEST_SERVER_API_SECRET", "of a variable"),
        ],
    );
    for (mock, secret) in [
        (default, "secret"),
        (flag, "of a flag"),
        (variable, "of a variable"),
        (filed, "of a file"),
        (filed_too, "of a file"),
    ] {
        assert_eq!(mock.status_with_secret(secret), 200, "{secret}");
        assert_eq!(mock.status_with_secret("another"), 401, "{secret}");
    }
}

#[test]
fn the_defaults_are_those_of_livekits_own() {
    let Output { stdout, .. } = command(&["--help"], &[]).output().unwrap();
    let help = String::from_utf8(stdout).unwrap();
    for (flag, variable, default) in [
        ("--ports", "LK_TEST_SERVER_PORTS", "9999,10000,10001,10002"),
        (
            "--advertise-host",
            "LK_TEST_SERVER_ADVERTISE_HOST",
            "http://127.0.0.1",
        ),
        ("--bind", "LK_TEST_SERVER_BIND", "0.0.0.0"),
        ("--twirp-prefix", "LK_TEST_SERVER_TWIRP_PREFIX", "/twirp"),
        ("--api-secret", "LK_TEST_SERVER_API_SECRET", "secret"),
    ] {
        let row = help
            .split("\n      --")
            .find(|row| format!("--{row}").starts_with(&format!("{flag} ")));
        let row = row.unwrap_or_else(|| panic!("{flag} is not in {help}"));
        assert!(row.contains(&format!("[env: {variable}")), "{row}");
        assert!(row.contains(&format!("[default: {default}]")), "{row}");
    }
}

#[test]
fn what_is_wrong_is_told_by_the_name_of_its_flag() {
    let taken = start(1, &FREE, &[]);
    let port = taken.regions[0].0.rsplit(':').next().unwrap();
    let bind = ["--bind", "127.0.0.1"];
    for (arguments, wanted) in [
        (
            vec!["--ports", port],
            format!("--ports: port {port} is taken by another program"),
        ),
        (
            vec!["--ports", "19999,19999"],
            "--ports: port 19999 is named twice".to_owned(),
        ),
        (
            vec!["--ports", "0,x"],
            r#"'--ports <PORTS>': "x" is not a port number"#.to_owned(),
        ),
        (
            vec!["--ports", "70000"],
            r#""70000" is not a port number"#.to_owned(),
        ),
        (
            vec!["--ports", ","],
            "--ports: at least one port is required".to_owned(),
        ),
        (
            vec!["--advertise-host", "mock.test"],
            "'--advertise-host <ADVERTISE_HOST>': not a scheme".to_owned(),
        ),
        (
            vec!["--twirp-prefix", "twirp"],
            "'--twirp-prefix <TWIRP_PREFIX>': not the start".to_owned(),
        ),
        (
            vec!["--ports", "0", "--api-secret-file", "/nowhere/at/all"],
            "--api-secret-file: cannot read".to_owned(),
        ),
        (
            vec!["--ports", "0", "--api-secret-file", "/dev/null"],
            "--api-secret-file: the API secret is empty".to_owned(),
        ),
    ] {
        let error = refused(&[&bind[..], &arguments].concat(), &[]);
        assert!(error.contains(&wanted), "{arguments:?}: {error}");
    }
    let error = refused(&["--ports", "0", "--bind", "203.0.113.1"], &[]);
    assert!(
        error.contains("--bind and --ports: cannot listen on 203.0.113.1:0: "),
        "{error}"
    );
    assert!(refused(&[], &[("LK_TEST_SERVER_PORTS", "x")]).contains("--ports"));
}

#[test]
fn sigterm_ends_it_in_good_order_even_while_a_call_waits() {
    let mut mock = start(1, &FREE, &[]);
    let mut waiting = TcpStream::connect(&mock.regions[0].0).unwrap();
    let request = format!(
        "POST {CREATE_ROOM} HTTP/1.1\r\nHost: m\r\nContent-Length: 0\r\n\
         X-Lk-Mock: {{\"skipAuth\":true,\"delayMs\":3600000}}\r\n\r\n"
    );
    waiting.write_all(request.as_bytes()).unwrap();
    assert_eq!(mock.ask("GET", "/", "").0, 200);
    let pid = Pid::from_raw(mock.child.id().try_into().unwrap());
    kill(pid, Signal::SIGTERM).unwrap();
    assert!(mock.child.wait().unwrap().success());
}
