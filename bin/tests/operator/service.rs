//! What a service manager passes to a site and hears from it.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    path::Path,
    process::Command,
};

use reqwest::Method;

use crate::site::Site;

struct Manager(UnixDatagram);

impl Manager {
    fn at(path: &Path) -> Manager {
        Manager(UnixDatagram::bind(path).unwrap())
    }

    fn heard(&self) -> String {
        let mut bytes = [0; 1024];
        let count = self.0.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..count].to_vec()).unwrap()
    }
}

#[test]
fn a_service_manager_hears_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let manager = Manager::at(&socket);
    let mut site = Site::start_with(&folder.path().join("data"), |command| {
        command
            .env("NOTIFY_SOCKET", &socket)
            .env("WATCHDOG_USEC", "300000");
    });
    let ready = manager.heard();
    assert!(ready.lines().any(|line| line == "READY=1"), "{ready}");
    let at = site.url.replace("127.0.0.1", "localhost");
    assert!(ready.contains(&format!("STATUS=at {at}")), "{ready}");
    for _ in 0..3 {
        assert_eq!(manager.heard().trim(), "WATCHDOG=1");
    }
    assert!(site.stop());
    while manager.heard().trim() != "STOPPING=1" {}
}

#[tokio::test]
async fn a_site_serves_on_the_socket_that_it_was_passed() {
    let folder = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let site = Site::start_with(&folder.path().join("data"), |command| {
        // As systemd does it: the socket is descriptor 3, and LISTEN_PID is the process itself.
        let program = command.get_program().to_owned();
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command.env("CONVOKE_SERVER__PORT", port.to_string());
        command.env("LISTEN_FDS", "1");
        let variables: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        let pass = "exec 3<&0 </dev/null; LISTEN_PID=$$ exec \"$0\" \"$@\"";
        *command = Command::new("/bin/sh");
        command.args(["-c", pass]).arg(program).args(arguments);
        command.env_clear().envs(variables);
        // Nobody but the site has it from now on.
        command.stdin(OwnedFd::from(socket));
    });
    let (status, _) = site.ask(Method::GET, "/api/site", None, None).await;
    assert_eq!(status, 200);
    assert!(site.url.ends_with(&format!(":{port}")), "{}", site.url);
    assert!(!site.log().contains("service manager"), "{}", site.log());
}

#[test]
fn a_socket_on_another_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let site = Site::start_with(&folder.path().join("data"), |command| {
        // Without LISTEN_PID it is for whoever is started.
        command
            .env("LISTEN_FDS", "1")
            .env("LISTEN_FDS_FIRST_FD", "0");
        command.stdin(OwnedFd::from(socket));
    });
    let said = "the service manager listens on a port that neither";
    let log = site.log();
    assert!(
        log.contains(said) && log.contains(&address.to_string()),
        "{log}"
    );
}
