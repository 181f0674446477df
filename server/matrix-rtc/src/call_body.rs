//! The body with which a member of a call asks: which call, who they are, and the leave event they hand over.

use crate::{
    error::MatrixError,
    go_json::{Record, Slot},
    member::MemberBody,
    openid::OpenIdBody,
};

/// As it is on the wire (MSC4195); each endpoint has words of its own for what is missing.
#[derive(Default)]
pub struct CallBody {
    /// The Matrix room.
    pub room_id: String,
    /// The MatrixRTC slot in it.
    pub slot_id: String,
    /// Who asks.
    pub openid_token: OpenIdBody,
    /// As which member.
    pub member: MemberBody,
    /// The delayed event's id; empty when none is handed over.
    pub delay_id: String,
    /// Its timeout in milliseconds.
    pub delay_timeout: i64,
    /// Older clients send it; where a homeserver is, it says itself.
    delay_cs_api_url: String,
}

impl Record for CallBody {
    fn fields(&mut self) -> Vec<(&'static str, Slot<'_>)> {
        vec![
            ("room_id", Slot::Text(&mut self.room_id)),
            ("slot_id", Slot::Text(&mut self.slot_id)),
            ("openid_token", Slot::Record(&mut self.openid_token)),
            ("member", Slot::Record(&mut self.member)),
            ("delay_id", Slot::Text(&mut self.delay_id)),
            ("delay_timeout", Slot::Integer(&mut self.delay_timeout)),
            ("delay_cs_api_url", Slot::Text(&mut self.delay_cs_api_url)),
        ]
    }
}

impl CallBody {
    /// Every call has a room and a slot.
    pub fn check_slot(&self) -> Result<(), MatrixError> {
        if self.room_id.is_empty() || self.slot_id.is_empty() {
            return Err(MatrixError::bad_json(
                "The request body is missing `room_id` or `slot_id`",
            ));
        }
        Ok(())
    }
}
