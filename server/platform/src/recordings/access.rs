//! The one place that decides who sees a recording, and what they may do with it. Pure: facts in, verdict out.

use super::model::RecordingRights;
use crate::rooms::Viewer;

/// What somebody may do with a recording of a room in which they are `viewer`; `None`: not even see it.
/// `own`: they asked for it.
pub fn rights(viewer: Viewer, own: bool) -> Option<RecordingRights> {
    if !viewer.sees_recordings() {
        return None;
    }
    let manages = viewer.records() && (own || viewer.runs());
    Some(RecordingRights {
        stop: viewer.records(),
        change: manages,
        delete: manages,
        download: true,
        share: manages,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts::Role, rooms::RoomRole};

    fn of(role: RoomRole, on_site: Role, own: bool) -> Option<RecordingRights> {
        rights(Viewer { role, on_site }, own)
    }

    #[test]
    fn who_does_not_moderate_sees_no_recording_not_even_an_own_one() {
        for role in [RoomRole::Member, RoomRole::Visitor] {
            assert_eq!(of(role, Role::User, false), None);
            // They were a moderator when they asked for it.
            assert_eq!(of(role, Role::User, true), None);
        }
    }

    #[test]
    fn a_moderator_deletes_and_shares_own_recordings_and_who_runs_the_room_all() {
        let others = of(RoomRole::Moderator, Role::User, false).unwrap();
        assert!(others.stop && others.download);
        assert!(!others.change && !others.delete && !others.share);
        let own = of(RoomRole::Moderator, Role::User, true).unwrap();
        assert!(own.change && own.delete && own.share);
        for runs in [
            of(RoomRole::Owner, Role::User, false),
            of(RoomRole::Visitor, Role::Admin, false),
        ] {
            assert!(runs.is_some_and(|rights| rights.delete && rights.share && rights.change));
        }
    }

    #[test]
    fn an_auditor_gets_what_was_recorded_and_changes_nothing_of_it() {
        let auditor = of(RoomRole::Visitor, Role::Auditor, false).unwrap();
        assert!(auditor.download);
        assert!(!auditor.stop && !auditor.change && !auditor.delete && !auditor.share);
        assert_eq!(of(RoomRole::Visitor, Role::Support, false), None);
    }
}
