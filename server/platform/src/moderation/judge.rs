//! Judges whether a token or a participant is still welcome in a room: facts in, verdict out. It must not know where
//! the facts come from.

use livekit_protocol as proto;
use thiserror::Error;

use super::store::Decided;
use crate::{
    accounts::Validity,
    clock::Timestamp,
    livekit::{
        identity::Identity,
        token::{Generation, TokenClaim},
    },
    rooms::RoomId,
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
    /// The program that let them in has no key any more.
    #[error("The API key behind this token was revoked.")]
    ApiKeyRevoked,
    /// The call is where the token, or the program, does not lead to.
    #[error("The call of this room is in another region.")]
    OtherRegion,
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

/// What is on record about one person in a room, with whomever it is on record.
#[derive(Debug, Clone)]
pub struct Case {
    pub room: RoomId,
    pub deleted: bool,
    /// Whether they are the room's owner or one of its moderators.
    pub moderates: bool,
    pub locked_at: Option<Timestamp>,
    /// 0 = no limit
    pub max_participants: i64,
    /// Everybody's tokens of earlier generations are refused.
    pub tokens_from: Generation,
    /// For tokens without a generation: seconds.
    pub tokens_not_before: i64,
    /// Whether they were in the running meeting, or in one that was cut a moment ago.
    pub attended: bool,
    /// Whether they were inside when the room was locked.
    pub inside: bool,
    /// Whether they are in the call without a place.
    pub unseated: bool,
    pub decided: Decided,
    /// Of the identity's account and device.
    pub account: Validity,
}

/// Checks what a token claims against the record. Tokens that an integrator signed for rooms of
/// their own pass; one of ours for a room that is not on record any more does not.
pub fn judge_token(case: Option<&Case>, claim: &TokenClaim) -> Verdict {
    match case {
        Some(case) => match why_worthless(case, claim) {
            Some(reason) => Verdict::Unwelcome(reason),
            None if case.counts_seats(&claim.identity) => Verdict::NeedsSeat {
                room: case.room,
                seats: case.max_participants,
            },
            None => Verdict::Welcome,
        },
        None if is_ours(claim) => Verdict::Unwelcome(Unwelcome::RoomDeleted),
        None => Verdict::Welcome,
    }
}

fn is_ours(claim: &TokenClaim) -> bool {
    claim.identity.is_ours() && claim.room.0.parse::<RoomId>().is_ok()
}

fn why_worthless(case: &Case, claim: &TokenClaim) -> Option<Unwelcome> {
    let identity = &claim.identity;
    let decided = &case.decided;
    let withdrawn = if let Some(generation) = claim.generation {
        generation < case.tokens_from.max(from(decided.tokens_from))
    } else {
        let not_before = decided.tokens_not_before.unwrap_or(0);
        claim.not_before < not_before.max(case.tokens_not_before)
    };
    let unwelcome = judge_person(case, identity);
    // Programs that sign tokens of their own decide whom they let into a locked room; a token of the lock's very
    // second may be from before.
    let locked_since = case
        .locked_at
        .is_some_and(|locked_at| claim.not_before <= locked_at.as_seconds());
    let locked = !identity.is_ours() && locked_since && !case.attended;
    match unwelcome {
        Some(Unwelcome::Locked | Unwelcome::Full) | None if withdrawn => Some(Unwelcome::Withdrawn),
        None if locked => Some(Unwelcome::Locked),
        // Seats are looked up when one is about to be taken.
        Some(Unwelcome::Full) | None => None,
        Some(other) => Some(other),
    }
}

/// Checks somebody who is in the call: they may have come in beside the signal proxy.
pub fn judge_participant(
    case: &Case,
    identity: &Identity,
    info: &proto::ParticipantInfo,
) -> Option<Unwelcome> {
    let stays_from = case.tokens_from.max(from(case.decided.stays_from));
    let withdrawn =
        Generation::of(&info.attributes).is_some_and(|generation| generation < stays_from);
    let sent_out = case.decided.kicked == Some(true);
    match judge_person(case, identity) {
        Some(Unwelcome::Locked | Unwelcome::Full) | None if withdrawn || sent_out => {
            Some(Unwelcome::Withdrawn)
        }
        other => other,
    }
}

/// Checks an encoder that comes with a stream key, which no lock or end of a call makes worthless.
pub fn judge_stream(case: &Case, identity: &Identity) -> Option<Unwelcome> {
    let locked = case.locked_at.is_some() && !case.attended;
    judge_person(case, identity).or_else(|| locked.then_some(Unwelcome::Locked))
}

/// What holds for tokens and participants alike.
fn judge_person(case: &Case, identity: &Identity) -> Option<Unwelcome> {
    let Case {
        decided, account, ..
    } = case;
    // Who moderates gets in, banned before or not, as at the join.
    let ours = identity.is_ours() && !case.moderates;
    let shut_out = case.locked_at.is_some() && !case.inside;
    if case.deleted {
        Some(Unwelcome::RoomDeleted)
    } else if decided.banned && !case.moderates {
        Some(Unwelcome::Banned)
    } else if identity.user_id().is_some() && !account.enabled {
        Some(Unwelcome::AccountClosed)
    } else if identity.user_id().is_some() && !account.signed_in {
        Some(Unwelcome::SignedOut)
    } else if identity.is_ours() && identity.is_second_connection() {
        Some(Unwelcome::SecondConnection)
    } else if ours && shut_out {
        Some(Unwelcome::Locked)
    } else if ours && case.unseated {
        Some(Unwelcome::Full)
    } else {
        None
    }
}

impl Case {
    fn counts_seats(&self, identity: &Identity) -> bool {
        self.max_participants > 0 && identity.is_ours() && !self.moderates
    }
}

fn from(generation: Option<Generation>) -> Generation {
    generation.unwrap_or(Generation(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{livekit::room_service::RoomName, random::Random};

    fn clean() -> Case {
        Case {
            room: RoomId::new(&Random::seeded(1), Timestamp(0)),
            deleted: false,
            moderates: false,
            locked_at: None,
            max_participants: 0,
            tokens_from: Generation(0),
            tokens_not_before: 0,
            attended: false,
            inside: false,
            unseated: false,
            decided: Decided {
                banned: false,
                tokens_from: None,
                stays_from: None,
                tokens_not_before: None,
                kicked: None,
            },
            account: Validity {
                enabled: true,
                signed_in: true,
            },
        }
    }

    fn with(change: impl FnOnce(&mut Case)) -> Case {
        let mut case = clean();
        change(&mut case);
        case
    }

    fn claim(identity: &str, generation: Option<i64>, not_before: i64) -> TokenClaim {
        TokenClaim {
            room: RoomName("r".to_owned()),
            identity: identity.parse().unwrap(),
            generation: generation.map(Generation),
            not_before,
        }
    }

    fn present(case: &Case, identity: &str, generation: i64) -> Option<Unwelcome> {
        let info = proto::ParticipantInfo {
            attributes: [Generation(generation).attribute()].into(),
            ..Default::default()
        };
        judge_participant(case, &identity.parse().unwrap(), &info)
    }

    #[test]
    fn a_token_from_before_a_kick_is_withdrawn_and_one_from_after_is_not() {
        let kicked = with(|case| {
            case.decided.tokens_from = Some(Generation(7));
            case.decided.stays_from = Some(Generation(7));
            case.decided.tokens_not_before = Some(100);
        });
        // The clock is of no account: neither its seconds nor that it was set back.
        for not_before in [0, 100, 1000] {
            let old = claim("g-1", Some(6), not_before);
            assert_eq!(why_worthless(&kicked, &old), Some(Unwelcome::Withdrawn));
            let new = claim("g-1", Some(7), not_before);
            assert_eq!(why_worthless(&kicked, &new), None);
        }
        assert_eq!(present(&kicked, "g-1", 6), Some(Unwelcome::Withdrawn));
        assert_eq!(present(&kicked, "g-1", 7), None);
        let program = claim("bot", None, 99);
        assert_eq!(why_worthless(&kicked, &program), Some(Unwelcome::Withdrawn));
        assert_eq!(why_worthless(&kicked, &claim("bot", None, 100)), None);
    }

    #[test]
    fn a_change_of_permissions_withdraws_tokens_and_sends_nobody_out() {
        let changed = with(|case| {
            case.decided.tokens_from = Some(Generation(7));
            case.decided.stays_from = Some(Generation(0));
            case.decided.kicked = Some(false);
        });
        let old = claim("g-1", Some(6), 0);
        assert_eq!(why_worthless(&changed, &old), Some(Unwelcome::Withdrawn));
        assert_eq!(present(&changed, "g-1", 6), None);
    }

    #[test]
    fn ending_the_call_withdraws_everybodys_tokens() {
        let ended = with(|case| {
            case.tokens_from = Generation(7);
            case.tokens_not_before = 100;
        });
        let old = claim("g-1", Some(6), 1000);
        assert_eq!(why_worthless(&ended, &old), Some(Unwelcome::Withdrawn));
        assert_eq!(present(&ended, "g-1", 6), Some(Unwelcome::Withdrawn));
        let program = claim("bot", None, 99);
        assert_eq!(why_worthless(&ended, &program), Some(Unwelcome::Withdrawn));
    }

    #[test]
    fn a_lock_stops_unused_tokens_but_lets_people_of_this_meeting_reconnect() {
        let locked = with(|case| case.locked_at = Some(Timestamp(100_500)));
        for not_before in [99, 100, 101] {
            let unused = claim("g-1", Some(1), not_before);
            assert_eq!(why_worthless(&locked, &unused), Some(Unwelcome::Locked));
        }
        assert_eq!(present(&locked, "g-1", 1), Some(Unwelcome::Locked));
        let program = |not_before| why_worthless(&locked, &claim("bot", None, not_before));
        assert_eq!(program(100), Some(Unwelcome::Locked));
        assert_eq!(program(101), None);
        let inside = Case {
            attended: true,
            inside: true,
            ..locked
        };
        assert_eq!(why_worthless(&inside, &claim("g-1", Some(1), 99)), None);
        assert_eq!(present(&inside, "g-1", 1), None);
    }

    #[test]
    fn neither_a_lock_nor_a_full_room_stops_who_moderates() {
        let mut shut = with(|case| {
            case.moderates = true;
            case.locked_at = Some(Timestamp(100_000));
            case.attended = true;
            case.unseated = true;
        });
        let identity = "u-0199d5a0-0000-7000-8000-000000000001-abc123";
        assert_eq!(why_worthless(&shut, &claim(identity, Some(1), 99)), None);
        assert_eq!(present(&shut, identity, 1), None);
        shut.moderates = false;
        assert_eq!(present(&shut, identity, 1), Some(Unwelcome::Locked));
        shut.locked_at = None;
        assert_eq!(present(&shut, identity, 1), Some(Unwelcome::Full));
    }

    #[test]
    fn a_seat_is_needed_where_they_are_counted_and_a_room_that_is_gone_lets_only_strangers_in() {
        let limited = with(|case| case.max_participants = 3);
        let ours = claim("g-1", Some(1), 0);
        let needed = Verdict::NeedsSeat {
            room: limited.room,
            seats: 3,
        };
        assert_eq!(judge_token(Some(&limited), &ours), needed);
        let program = claim("bot", None, 0);
        assert_eq!(judge_token(Some(&limited), &program), Verdict::Welcome);
        assert_eq!(judge_token(Some(&clean()), &ours), Verdict::Welcome);
        let gone = TokenClaim {
            room: limited.room.livekit_name(),
            ..ours.clone()
        };
        let deleted = Verdict::Unwelcome(Unwelcome::RoomDeleted);
        assert_eq!(judge_token(None, &gone), deleted);
        assert_eq!(judge_token(None, &ours), Verdict::Welcome);
    }

    #[test]
    fn a_token_is_for_one_connection_but_a_programs_are_its_own_business() {
        let second = claim("g-1#foo", Some(1), 0);
        let refused = Some(Unwelcome::SecondConnection);
        assert_eq!(why_worthless(&clean(), &second), refused);
        assert_eq!(present(&clean(), "g-1#foo", 1), refused);
        assert_eq!(why_worthless(&clean(), &claim("bot#screen", None, 0)), None);
    }
}
