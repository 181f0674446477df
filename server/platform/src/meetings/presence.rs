//! Who is in which call, for features that decide by it.

use std::collections::HashMap;

use super::store::{self, Call, Stay};
use crate::{
    clock::Timestamp,
    db::{DbError, Executor, Tx},
    livekit::{identity::Subject, token::Generation},
    rooms::RoomId,
};

/// The calls in these rooms; where none goes on there is none. `subject` is whose presence is told.
pub async fn calls(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
    subject: Option<&Subject>,
) -> Result<HashMap<RoomId, Call>, DbError> {
    if rooms.is_empty() {
        return Ok(HashMap::new());
    }
    let subject = subject.map_or("", Subject::as_str);
    let calls = store::calls(db, rooms, subject).await?;
    Ok(calls.into_iter().collect())
}

/// The door closes behind everybody in the room's call: should the media server be lost before they are seen again,
/// they were inside all the same.
pub async fn note_all_inside(tx: &mut Tx, room: RoomId, now: Timestamp) -> Result<(), DbError> {
    store::touch_room(tx, room, now).await
}

/// Whoever is in the call counts from now on as one who was inside when the door was closed: they came in by a right
/// that they lose.
pub async fn keep_inside(
    tx: &mut Tx,
    room: RoomId,
    subject: &Subject,
    locked_generation: Generation,
) -> Result<(), DbError> {
    let before = Generation(locked_generation.0 - 1);
    store::backdate(tx, room, subject, before).await
}

/// One person's stays in the meeting that goes on in a room, or in the one that was cut a moment ago.
#[derive(Debug, Clone, Default)]
pub struct Stays(Vec<Stay>);

/// That person's stays in each of these rooms.
pub async fn stays(
    db: impl Into<Executor<'_>>,
    rooms: &[RoomId],
    subject: &Subject,
) -> Result<HashMap<RoomId, Stays>, DbError> {
    let mut found: HashMap<RoomId, Stays> = HashMap::new();
    if !rooms.is_empty() {
        for stay in store::stays(db, rooms, subject).await? {
            found.entry(stay.room_id).or_default().0.push(stay);
        }
    }
    Ok(found)
}

impl Stays {
    /// Stays that ended then, if they did, with the room's generation and whether there was a place.
    #[cfg(test)]
    pub fn of(stays: &[(Option<Timestamp>, Generation, bool)]) -> Stays {
        let random = crate::random::Random::seeded(1);
        let stay = |&(left_at, generation, seated)| Stay {
            room_id: RoomId::new(&random, Timestamp(0)),
            left_at,
            generation,
            seated,
        };
        Stays(stays.iter().map(stay).collect())
    }

    /// Whether they were in the meeting at all.
    pub fn attended(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether they were inside when the door was closed: they came before, and had not left.
    pub fn inside_at(&self, locked_at: Timestamp, locked_generation: Generation) -> bool {
        self.0.iter().any(|stay| {
            stay.generation < locked_generation
                && stay.left_at.is_none_or(|left_at| left_at >= locked_at)
        })
    }

    /// Whether they are in the call without a place.
    pub fn unseated(&self) -> bool {
        self.0
            .iter()
            .any(|stay| stay.left_at.is_none() && !stay.seated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stays(left_at: Option<i64>, generation: i64) -> Stays {
        Stays::of(&[(left_at.map(Timestamp), Generation(generation), false)])
    }

    #[test]
    fn whoever_came_before_the_lock_and_had_not_left_was_inside() {
        let inside = |left_at, generation| {
            stays(left_at, generation).inside_at(Timestamp(100), Generation(5))
        };
        assert!(inside(None, 4));
        assert!(inside(Some(100), 4));
        assert!(!inside(Some(99), 4), "left before");
        assert!(!inside(None, 5), "came after");
        assert!(!Stays::default().inside_at(Timestamp(100), Generation(5)));
    }

    #[test]
    fn only_those_who_are_there_lack_a_place() {
        assert!(stays(None, 1).unseated());
        assert!(!stays(Some(1), 1).unseated());
    }
}
