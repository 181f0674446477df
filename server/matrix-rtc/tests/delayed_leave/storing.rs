//! Over restarts of the process, and while the store is out.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use matrix_rtc::delayed_leave::{
    Acted,
    ParticipantEvent::{Joined, LeftIntentionally},
    Settings,
};
use tokio::time::Instant;

use crate::harness::{
    ALICE, Answer, Disk, DiskState, House, SfuState, delegation, delegation_of, seconds, settings,
    wall_clock,
};

#[tokio::test(start_paused = true)]
async fn a_delegation_is_stored_before_it_is_answered() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    let stored = house.disk.entry(ALICE).unwrap();
    assert_eq!(stored.delegation, delegation("leave", seconds(10.0)));
    let age = wall_clock().duration_since(stored.restarted_at).unwrap();
    assert!(age < Duration::from_millis(5), "{age:?}");
}

#[tokio::test(start_paused = true)]
async fn each_restart_is_stored_with_the_time_it_was_asked_for() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    let slow = Answer::After(seconds(3.0), Ok(Acted::Done));
    house
        .homeserver
        .answers([Answer::Now(Ok(Acted::Done)), slow]);
    house.tell(Joined);
    house.pass(12.0).await;
    let stored = house.disk.entry(ALICE).unwrap();
    let age = wall_clock().duration_since(stored.restarted_at).unwrap();
    assert_eq!(
        format!("{:.1}", age.as_secs_f64()),
        "4.0",
        "restarted at 8 s"
    );
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_deleted_only_when_the_leave_was_sent() {
    let house = House::open().await;
    house.take_over("leave", seconds(10.0)).await;
    house.tell(Joined);
    house.pass(1.0).await;
    let slow = Answer::After(seconds(3.0), Ok(Acted::Done));
    house.homeserver.answers([slow]);
    house.tell(LeftIntentionally);
    house.pass(3.9).await;
    assert_eq!(house.disk.len(), 1);
    house.pass(0.2).await;
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_closed_process_s_delegations_are_resumed_by_the_next() {
    let disk = Arc::new(Disk::default());
    let first = House::open_on(disk.clone(), settings()).await;
    first.take_over("leave", seconds(10.0)).await;
    first.tell(Joined);
    first.pass(1.0).await;
    first.leaves.close().await;

    let second = House::open_on(disk, settings()).await;
    second.sfu.enter(ALICE);
    second.pass(1.0).await;
    second.tell(LeftIntentionally);
    second.pass(1.0).await;
    assert_eq!(second.requests(), ["0.0 leave restart", "2.0 leave send"]);
    assert_eq!(second.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_ends_without_a_word_loses_nothing() {
    let disk = Arc::new(Disk::default());
    let first = House::open_on(disk.clone(), settings()).await;
    first.take_over("leave", seconds(60.0)).await;
    first.tell(Joined);
    // In the middle of a restart.
    first.homeserver.answers([Answer::Never]);
    first.pass(1.0).await;
    let homeserver = first.homeserver.clone();
    drop(first);

    let sfu = Arc::default();
    let second = House::open_among(homeserver, sfu, disk, settings()).await;
    second.tell(Joined);
    second.pass(50.0).await;
    // The first is the one of the process before; nothing of that process goes on.
    assert_eq!(
        second.requests()[1..],
        ["0.0 leave restart", "48.0 leave restart"]
    );
    assert_eq!(second.leaves.snapshot().live, 1);
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_is_deleted_without_a_request() {
    let disk = Arc::new(Disk::default());
    disk.holds(
        delegation("leave", seconds(10.0)),
        wall_clock() - seconds(10.0),
    );
    let house = House::open_on(disk, settings()).await;
    assert_eq!(house.disk.len(), 0);
    house.pass(100.0).await;
    assert_eq!(house.requests(), [""; 0]);
    assert_eq!(house.lookups(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_expires_nothing() {
    let disk = Arc::new(Disk::default());
    disk.holds(
        delegation("leave", seconds(10.0)),
        wall_clock() + seconds(3600.0),
    );
    let house = House::open_on(disk, settings()).await;
    house.sfu.enter(ALICE);
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["0.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn a_delegation_waits_for_a_store_that_hangs_for_two_seconds_and_then_acts() {
    let house = House::open().await;
    house.sfu.enter(ALICE);
    house.disk.becomes(DiskState::Hangs);
    house.take_over("leave", seconds(10.0)).await;
    house.pass(0.0).await;
    assert_eq!(house.requests(), ["2.0 leave restart"]);
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_known_to_be_out_nobody_waits_for_it() {
    let house = House::open().await;
    house.disk.becomes(DiskState::Hangs);
    house.take_over("first", seconds(100.0)).await;
    let before = Instant::now();
    house.take_over("second", seconds(100.0)).await;
    assert_eq!(before.elapsed(), seconds(0.0));
    house.tell(Joined);
    house.pass(100.0).await;
    assert_eq!(house.leaves.snapshot().restarts, 2);
}

#[tokio::test(start_paused = true)]
async fn what_a_store_missed_is_written_when_it_is_back_and_only_as_it_is_by_then() {
    let house = House::open().await;
    house.take_over("before", seconds(1000.0)).await;
    house.disk.becomes(DiskState::Fails);
    house.tell(Joined);
    house.pass(1.0).await;
    house.tell(LeftIntentionally);
    house.pass(1.1).await;
    for number in 0..20 {
        let who = format!("@user{number}:example.com:DEVICE");
        for delay_id in ["old", "new"] {
            let delegation = delegation_of(&who, delay_id, seconds(1000.0));
            assert_eq!(house.try_take_over(delegation).await, Ok(()));
        }
    }
    house.pass(100.0).await;
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("before"));
    *house.disk.writes.lock().unwrap() = 0;
    house.disk.becomes(DiskState::Works);
    house.pass(6.0).await;
    assert_eq!(house.disk.entry(ALICE), None);
    assert_eq!(house.disk.len(), 20);
    let newest = house.disk.delay_id("@user7:example.com:DEVICE");
    assert_eq!(newest.as_deref(), Some("new"));
    assert_eq!(*house.disk.writes.lock().unwrap(), 21);
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_does_not_fill_the_memory() {
    let house = House::open_with(Settings {
        max_delegations: 2,
        ..settings()
    })
    .await;
    house.disk.becomes(DiskState::Fails);
    for number in 0..100 {
        let who = format!("@user{number}:example.com:DEVICE");
        let delegation = delegation_of(&who, "leave", seconds(0.01));
        assert_eq!(house.try_take_over(delegation).await, Ok(()));
        house.pass(0.1).await;
    }
    assert_eq!(house.leaves.snapshot().sends, 100);
    house.disk.becomes(DiskState::Works);
    house.pass(6.0).await;
    let writes = *house.disk.writes.lock().unwrap();
    assert!((1..=4).contains(&writes), "{writes}");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_failed_does_not_come_back_over_a_newer_one() {
    let house = House::open().await;
    house.disk.becomes(DiskState::Hangs);
    let first = house.take_over("first", seconds(100.0));
    let second = async {
        house.pass(1.0).await;
        house.take_over("second", seconds(100.0)).await;
    };
    futures::join!(first, second);
    house.disk.becomes(DiskState::Works);
    house.pass(6.0).await;
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("second"));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_read_at_the_start_is_read_later() {
    let disk = Arc::new(Disk::default());
    disk.holds(delegation("stored", seconds(100.0)), wall_clock());
    disk.holds(
        delegation_of("@bob:example.com:DEVICE", "bobs", seconds(100.0)),
        wall_clock(),
    );
    disk.becomes(DiskState::Fails);
    let house = House::open_on(disk, settings()).await;
    house.take_over("newer", seconds(100.0)).await;
    // The newer one is written at 7 s, after the store is read at 5 s.
    house.pass(4.0).await;
    house.disk.becomes(DiskState::Works);
    house.pass(6.0).await;
    assert_eq!(house.leaves.snapshot().live, 2);
    assert_eq!(house.disk.delay_id(ALICE).as_deref(), Some("newer"));
    house.tell(Joined);
    house.pass(0.0).await;
    assert!(
        house
            .requests()
            .iter()
            .any(|request| request.ends_with("newer restart"))
    );
    assert!(
        !house
            .requests()
            .iter()
            .any(|request| request.contains("stored"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_holds_up_neither_start_nor_end_for_long() {
    let disk = Arc::new(Disk::default());
    disk.becomes(DiskState::Hangs);
    let before = Instant::now();
    let house = House::open_on(disk, settings()).await;
    house.take_over("leave", seconds(100.0)).await;
    house.leaves.close().await;
    assert!(before.elapsed() < seconds(12.0), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_last_changes_are_written_when_closing() {
    let house = House::open().await;
    house.take_over("leave", seconds(100.0)).await;
    house.disk.becomes(DiskState::Fails);
    house.tell(Joined);
    house.pass(0.0).await;
    house.tell(LeftIntentionally);
    house.pass(1.2).await;
    assert_eq!(house.disk.len(), 1);
    house.disk.becomes(DiskState::Works);
    house.leaves.close().await;
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_logged_once_and_its_end_once() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer({
            let log = log.clone();
            move || log.clone()
        })
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let house = House::open().await;
    house.disk.becomes(DiskState::Fails);
    for number in 0..10 {
        house
            .take_over(&format!("leave{number}"), seconds(100.0))
            .await;
        house.pass(5.0).await;
    }
    assert_eq!(log.count("the store of delayed leaves fails"), 1);
    assert_eq!(log.count("leaves is back"), 0);
    house.disk.becomes(DiskState::Works);
    house.pass(6.0).await;
    assert_eq!(log.count("leaves is back"), 1);
    house.leaves.close().await;
    assert_eq!(log.count("leave9"), 0, "delay ids stay out of the log");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn count(&self, what: &str) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.matches(what).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_participant_who_does_not_come_back_after_a_restart_is_no_ghost_for_an_hour() {
    let disk = Arc::new(Disk::default());
    disk.holds(delegation("leave", seconds(3600.0)), wall_clock());
    let house = House::open_on(disk, settings()).await;
    house.pass(59.0).await;
    assert_eq!(house.requests(), [""; 0]);
    house.pass(1.5).await;
    assert_eq!(house.requests(), ["60.0 leave send"]);
    assert_eq!(house.disk.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_the_minute_begins_when_the_sfu_answers() {
    let disk = Arc::new(Disk::default());
    disk.holds(delegation("leave", seconds(3600.0)), wall_clock());
    let house = House::open_on(disk, settings()).await;
    house.sfu.becomes(SfuState::Fails);
    house.pass(100.0).await;
    house.sfu.becomes(SfuState::Answers);
    house.pass(50.0).await;
    assert_eq!(house.requests(), [""; 0]);
    house.pass(16.0).await;
    assert_eq!(house.requests().len(), 1);
    assert!(house.requests()[0].ends_with("leave send"));
}

#[tokio::test(start_paused = true)]
async fn a_stored_event_is_kept_alive_while_its_participant_may_come_back() {
    let disk = Arc::new(Disk::default());
    disk.holds(
        delegation("leave", seconds(10.0)),
        wall_clock() - seconds(5.0),
    );
    let house = House::open_on(disk, settings()).await;
    house.pass(12.0).await;
    assert_eq!(
        house.requests(),
        ["3.0 leave restart", "11.0 leave restart"]
    );
}
