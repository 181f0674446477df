//! Nothing of the child is left, whichever way its parent goes.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    time::Duration,
};

use livekit_supervisor::ChildState;
use nix::sys::signal::Signal;

use crate::house::{GRACE, House, Supervised, fixture, gone, is_running, signal};

crate::with_every_server!(
    a_stopped_child_is_gone_and_its_ports_are_free,
    a_dropped_handle_kills_the_child,
    a_parent_without_descriptors_does_not_blame_its_child,
);

async fn a_stopped_child_is_gone_and_its_ports_are_free(house: House) {
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    supervised.shutdown().await;
    assert!(!is_running(ready.pid));
    let port = ready.endpoint.internal_url.port().unwrap();
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
}

async fn a_dropped_handle_kills_the_child(house: House) {
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    let Supervised { handle, mut state } = supervised;
    drop(handle);
    state
        .wait_for(|state| matches!(state, ChildState::Stopped))
        .await
        .unwrap();
    assert!(!is_running(ready.pid));
    assert!(!house.config_file().exists());
}

async fn a_parent_without_descriptors_does_not_blame_its_child(house: House) {
    let output = parent_command(&house, "starved-parent").output().unwrap();
    let pids = String::from_utf8(output.stdout).unwrap();
    let pids: Vec<_> = pids.lines().collect();
    assert_eq!(pids.len(), 2, "{pids:?}");
    assert_eq!(pids[0], pids[1]);
}

pub fn parent_command(house: &House, word: &str) -> Command {
    let line = fixture(word, &[]);
    let mut command = Command::new(line.program);
    command
        .args(line.args)
        .arg(house.data.path())
        .stdout(Stdio::piped());
    command.arg(
        house
            .options
            .binary
            .as_deref()
            .unwrap_or(&house.options.built_in.program),
    );
    if house.options.binary.is_none() {
        command.args(&house.options.built_in.args);
    }
    command
}

#[tokio::test]
async fn a_child_is_asked_to_drain_before_it_ends() {
    let mut house = House::fixture(&["leaves-a-mark"]);
    let mark = house.data.path().join("drained");
    house.options.built_in.args.push(mark.clone().into());
    let mut supervised = house.start().await;
    supervised.ready().await;
    assert!(!mark.exists());
    supervised.shutdown().await;
    assert!(mark.exists());
}

#[tokio::test]
async fn a_child_that_does_not_drain_in_time_is_killed() {
    let house = House::fixture(&["stubborn"]);
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    supervised.handle.shutdown(Duration::from_millis(50)).await;
    assert!(!is_running(ready.pid));
}

#[tokio::test]
async fn what_a_wrapper_script_started_goes_too() {
    let mut house = House::fixture(&[]);
    let script = house.data.path().join("wrapper");
    let left = house.data.path().join("left");
    let server = fixture("serve", &[]).program;
    let text = format!(
        "#!/bin/sh\nsleep 3600 &\necho $! >> {}\nexec {} serve \"$@\"\n",
        left.display(),
        server.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    house.options.engine = livekit_supervisor::Engine::LivekitServer;
    house.options.binary = Some(script);
    let mut supervised = house.start().await;
    supervised.ready().await;
    // One for the child, one for the question after its version.
    let left = fs::read_to_string(left).unwrap();
    let sleepers: Vec<u32> = left.lines().map(|pid| pid.parse().unwrap()).collect();
    assert!(sleepers.iter().any(|pid| is_running(*pid)));
    supervised.shutdown().await;
    for sleeper in sleepers {
        gone(sleeper).await;
    }
}

#[tokio::test]
async fn a_stop_while_the_child_starts_is_clean() {
    let mut house = House::fixture(&["never-healthy"]);
    house.options.timings.start_timeout = GRACE;
    let supervised = house.start().await;
    supervised.shutdown().await;
    assert!(!house.config_file().exists());
}

#[tokio::test]
async fn a_terminal_interrupt_of_the_parent_does_not_reach_the_child() {
    let house = House::fixture(&[]);
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    let child = nix::unistd::Pid::from_raw(i32::try_from(ready.pid).unwrap());
    assert_eq!(
        nix::unistd::getpgid(Some(child)).unwrap(),
        child,
        "it leads its own group"
    );
    signal(ready.pid, Signal::SIGCONT);
    supervised.shutdown().await;
}
