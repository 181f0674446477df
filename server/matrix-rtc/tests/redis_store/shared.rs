//! One Redis and two processes' parts of it.

use matrix_rtc::delayed_leave::{
    Note, ParticipantEvent, ParticipantSid, RedisStore, Shared as _, SharedRedis, Turn,
};
use tokio::time::{Instant, sleep};

use crate::{
    harness::{identity, room, stored},
    real::RealRedis,
};

async fn part(url: &str, number: u64) -> SharedRedis {
    SharedRedis::new(RedisStore::connect(url, None).await.unwrap(), number)
}

#[tokio::test]
#[ignore = "needs redis-server"]
async fn one_has_the_turn_and_gets_what_the_other_passes_on() {
    let mut real = RealRedis::start().await;
    let (first, second) = (part(&real.url(), 1).await, part(&real.url(), 2).await);
    assert_eq!(first.turn().await, Ok(Turn::Ours(vec![])));
    assert_eq!(second.turn().await, Ok(Turn::Anothers));
    let notes = [
        Note::HandedOver(stored("@alice<&>:hs:D", "syd_1")),
        Note::Told {
            room: room(),
            identity: identity("@alice<&>:hs:D"),
            event: ParticipantEvent::Joined,
            sid: ParticipantSid::new("PA_1"),
        },
    ];
    second.pass_on(&notes).await.unwrap();
    assert_eq!(second.turn().await, Ok(Turn::Anothers));
    assert_eq!(first.turn().await, Ok(Turn::Ours(notes.to_vec())));
    assert_eq!(
        first.turn().await,
        Ok(Turn::Ours(vec![])),
        "each is read once"
    );

    // Who ends says so; who does not is followed all the same.
    second.end_turn().await.unwrap();
    assert_eq!(
        second.turn().await,
        Ok(Turn::Anothers),
        "it was not its to end"
    );
    first.end_turn().await.unwrap();
    assert_eq!(second.turn().await, Ok(Turn::Ours(vec![])));
    let begun = Instant::now();
    while first.turn().await == Ok(Turn::Anothers) {
        assert!(begun.elapsed().as_secs() < 60, "a turn without end");
        sleep(std::time::Duration::from_millis(50)).await;
    }
    real.kill().await;
    assert!(first.turn().await.is_err());
}
