//! Whether a token or a participant is still welcome; asked at the signal socket, by webhooks and by the reconciler.

use thiserror::Error;

use super::store::{self, Standing};
use crate::{
    app::App,
    db::{DbError, Executor},
    livekit::{identity::Identity, room_service::RoomName, token::TokenClaim},
    rooms::{MemberRole, RoomId},
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
    /// The token is older than a kick, a change of permissions or the end of the call.
    #[error("This token was withdrawn; ask to join again.")]
    Withdrawn,
    /// The room was locked before the token was used.
    #[error("The room is locked.")]
    Locked,
}

/// Checks what a token claims against the record. Tokens that an integrator signed for rooms of
/// their own pass; one of ours for a room that is not on record any more does not.
pub async fn check_token(app: &App, claim: &TokenClaim) -> Result<Option<Unwelcome>, DbError> {
    let standing = store::standing(&app.db, &claim.room.0, &claim.identity).await?;
    Ok(match standing {
        Some(standing) => judge_token(&standing, claim),
        None => is_ours(claim).then_some(Unwelcome::RoomDeleted),
    })
}

fn is_ours(claim: &TokenClaim) -> bool {
    let ours = claim.identity.user_id().is_some() || claim.identity.is_guest();
    ours && claim.room.0.parse::<RoomId>().is_ok()
}

fn judge_token(standing: &Standing, claim: &TokenClaim) -> Option<Unwelcome> {
    let moderates = moderates(standing, &claim.identity);
    let withdrawn = standing
        .tokens_not_before
        .unwrap_or(0)
        .max(standing.room_tokens_not_before);
    let locked_since = standing
        .locked_at
        .is_some_and(|locked_at| claim.not_before < locked_at.as_seconds());
    if standing.deleted_at.is_some() {
        Some(Unwelcome::RoomDeleted)
    } else if standing.banned > 0 {
        Some(Unwelcome::Banned)
    } else if account_closed(standing, &claim.identity) {
        Some(Unwelcome::AccountClosed)
    } else if claim.not_before < withdrawn {
        Some(Unwelcome::Withdrawn)
    } else if locked_since && standing.attended == 0 && !moderates {
        Some(Unwelcome::Locked)
    } else {
        None
    }
}

/// Checks somebody who is in the call: banned, or kicked and not let in again.
pub async fn check_participant(
    db: impl Into<Executor<'_>>,
    room: &RoomName,
    identity: &Identity,
) -> Result<Option<Unwelcome>, DbError> {
    let standing = store::standing(db, &room.0, identity).await?;
    Ok(standing.and_then(|standing| {
        if standing.deleted_at.is_some() {
            Some(Unwelcome::RoomDeleted)
        } else if standing.banned > 0 {
            Some(Unwelcome::Banned)
        } else if account_closed(&standing, identity) {
            Some(Unwelcome::AccountClosed)
        } else if standing.kicked == Some(true) {
            Some(Unwelcome::Withdrawn)
        } else {
            None
        }
    }))
}

fn account_closed(standing: &Standing, identity: &Identity) -> bool {
    identity.user_id().is_some() && standing.accounts == 0
}

fn moderates(standing: &Standing, identity: &Identity) -> bool {
    standing.member_role == Some(MemberRole::Moderator)
        || identity.user_id() == Some(standing.owner_id.to_string().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, users::UserId};

    fn owner() -> UserId {
        "0199d5a0-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn clean() -> Standing {
        Standing {
            deleted_at: None,
            locked_at: None,
            owner_id: owner(),
            room_tokens_not_before: 0,
            member_role: None,
            banned: 0,
            tokens_not_before: None,
            kicked: None,
            attended: 0,
            accounts: 1,
        }
    }

    fn claim(identity: &str, not_before: i64) -> TokenClaim {
        TokenClaim {
            room: RoomName("r".to_owned()),
            identity: identity.parse().unwrap(),
            not_before,
        }
    }

    #[test]
    fn a_token_from_before_a_kick_is_withdrawn_and_one_from_after_is_not() {
        let kicked = Standing {
            tokens_not_before: Some(100),
            ..clean()
        };
        assert_eq!(
            judge_token(&kicked, &claim("g-1", 99)),
            Some(Unwelcome::Withdrawn)
        );
        assert_eq!(judge_token(&kicked, &claim("g-1", 100)), None);
    }

    #[test]
    fn ending_the_call_withdraws_everybodys_tokens() {
        let ended = Standing {
            room_tokens_not_before: 100,
            ..clean()
        };
        assert_eq!(
            judge_token(&ended, &claim("g-1", 99)),
            Some(Unwelcome::Withdrawn)
        );
    }

    #[test]
    fn a_lock_stops_unused_tokens_but_lets_people_of_this_meeting_reconnect() {
        let locked = Standing {
            locked_at: Some(Timestamp(100_000)),
            ..clean()
        };
        assert_eq!(
            judge_token(&locked, &claim("g-1", 99)),
            Some(Unwelcome::Locked)
        );
        let inside = Standing {
            attended: 1,
            ..locked
        };
        assert_eq!(judge_token(&inside, &claim("g-1", 99)), None);
    }

    #[test]
    fn a_lock_does_not_stop_the_owner() {
        let locked = Standing {
            locked_at: Some(Timestamp(100_000)),
            ..clean()
        };
        let identity = format!("u-{}-abc123", owner());
        assert_eq!(judge_token(&locked, &claim(&identity, 99)), None);
    }
}
