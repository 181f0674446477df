//! The one place that decides who may enter a room, see what goes on in it, and act on whom. Pure: facts in, verdict
//! out. It must not know where the facts come from.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    caller::Caller,
    found::Found,
    model::{Access, MemberRole, RoomRole},
};
use crate::{
    accounts::{Right, Role, UserId},
    livekit::MediaStatus,
};

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
pub fn may_enter(facts: &Facts) -> Result<(), Refusal> {
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
pub fn role(owner: UserId, member: Option<MemberRole>, caller: &Caller) -> RoomRole {
    match (caller.user_id(), member) {
        (Some(user), _) if user == owner => RoomRole::Owner,
        (Some(_), Some(member)) => member.into(),
        _ => RoomRole::Visitor,
    }
}

/// What somebody is in a room and on the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    pub role: RoomRole,
    /// Rights on the whole site hold in every room; but one enters only as what one is there.
    pub on_site: Role,
}

impl Viewer {
    /// Whether they change the room's settings, members and owner's rights.
    pub fn runs(self) -> bool {
        self.role == RoomRole::Owner || self.on_site.may(Right::Administer)
    }

    /// Whether they mute, kick, ban, lock and end.
    pub fn moderates(self) -> bool {
        self.role.moderates() || self.on_site.may(Right::ModerateRooms)
    }

    /// Whether they see all of the room but its recordings: people, history, bans, record.
    pub fn sees(self) -> bool {
        self.role.moderates() || self.on_site.may(Right::SeeRooms)
    }

    /// Whether they see its members and settings as those do who run it.
    pub fn sees_members(self) -> bool {
        self.role == RoomRole::Owner || self.on_site.may(Right::SeeRooms)
    }

    /// Whether they start and end recordings.
    pub fn records(self) -> bool {
        self.role.moderates() || self.on_site.may(Right::Administer)
    }

    /// Whether they get what was recorded.
    pub fn sees_recordings(self) -> bool {
        self.role.moderates() || self.on_site.may(Right::SeeRecordings)
    }

    /// Whether they have more than the link.
    pub fn is_invited(self) -> bool {
        self.role != RoomRole::Visitor || self.on_site.may(Right::SeeRooms)
    }

    /// Whether they may act on somebody who is `target` there: nobody acts on the owner, and on moderators only
    /// those who run the room.
    pub fn acts_on(self, target: RoomRole) -> bool {
        match target {
            RoomRole::Owner => false,
            RoomRole::Moderator => self.runs(),
            RoomRole::Member | RoomRole::Visitor => self.moderates(),
        }
    }
}

/// How much of a room somebody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    Nothing,
    /// That it exists, and whether a meeting runs.
    Door,
    /// Who is in it.
    People,
}

/// How much somebody sees of a room who may be banned from it, or be in its call.
pub fn sight(viewer: Viewer, access: Access, banned: bool, present: bool) -> Sight {
    if viewer.sees() {
        Sight::People
    } else if banned {
        Sight::Nothing
    } else if viewer.is_invited() || present {
        Sight::People
    } else if access == Access::Public {
        Sight::Door
    } else {
        Sight::Nothing
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
        assert_eq!(may_enter(&OPEN), Ok(()));
        let facts = Facts {
            guests_allowed: false,
            ..OPEN
        };
        assert_eq!(may_enter(&facts), Err(Refusal::SignInRequired));
        assert_eq!(
            may_enter(&Facts {
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
        assert_eq!(may_enter(&private), Err(Refusal::SignInRequired));
        let stranger = Facts {
            signed_in: true,
            ..private
        };
        assert_eq!(may_enter(&stranger), Err(Refusal::Private));
        assert_eq!(
            may_enter(&Facts {
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
        assert_eq!(may_enter(&locked), Err(Refusal::Locked));
        assert_eq!(
            may_enter(&Facts {
                inside: true,
                ..locked
            }),
            Ok(())
        );
        assert_eq!(
            may_enter(&Facts {
                role: RoomRole::Member,
                ..locked
            }),
            Err(Refusal::Locked)
        );
        assert_eq!(
            may_enter(&Facts {
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
        assert_eq!(may_enter(&full), Err(Refusal::Full));
        assert_eq!(
            may_enter(&Facts {
                role: RoomRole::Owner,
                ..full
            }),
            Ok(())
        );
        assert_eq!(may_enter(&Facts { others: 0, ..full }), Ok(()));
        let present = Facts {
            present: true,
            ..full
        };
        assert_eq!(may_enter(&present), Ok(()));
    }

    #[test]
    fn a_ban_weighs_more_than_an_invitation() {
        let banned = Facts {
            banned: true,
            role: RoomRole::Member,
            signed_in: true,
            ..OPEN
        };
        assert_eq!(may_enter(&banned), Err(Refusal::Banned));
    }

    #[test]
    fn nobody_joins_while_the_media_is_down() {
        let facts = Facts {
            media_ready: false,
            role: RoomRole::Owner,
            ..OPEN
        };
        assert_eq!(may_enter(&facts), Err(Refusal::MediaUnavailable));
    }

    const VISITOR: Viewer = Viewer {
        role: RoomRole::Visitor,
        on_site: Role::User,
    };

    fn on_site(on_site: Role) -> Viewer {
        Viewer { on_site, ..VISITOR }
    }

    #[test]
    fn rights_on_the_site_hold_in_every_room_as_far_as_they_go() {
        let of = |role| {
            let viewer = on_site(role);
            (
                viewer.sees() && viewer.sees_members(),
                viewer.moderates(),
                viewer.runs() || viewer.records(),
                viewer.sees_recordings(),
            )
        };
        assert_eq!(of(Role::User), (false, false, false, false));
        assert_eq!(of(Role::Support), (true, true, false, false));
        assert_eq!(of(Role::Auditor), (true, false, false, true));
        assert_eq!(of(Role::Admin), (true, true, true, true));
    }

    fn as_role(role: RoomRole) -> Viewer {
        Viewer { role, ..VISITOR }
    }

    #[test]
    fn who_has_only_the_link_sees_the_door_of_a_public_room_and_from_inside_the_people() {
        let visitor = |access, banned, present| sight(VISITOR, access, banned, present);
        assert_eq!(visitor(Access::Public, false, false), Sight::Door);
        assert_eq!(visitor(Access::Private, false, false), Sight::Nothing);
        assert_eq!(visitor(Access::Private, false, true), Sight::People);
        assert_eq!(visitor(Access::Public, true, true), Sight::Nothing);
    }

    #[test]
    fn a_ban_hides_a_room_from_its_members_and_from_none_who_moderate() {
        for (role, seen) in [
            (RoomRole::Member, Sight::Nothing),
            (RoomRole::Moderator, Sight::People),
            (RoomRole::Owner, Sight::People),
        ] {
            assert_eq!(sight(as_role(role), Access::Private, true, false), seen);
            assert_eq!(
                sight(as_role(role), Access::Private, false, false),
                Sight::People
            );
        }
        let admin = Viewer {
            on_site: Role::Admin,
            ..VISITOR
        };
        assert_eq!(sight(admin, Access::Private, true, false), Sight::People);
    }

    #[test]
    fn nobody_acts_on_the_owner_and_on_moderators_only_who_runs_the_room() {
        use RoomRole::{Member, Moderator, Owner, Visitor};
        let admin = Viewer {
            on_site: Role::Admin,
            ..VISITOR
        };
        for (viewer, on) in [
            (VISITOR, vec![]),
            (as_role(Member), vec![]),
            (as_role(Moderator), vec![Member, Visitor]),
            (as_role(Owner), vec![Moderator, Member, Visitor]),
            (admin, vec![Moderator, Member, Visitor]),
            (on_site(Role::Support), vec![Member, Visitor]),
            (on_site(Role::Auditor), vec![]),
        ] {
            for target in [Owner, Moderator, Member, Visitor] {
                let acts = viewer.acts_on(target);
                assert_eq!(acts, on.contains(&target), "{viewer:?} on {target:?}");
            }
        }
    }
}
