//! A child goes on without its supervisor, and the next one takes it up, replaces it or ends it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Child,
    time::Duration,
};

use livekit_supervisor::{
    ApiKeys, ChildName, ChildState, Failure, LeftBehind, Stop, end_left_behind, end_unwanted,
};
use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::{
    house::{GRACE, House, Supervised, command_line, gone, is_running, mode, signal},
    stop::parent_command,
};

const SPARING: Stop = Stop {
    grace: GRACE,
    spares_work: true,
};

crate::with_every_server!(
    a_child_outlives_a_killed_parent_and_the_next_takes_it_up,
    a_child_without_people_ends_with_a_parent_that_spares_work,
    a_child_that_nobody_comes_back_to_ends_by_itself,
    a_child_without_people_is_replaced_when_another_would_be_started,
    a_child_that_is_of_no_use_ends_before_the_next_starts,
    what_was_left_behind_ends_when_asked,
);

/// A process that supervises the house's child, and that child's pid.
fn parent(house: &House, word: &str) -> (Child, u32) {
    let mut parent = parent_command(house, word).spawn().unwrap();
    let mut pid = String::new();
    BufReader::new(parent.stdout.take().unwrap())
        .read_line(&mut pid)
        .unwrap();
    (parent, pid.trim().parse().unwrap())
}

/// The child of a parent that was killed.
fn left_behind(house: &House, word: &str) -> u32 {
    let (mut parent, pid) = parent(house, word);
    parent.kill().unwrap();
    parent.wait().unwrap();
    pid
}

/// The small child, with as many people as the file says.
fn with_people(people: &str) -> (House, PathBuf) {
    let mut house = House::fixture(&["has-people"]);
    let file = house.data.path().join("people");
    fs::write(&file, people).unwrap();
    house.options.built_in.args.push(file.clone().into());
    (house, file)
}

async fn a_child_outlives_a_killed_parent_and_the_next_takes_it_up(house: House) {
    let pid = left_behind(&house, "parent");
    assert!(is_running(pid));
    assert_eq!(mode(&house.record()), 0o600);
    assert!(
        !command_line(house.keeper()).contains("--config"),
        "who looks for the child finds the child"
    );
    let mut next = house.start().await;
    assert!(next.handle.is_adopted());
    let ready = next.ready().await;
    assert_eq!(ready.pid, pid);
    assert!(ready.version.is_some() && ready.media.is_some());
    // It is watched like any other.
    signal(pid, Signal::SIGKILL);
    let reason = next.reason().await;
    assert!(
        matches!(reason, Failure::Killed { signal: 9, .. }),
        "{reason}"
    );
    let other = next.ready_again(pid).await;
    assert_eq!(other.endpoint.internal_url, ready.endpoint.internal_url);
    next.shutdown().await;
    assert!(!is_running(other.pid));
    assert!(!house.record().exists() && !house.config_file().exists());
}

async fn a_child_without_people_ends_with_a_parent_that_spares_work(house: House) {
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    supervised.handle.stop(SPARING).await;
    assert!(!is_running(ready.pid));
    assert!(!house.record().exists() && !house.config_file().exists());
}

async fn a_child_that_nobody_comes_back_to_ends_by_itself(house: House) {
    let pid = left_behind(&house, "brief-parent");
    let keeper = house.keeper();
    gone(pid).await;
    gone(keeper).await;
    assert!(!house.record().exists() && !house.config_file().exists());
}

async fn a_child_without_people_is_replaced_when_another_would_be_started(mut house: House) {
    let pid = left_behind(&house, "parent");
    house.options.room.empty_timeout = Some(17);
    let mut next = house.start().await;
    assert!(!next.handle.is_adopted());
    assert!(!is_running(pid));
    next.ready().await;
    next.shutdown().await;
}

async fn a_child_that_is_of_no_use_ends_before_the_next_starts(mut house: House) {
    let pid = left_behind(&house, "parent");
    house.options.keys = Some(ApiKeys {
        api_key: "APIother".to_owned(),
        api_secret: "o".repeat(40).into(),
    });
    let mut next = house.start().await;
    assert!(!next.handle.is_adopted());
    assert!(!is_running(pid));
    assert_eq!(next.ready().await.endpoint.keys.api_key, "APIother");
    next.shutdown().await;
}

async fn what_was_left_behind_ends_when_asked(house: House) {
    let pid = left_behind(&house, "parent");
    let keeper = house.keeper();
    let ended = end_left_behind(house.data.path(), GRACE).await;
    assert_eq!(ended.ended, ["the media server"]);
    assert!(!is_running(pid));
    gone(keeper).await;
    assert!(!house.record().exists() && !house.config_file().exists());
    let again = end_left_behind(house.data.path(), GRACE).await;
    assert_eq!(again, LeftBehind::default());
}

#[tokio::test]
async fn a_child_that_is_not_wanted_any_more_ends_with_its_file() {
    let (house, _people) = with_people("2");
    let pid = left_behind(&house, "parent");
    end_unwanted(house.data.path(), ChildName::Egress).await;
    assert!(is_running(pid) && house.config_file().exists());
    end_unwanted(house.data.path(), ChildName::Media).await;
    assert!(!is_running(pid));
    // One that nobody tidied up after.
    fs::write(house.config_file(), "keys: {}\n").unwrap();
    end_unwanted(house.data.path(), ChildName::Media).await;
    assert!(!house.record().exists() && !house.config_file().exists());
}

#[tokio::test]
async fn a_child_with_people_goes_on_without_a_parent_that_spares_work() {
    let (house, people) = with_people("2");
    let mut first = house.start().await;
    let ready = first.ready().await;
    first.handle.stop(SPARING).await;
    assert!(is_running(ready.pid));
    let mut second = house.start().await;
    assert!(second.handle.is_adopted());
    assert_eq!(second.ready().await.pid, ready.pid);
    assert_eq!(second.handle.people().await, Some(2));
    fs::write(people, "0").unwrap();
    second.handle.stop(SPARING).await;
    assert!(!is_running(ready.pid));
}

#[tokio::test]
async fn a_child_with_people_goes_on_when_its_next_parent_goes_at_once() {
    let (mut house, people) = with_people("2");
    let pid = left_behind(&house, "parent");
    // Before the first probe.
    let second = house.start().await;
    second.handle.stop(SPARING).await;
    assert!(is_running(pid));
    let third = house.start().await;
    let Supervised { handle, mut state } = third;
    drop(handle);
    let stopped = |state: &ChildState| matches!(state, ChildState::Stopped);
    state.wait_for(stopped).await.unwrap();
    assert!(is_running(pid));
    // Nor does it lose them because it takes its time to say that they are there.
    fs::write(&people, "silent").unwrap();
    house.options.built_in_version = "99.0.0".to_owned();
    let fourth = house.start().await;
    assert!(fourth.handle.is_adopted());
    fourth.handle.stop(SPARING).await;
    assert!(is_running(pid));
    end_left_behind(house.data.path(), GRACE).await;
    gone(pid).await;
}

#[tokio::test]
async fn a_child_that_says_nothing_ends_by_itself_after_some_questions() {
    let (house, people) = with_people("2");
    let pid = left_behind(&house, "brief-parent");
    let keeper = house.keeper();
    fs::write(people, "silent").unwrap();
    gone(pid).await;
    gone(keeper).await;
    assert!(!house.record().exists());
}

#[tokio::test]
async fn a_child_with_people_outlasts_the_time_for_itself() {
    let (house, people) = with_people("1");
    let pid = left_behind(&house, "brief-parent");
    sleep(Duration::from_secs(1)).await;
    assert!(is_running(pid));
    fs::write(people, "0").unwrap();
    gone(pid).await;
}

#[tokio::test]
async fn what_a_child_says_meanwhile_is_heard_by_the_next() {
    let (house, people) = with_people("3");
    let pid = left_behind(&house, "brief-parent");
    // It is asked who is there, and says so, while nobody listens.
    sleep(Duration::from_secs(1)).await;
    fs::write(people, "4").unwrap();
    let mut next = house.start().await;
    assert!(next.handle.is_adopted(), "whatever waits to be read");
    next.ready().await;
    signal(pid, Signal::SIGKILL);
    let lines = next.down(Duration::ZERO).await.last_log_lines;
    assert!(
        lines.contains(&"asked who is here: 3".to_owned()),
        "{lines:?}"
    );
    next.shutdown().await;
}

#[tokio::test]
async fn another_program_takes_over_when_the_last_one_has_left() {
    let (mut house, people) = with_people("1");
    let pid = left_behind(&house, "parent");
    house.options.built_in_version = "99.0.0".to_owned();
    let mut next = house.start().await;
    assert!(next.handle.is_adopted());
    let before = next.ready().await;
    assert_eq!(before.pid, pid);
    assert_ne!(before.version.as_deref(), Some("99.0.0"));
    assert!(before.is_outdated);
    fs::write(people, "0").unwrap();
    let after = next.ready_again(pid).await;
    assert_eq!(after.version.as_deref(), Some("99.0.0"));
    assert!(!after.is_outdated);
    assert_eq!(after.endpoint.internal_url, before.endpoint.internal_url);
    next.shutdown().await;
}

#[tokio::test]
async fn a_keeper_that_hangs_is_killed_and_its_child_replaced() {
    let house = House::fixture(&[]);
    let pid = left_behind(&house, "parent");
    let keeper = house.keeper();
    signal(keeper, Signal::SIGSTOP);
    let mut next = house.start().await;
    assert!(!next.handle.is_adopted());
    assert_ne!(next.ready().await.pid, pid);
    gone(pid).await;
    gone(keeper).await;
    next.shutdown().await;
}

#[tokio::test]
async fn a_killed_keeper_takes_its_child_along_and_both_come_back() {
    let house = House::fixture(&[]);
    let mut supervised = house.start().await;
    let first = supervised.ready().await;
    signal(house.keeper(), Signal::SIGKILL);
    let second = supervised.ready_again(first.pid).await;
    assert!(!is_running(first.pid));
    supervised.shutdown().await;
    assert!(!is_running(second.pid) && !house.record().exists());
}

#[tokio::test]
async fn a_record_that_does_not_fit_commands_nobody() {
    let house = House::fixture(&[]);
    let pid = left_behind(&house, "parent");
    let keeper = house.keeper();
    let whole = fs::read_to_string(house.record()).unwrap();
    let mut wrong: serde_json::Value = serde_json::from_str(&whole).unwrap();
    wrong["knock"] = "another word".into();
    let refused = LeftBehind {
        refused: vec!["the media server"],
        ..LeftBehind::default()
    };
    for (text, left) in [
        (wrong.to_string(), refused),
        (whole[..whole.len() / 2].to_owned(), LeftBehind::default()),
    ] {
        fs::write(house.record(), text).unwrap();
        assert_eq!(end_left_behind(house.data.path(), GRACE).await, left);
        assert!(house.record().exists());
        assert!(is_running(pid) && is_running(keeper));
    }
    fs::write(house.record(), whole).unwrap();
    end_left_behind(house.data.path(), GRACE).await;
    gone(pid).await;
}

#[tokio::test]
async fn a_tied_child_is_not_spared() {
    let (house, _people) = with_people("2");
    let mut supervised = house.start().await;
    let ready = supervised.ready().await;
    supervised.handle.tie();
    supervised.handle.stop(SPARING).await;
    assert!(!is_running(ready.pid));
}
