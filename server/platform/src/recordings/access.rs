//! The one place that decides who sees a recording, and what they may do with it. Pure: facts in, verdict out.

use super::model::RecordingRights;
use crate::rooms::Viewer;

/// What somebody may do with a recording of a room in which they are `viewer`; `None`: not even see it.
/// `own`: they asked for it.
pub fn rights(viewer: Viewer, own: bool) -> Option<RecordingRights> {
    if !viewer.records() {
        return None;
    }
    let manages = own || viewer.runs();
    Some(RecordingRights {
        stop: true,
        change: manages,
        delete: manages,
        download: true,
        share: manages,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::RoomRole;

    fn of(role: RoomRole, admin: bool, own: bool) -> Option<RecordingRights> {
        rights(Viewer { role, admin }, own)
    }

    #[test]
    fn who_does_not_moderate_sees_no_recording_not_even_an_own_one() {
        for role in [RoomRole::Member, RoomRole::Visitor] {
            assert_eq!(of(role, false, false), None);
            // They were a moderator when they asked for it.
            assert_eq!(of(role, false, true), None);
        }
    }

    #[test]
    fn a_moderator_deletes_and_shares_own_recordings_and_who_runs_the_room_all() {
        let others = of(RoomRole::Moderator, false, false).unwrap();
        assert!(others.stop && others.download);
        assert!(!others.change && !others.delete && !others.share);
        let own = of(RoomRole::Moderator, false, true).unwrap();
        assert!(own.change && own.delete && own.share);
        for runs in [
            of(RoomRole::Owner, false, false),
            of(RoomRole::Visitor, true, false),
        ] {
            assert!(runs.is_some_and(|rights| rights.delete && rights.share && rights.change));
        }
    }
}
