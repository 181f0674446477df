//! The one place that decides what an account may do beyond its own rooms. Pure: a role in, a verdict out.

use super::Role;
use crate::db::text_enum;

text_enum! {
    /// What somebody may do on the whole site.
    Right {
        /// See every room with its people, history, bans and record, every live room, and how the server does.
        SeeRooms => "see_rooms",
        /// Mute, send out, ban, lock and end in every room.
        ModerateRooms => "moderate_rooms",
        /// See and get the recordings of every room.
        SeeRecordings => "see_recordings",
        /// See accounts, invitations, API keys and the site's record.
        SeeSite => "see_site",
        /// Change all of that, and every room's settings and members.
        Administer => "administer",
    }
}

impl Role {
    /// Whether this role has this right.
    pub fn may(self, right: Right) -> bool {
        match (self, right) {
            (Role::Admin, _)
            | (Role::Support, Right::SeeRooms | Right::ModerateRooms)
            | (Role::Auditor, Right::SeeRooms | Right::SeeRecordings | Right::SeeSite) => true,
            (Role::Support, Right::SeeRecordings | Right::SeeSite | Right::Administer)
            | (Role::Auditor, Right::ModerateRooms | Right::Administer)
            | (Role::User, _) => false,
        }
    }
}

impl Right {
    /// What somebody is told who does not have it.
    pub fn refusal(self) -> &'static str {
        match self {
            Right::SeeRooms => "Only administrators, support and auditors may see this.",
            Right::ModerateRooms => "Only administrators and support may do this.",
            Right::SeeRecordings | Right::SeeSite => {
                "Only administrators and auditors may see this."
            }
            Right::Administer => "Only administrators may do this.",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, env, fs, path::Path};

    use super::*;

    const ROLES: [Role; 4] = [Role::Admin, Role::Support, Role::Auditor, Role::User];
    const RIGHTS: [Right; 5] = [
        Right::SeeRooms,
        Right::ModerateRooms,
        Right::SeeRecordings,
        Right::SeeSite,
        Right::Administer,
    ];

    #[test]
    fn nobody_but_administrators_changes_anything_but_calls() {
        for role in ROLES {
            assert_eq!(role.may(Right::Administer), role == Role::Admin);
            // Who moderates a room sees it.
            assert!(!role.may(Right::ModerateRooms) || role.may(Right::SeeRooms));
        }
        assert!(RIGHTS.iter().all(|right| !Role::User.may(*right)));
    }

    #[test]
    fn the_pages_table_of_rights_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/api/rights.json");
        let of = |role: Role| RIGHTS.into_iter().filter(move |right| role.may(*right));
        let table: BTreeMap<_, Vec<_>> = ROLES
            .into_iter()
            .map(|role| (role.as_str(), of(role).map(Right::as_str).collect()))
            .collect();
        let current = serde_json::to_string_pretty(&table).unwrap() + "\n";
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, &current).unwrap();
        }
        let known: BTreeMap<String, Vec<String>> =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let current: BTreeMap<String, Vec<String>> = serde_json::from_str(&current).unwrap();
        assert_eq!(
            known, current,
            "web/src/api/rights.json is stale: UPDATE=1 cargo test rights"
        );
    }
}
