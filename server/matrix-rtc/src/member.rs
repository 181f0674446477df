//! The call's member that a request speaks of.

use crate::{
    error::MatrixError,
    go_json::{Record, Slot},
};

/// `member` as it is on the wire (MSC4143).
#[derive(Default)]
pub struct MemberBody {
    id: String,
    claimed_user_id: String,
    claimed_device_id: String,
}

impl Record for MemberBody {
    fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        vec![
            ("id", Slot::Text(&mut self.id)),
            ("claimed_user_id", Slot::Text(&mut self.claimed_user_id)),
            ("claimed_device_id", Slot::Text(&mut self.claimed_device_id)),
        ]
    }
}

/// A member with all it needs.
#[derive(Debug)]
pub struct Member {
    /// Its id in the call.
    pub id: String,
    /// The user it says it is.
    pub claimed_user: String,
    /// The device it says it uses; no homeserver vouches for it.
    pub claimed_device: String,
}

impl MemberBody {
    /// Fails with the endpoint's own `words`.
    pub fn parse(self, words: &'static str) -> Result<Member, MatrixError> {
        if [&self.id, &self.claimed_user_id, &self.claimed_device_id]
            .into_iter()
            .any(String::is_empty)
        {
            return Err(MatrixError::bad_json(words));
        }
        Ok(Member {
            id: self.id,
            claimed_user: self.claimed_user_id,
            claimed_device: self.claimed_device_id,
        })
    }
}
