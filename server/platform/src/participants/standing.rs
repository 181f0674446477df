//! Whether a token or a participant is still welcome; asked at the signal socket, by webhooks and by the reconciler.

use livekit_protocol as proto;
use thiserror::Error;

use super::store::{self, Decided};
use crate::{
    accounts::{self, Validity},
    app::App,
    db::{DbError, Executor, Tx},
    livekit::{
        identity::Identity,
        room_service::RoomName,
        token::{Generation, TokenClaim},
    },
    meetings::{self, Stays},
    rooms::{self, DoorRow, MemberRole, RoomId},
};

/// Why a token is worthless, though its signature and time are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unwelcome {
    /// The room was deleted.
    #[error("The room was deleted.")]
    RoomDeleted,
    /// The person is banned.
    #[error("You were banned from this room.")]
    Banned,
    /// The account was disabled or deleted.
    #[error("This account cannot be used.")]
    AccountClosed,
    /// The device was signed out.
    #[error("This device was signed out.")]
    SignedOut,
    /// The token opens another connection beside its own: nobody is in a call twice from one device.
    #[error("A token is for one connection.")]
    SecondConnection,
    /// The token is older than a kick, a change of permissions or the end of the call.
    #[error("This token was withdrawn; ask to join again.")]
    Withdrawn,
    /// The room was locked before the token was used.
    #[error("The room is locked.")]
    Locked,
    /// Every seat is taken.
    #[error("The room is full.")]
    Full,
}

/// What the record says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Unwelcome(Unwelcome),
    /// Welcome as far as seats allow.
    NeedsSeat {
        room: RoomId,
        seats: i64,
    },
    Welcome,
}

/// What is on record about one person in a room.
#[derive(Debug, Clone)]
struct Standing {
    door: DoorRow,
    decided: Decided,
    /// In the running meeting, or in one that was cut a moment ago.
    stays: Stays,
    /// Of the identity's account and device.
    account: Validity,
}

/// `None` for a room that the platform does not know.
async fn standing(
    db: impl Into<Executor<'_>>,
    room: &str,
    identity: &Identity,
) -> Result<Option<Standing>, DbError> {
    let mut db = db.into();
    let (user, subject) = (identity.user_id(), identity.subject());
    let Some(door) = rooms::door(db.again(), room, user.unwrap_or("")).await? else {
        return Ok(None);
    };
    let decided = store::decided(db.again(), door.id, &subject).await?;
    let mut stays = meetings::stays(db.again(), &[door.id], &subject).await?;
    let account = match user {
        Some(user) => accounts::validity(db, user, identity.device().unwrap_or("")).await?,
        None => Validity::default(),
    };
    Ok(Some(Standing {
        stays: stays.remove(&door.id).unwrap_or_default(),
        door,
        decided,
        account,
    }))
}

/// Checks what a token claims against the record. Tokens that an integrator signed for rooms of
/// their own pass; one of ours for a room that is not on record any more does not.
pub async fn check_token(app: &App, claim: &TokenClaim) -> Result<Verdict, DbError> {
    let standing = standing(&mut app.db.reads().await?, &claim.room.0, &claim.identity).await?;
    Ok(match standing {
        Some(standing) => match judge_token(&standing, claim) {
            Some(reason) => Verdict::Unwelcome(reason),
            None if counts_seats(&standing.door, &claim.identity) => Verdict::NeedsSeat {
                room: standing.door.id,
                seats: standing.door.max_participants,
            },
            None => Verdict::Welcome,
        },
        None if is_ours(claim) => Verdict::Unwelcome(Unwelcome::RoomDeleted),
        None => Verdict::Welcome,
    })
}

fn is_ours(claim: &TokenClaim) -> bool {
    claim.identity.is_ours() && claim.room.0.parse::<RoomId>().is_ok()
}

fn judge_token(standing: &Standing, claim: &TokenClaim) -> Option<Unwelcome> {
    let identity = &claim.identity;
    let Standing { door, decided, .. } = standing;
    let withdrawn = if let Some(generation) = claim.generation {
        generation < door.tokens_from.max(from(decided.tokens_from))
    } else {
        let not_before = decided.tokens_not_before.unwrap_or(0);
        claim.not_before < not_before.max(door.tokens_not_before)
    };
    let unwelcome = judge_person(standing, identity);
    // Programs that sign tokens of their own decide whom they let into a locked room; a token of the lock's very
    // second may be from before.
    let locked_since = door
        .locked_at
        .is_some_and(|locked_at| claim.not_before <= locked_at.as_seconds());
    let locked = !identity.is_ours() && locked_since && !standing.stays.attended();
    match unwelcome {
        Some(Unwelcome::Locked | Unwelcome::Full) | None if withdrawn => Some(Unwelcome::Withdrawn),
        None if locked => Some(Unwelcome::Locked),
        // Seats are looked up when one is about to be taken.
        Some(Unwelcome::Full) | None => None,
        Some(other) => Some(other),
    }
}

/// Checks somebody who is in the call: they may have come in beside the signal proxy.
pub async fn check_participant(
    app: &App,
    room: &RoomName,
    identity: &Identity,
    info: &proto::ParticipantInfo,
) -> Result<Option<Unwelcome>, DbError> {
    let standing = standing(&mut app.db.reads().await?, &room.0, identity).await?;
    Ok(standing.and_then(|standing| judge_participant(&standing, identity, info)))
}

fn judge_participant(
    standing: &Standing,
    identity: &Identity,
    info: &proto::ParticipantInfo,
) -> Option<Unwelcome> {
    let Standing { door, decided, .. } = standing;
    let stays_from = door.tokens_from.max(from(decided.stays_from));
    let withdrawn =
        Generation::of(&info.attributes).is_some_and(|generation| generation < stays_from);
    let sent_out = decided.kicked == Some(true);
    match judge_person(standing, identity) {
        Some(Unwelcome::Locked | Unwelcome::Full) | None if withdrawn || sent_out => {
            Some(Unwelcome::Withdrawn)
        }
        other => other,
    }
}

/// What holds for tokens and participants alike.
fn judge_person(standing: &Standing, identity: &Identity) -> Option<Unwelcome> {
    let Standing {
        door,
        decided,
        stays,
        account,
    } = standing;
    // As `rooms::access` has it: who moderates gets in, banned before or not.
    let moderates = moderates(door, identity);
    let ours = identity.is_ours() && !moderates;
    let shut_out = door
        .locked_at
        .is_some_and(|locked_at| !stays.inside_at(locked_at, door.locked_generation));
    if door.deleted_at.is_some() {
        Some(Unwelcome::RoomDeleted)
    } else if decided.banned && !moderates {
        Some(Unwelcome::Banned)
    } else if identity.user_id().is_some() && !account.enabled {
        Some(Unwelcome::AccountClosed)
    } else if identity.user_id().is_some() && !account.signed_in {
        Some(Unwelcome::SignedOut)
    } else if identity.is_ours() && identity.is_second_connection() {
        Some(Unwelcome::SecondConnection)
    } else if ours && shut_out {
        Some(Unwelcome::Locked)
    } else if ours && stays.unseated() {
        Some(Unwelcome::Full)
    } else {
        None
    }
}

/// Whether this is the room's owner or one of its moderators.
pub async fn moderates_room(
    app: &App,
    room: &RoomName,
    identity: &Identity,
) -> Result<bool, DbError> {
    let user = identity.user_id().unwrap_or("");
    let door = rooms::door(&app.db, &room.0, user).await?;
    Ok(door.is_some_and(|door| moderates(&door, identity)))
}

/// Whether there is a place for somebody who comes in now; the seat kept for them is used up.
pub async fn take_place(
    app: &App,
    tx: &mut Tx,
    room: RoomId,
    identity: &Identity,
) -> Result<bool, DbError> {
    let subject = identity.subject();
    if rooms::release_seat(app, tx, room, &subject).await? {
        return Ok(true);
    }
    let user = identity.user_id().unwrap_or("");
    match rooms::door(&mut *tx, &room.to_string(), user).await? {
        Some(door) if counts_seats(&door, identity) => {
            let others = rooms::taken_seats(app, tx, room, &subject).await?;
            Ok(others < door.max_participants)
        }
        _ => Ok(true),
    }
}

fn from(generation: Option<Generation>) -> Generation {
    generation.unwrap_or(Generation(0))
}

fn counts_seats(door: &DoorRow, identity: &Identity) -> bool {
    door.max_participants > 0 && identity.is_ours() && !moderates(door, identity)
}

fn moderates(door: &DoorRow, identity: &Identity) -> bool {
    door.member_role == Some(MemberRole::Moderator)
        || identity.user_id() == Some(door.owner_id.to_string().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::UserId, clock::Timestamp, random::Random};

    fn owner() -> UserId {
        "0199d5a0-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn clean() -> Standing {
        Standing {
            door: DoorRow {
                id: RoomId::new(&Random::seeded(1), Timestamp(0)),
                deleted_at: None,
                locked_at: None,
                locked_generation: Generation(2),
                owner_id: owner(),
                max_participants: 0,
                tokens_from: Generation(0),
                tokens_not_before: 0,
                member_role: None,
            },
            decided: Decided {
                banned: false,
                tokens_from: None,
                stays_from: None,
                tokens_not_before: None,
                kicked: None,
            },
            stays: Stays::default(),
            account: Validity {
                enabled: true,
                signed_in: true,
            },
        }
    }

    fn with(change: impl FnOnce(&mut Standing)) -> Standing {
        let mut standing = clean();
        change(&mut standing);
        standing
    }

    fn claim(identity: &str, generation: Option<i64>, not_before: i64) -> TokenClaim {
        TokenClaim {
            room: RoomName("r".to_owned()),
            identity: identity.parse().unwrap(),
            generation: generation.map(Generation),
            not_before,
        }
    }

    fn present(standing: &Standing, identity: &str, generation: i64) -> Option<Unwelcome> {
        let info = proto::ParticipantInfo {
            attributes: [Generation(generation).attribute()].into(),
            ..Default::default()
        };
        judge_participant(standing, &identity.parse().unwrap(), &info)
    }

    #[test]
    fn a_token_from_before_a_kick_is_withdrawn_and_one_from_after_is_not() {
        let kicked = with(|standing| {
            standing.decided.tokens_from = Some(Generation(7));
            standing.decided.stays_from = Some(Generation(7));
            standing.decided.tokens_not_before = Some(100);
        });
        // The clock is of no account: neither its seconds nor that it was set back.
        for not_before in [0, 100, 1000] {
            let old = claim("g-1", Some(6), not_before);
            assert_eq!(judge_token(&kicked, &old), Some(Unwelcome::Withdrawn));
            let new = claim("g-1", Some(7), not_before);
            assert_eq!(judge_token(&kicked, &new), None);
        }
        assert_eq!(present(&kicked, "g-1", 6), Some(Unwelcome::Withdrawn));
        assert_eq!(present(&kicked, "g-1", 7), None);
        let program = claim("bot", None, 99);
        assert_eq!(judge_token(&kicked, &program), Some(Unwelcome::Withdrawn));
        assert_eq!(judge_token(&kicked, &claim("bot", None, 100)), None);
    }

    #[test]
    fn a_change_of_permissions_withdraws_tokens_and_sends_nobody_out() {
        let changed = with(|standing| {
            standing.decided.tokens_from = Some(Generation(7));
            standing.decided.stays_from = Some(Generation(0));
            standing.decided.kicked = Some(false);
        });
        let old = claim("g-1", Some(6), 0);
        assert_eq!(judge_token(&changed, &old), Some(Unwelcome::Withdrawn));
        assert_eq!(present(&changed, "g-1", 6), None);
    }

    #[test]
    fn ending_the_call_withdraws_everybodys_tokens() {
        let ended = with(|standing| {
            standing.door.tokens_from = Generation(7);
            standing.door.tokens_not_before = 100;
        });
        let old = claim("g-1", Some(6), 1000);
        assert_eq!(judge_token(&ended, &old), Some(Unwelcome::Withdrawn));
        assert_eq!(present(&ended, "g-1", 6), Some(Unwelcome::Withdrawn));
        let program = claim("bot", None, 99);
        assert_eq!(judge_token(&ended, &program), Some(Unwelcome::Withdrawn));
    }

    #[test]
    fn a_lock_stops_unused_tokens_but_lets_people_of_this_meeting_reconnect() {
        let locked = with(|standing| standing.door.locked_at = Some(Timestamp(100_500)));
        for not_before in [99, 100, 101] {
            let unused = claim("g-1", Some(1), not_before);
            assert_eq!(judge_token(&locked, &unused), Some(Unwelcome::Locked));
        }
        assert_eq!(present(&locked, "g-1", 1), Some(Unwelcome::Locked));
        let program = |not_before| judge_token(&locked, &claim("bot", None, not_before));
        assert_eq!(program(100), Some(Unwelcome::Locked));
        assert_eq!(program(101), None);
        let inside = Standing {
            stays: Stays::of(&[(None, Generation(1), true)]),
            ..locked
        };
        assert_eq!(judge_token(&inside, &claim("g-1", Some(1), 99)), None);
        assert_eq!(present(&inside, "g-1", 1), None);
    }

    #[test]
    fn neither_a_lock_nor_a_full_room_stops_the_owner() {
        let mut shut = with(|standing| {
            standing.door.locked_at = Some(Timestamp(100_000));
            standing.stays = Stays::of(&[(None, Generation(5), false)]);
        });
        let identity = format!("u-{}-abc123", owner());
        assert_eq!(judge_token(&shut, &claim(&identity, Some(1), 99)), None);
        assert_eq!(present(&shut, &identity, 1), None);
        shut.door.locked_at = None;
        assert_eq!(present(&shut, "g-1", 1), Some(Unwelcome::Full));
    }

    #[test]
    fn a_token_is_for_one_connection_but_a_programs_are_its_own_business() {
        let second = claim("g-1#foo", Some(1), 0);
        let refused = Some(Unwelcome::SecondConnection);
        assert_eq!(judge_token(&clean(), &second), refused);
        assert_eq!(present(&clean(), "g-1#foo", 1), refused);
        assert_eq!(judge_token(&clean(), &claim("bot#screen", None, 0)), None);
    }
}
