//! The one place that decides who may join a room. Pure: facts in, verdict out.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    found::Found,
    model::{Access, RoomRole},
    store::RoomRow,
};
use crate::livekit::MediaStatus;

/// Why somebody may not join now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Guests are not allowed here; an account might be.
    SignInRequired,
    /// Only the owner and members come in.
    Private,
    /// A moderator closed the door.
    Locked,
    /// Every seat is taken.
    Full,
    /// A moderator banned them.
    Banned,
    /// The media server does not answer.
    MediaUnavailable,
}

/// What the verdict depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub role: RoomRole,
    pub signed_in: bool,
    pub access: Access,
    pub guests_allowed: bool,
    pub locked: bool,
    pub banned: bool,
    /// They were in the call when it was locked (a reload, a second device, a call that was cut).
    pub inside: bool,
    /// They are in the call now, and have their seat.
    pub present: bool,
    /// 0 = no limit
    pub max_participants: i64,
    /// Seats that others hold.
    pub others: i64,
    pub media_ready: bool,
}

/// Who may join: the owner and moderators always; others by access, ban, lock and seats.
pub fn decide(facts: &Facts) -> Result<(), Refusal> {
    if !facts.role.moderates() {
        if facts.banned {
            return Err(Refusal::Banned);
        }
        let invited = facts.role == RoomRole::Member;
        if facts.access == Access::Private && !invited {
            return Err(if facts.signed_in {
                Refusal::Private
            } else {
                Refusal::SignInRequired
            });
        }
        if !facts.signed_in && !facts.guests_allowed {
            return Err(Refusal::SignInRequired);
        }
        if facts.locked && !facts.inside {
            return Err(Refusal::Locked);
        }
        let limited = facts.max_participants > 0 && !facts.present;
        if limited && facts.others >= facts.max_participants {
            return Err(Refusal::Full);
        }
    }
    if facts.media_ready {
        Ok(())
    } else {
        Err(Refusal::MediaUnavailable)
    }
}

/// What the caller is in the room.
pub fn role(room: &RoomRow, caller: &Caller) -> RoomRole {
    match (caller.user_id(), room.member_role) {
        (Some(user), _) if user == room.owner_id => RoomRole::Owner,
        (Some(_), Some(member)) => member.into(),
        _ => RoomRole::Visitor,
    }
}

/// The facts about the caller, seats counted from presence alone.
pub fn facts(found: &Found, caller: &Caller, media: &MediaStatus) -> Facts {
    let (room, call) = (&found.room, &found.call);
    Facts {
        role: found.role,
        signed_in: caller.user_id().is_some(),
        access: room.access,
        guests_allowed: room.guests_allowed,
        locked: room.locked_at.is_some(),
        banned: found.banned,
        inside: found.inside,
        present: call.present > 0,
        max_participants: room.max_participants,
        // One's own stale presence takes no seat from oneself.
        others: call.live - i64::from(call.present > 0),
        media_ready: *media == MediaStatus::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Facts = Facts {
        role: RoomRole::Visitor,
        signed_in: false,
        access: Access::Public,
        guests_allowed: true,
        locked: false,
        banned: false,
        inside: false,
        present: false,
        max_participants: 0,
        others: 0,
        media_ready: true,
    };

    #[test]
    fn a_guest_joins_a_public_room_that_allows_guests() {
        assert_eq!(decide(&OPEN), Ok(()));
        let facts = Facts {
            guests_allowed: false,
            ..OPEN
        };
        assert_eq!(decide(&facts), Err(Refusal::SignInRequired));
        assert_eq!(
            decide(&Facts {
                signed_in: true,
                ..facts
            }),
            Ok(())
        );
    }

    #[test]
    fn only_the_invited_join_a_private_room() {
        let private = Facts {
            access: Access::Private,
            ..OPEN
        };
        assert_eq!(decide(&private), Err(Refusal::SignInRequired));
        let stranger = Facts {
            signed_in: true,
            ..private
        };
        assert_eq!(decide(&stranger), Err(Refusal::Private));
        assert_eq!(
            decide(&Facts {
                role: RoomRole::Member,
                ..stranger
            }),
            Ok(())
        );
    }

    #[test]
    fn a_lock_keeps_out_whoever_is_not_inside() {
        let locked = Facts {
            locked: true,
            ..OPEN
        };
        assert_eq!(decide(&locked), Err(Refusal::Locked));
        assert_eq!(
            decide(&Facts {
                inside: true,
                ..locked
            }),
            Ok(())
        );
        assert_eq!(
            decide(&Facts {
                role: RoomRole::Member,
                ..locked
            }),
            Err(Refusal::Locked)
        );
        assert_eq!(
            decide(&Facts {
                role: RoomRole::Moderator,
                ..locked
            }),
            Ok(())
        );
    }

    #[test]
    fn the_owner_gets_into_a_full_room_and_an_empty_room_is_never_full() {
        let full = Facts {
            max_participants: 1,
            others: 1,
            ..OPEN
        };
        assert_eq!(decide(&full), Err(Refusal::Full));
        assert_eq!(
            decide(&Facts {
                role: RoomRole::Owner,
                ..full
            }),
            Ok(())
        );
        assert_eq!(decide(&Facts { others: 0, ..full }), Ok(()));
        let present = Facts {
            present: true,
            ..full
        };
        assert_eq!(decide(&present), Ok(()));
    }

    #[test]
    fn a_ban_weighs_more_than_an_invitation() {
        let banned = Facts {
            banned: true,
            role: RoomRole::Member,
            signed_in: true,
            ..OPEN
        };
        assert_eq!(decide(&banned), Err(Refusal::Banned));
    }

    #[test]
    fn nobody_joins_while_the_media_is_down() {
        let facts = Facts {
            media_ready: false,
            role: RoomRole::Owner,
            ..OPEN
        };
        assert_eq!(decide(&facts), Err(Refusal::MediaUnavailable));
    }
}
