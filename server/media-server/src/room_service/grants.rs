//! What the caller's token allows. LiveKit answers every lack of grants alike (service/auth.go).

use livekit_wire::{Claims, VideoGrants, twirp::TwirpError};

/// The claims of a caller, if it brought a token.
pub(super) struct Grants(pub Option<Claims>);

impl Grants {
    pub fn ensure_create(&self) -> Result<(), TwirpError> {
        self.ensure(|video| video.room_create)
    }

    pub fn ensure_list(&self) -> Result<(), TwirpError> {
        self.ensure(|video| video.room_list)
    }

    pub fn ensure_record(&self) -> Result<(), TwirpError> {
        self.ensure(|video| video.room_record)
    }

    pub fn ensure_ingress_admin(&self) -> Result<(), TwirpError> {
        self.ensure(|video| video.ingress_admin)
    }

    pub fn ensure_admin(&self, room: &str) -> Result<(), TwirpError> {
        self.ensure(|video| video.room_admin && video.room == room)
    }

    pub fn ensure_destination(&self, room: &str, destination: &str) -> Result<(), TwirpError> {
        self.ensure(|video| {
            video.room_admin && video.room == room && video.destination_room == destination
        })
    }

    pub fn ensure_agents_admin(&self) -> Result<(), TwirpError> {
        let claims = self.0.as_ref();
        let agent = claims.and_then(|claims| claims.agent.as_ref());
        allow(agent.is_some_and(|agent| agent.admin))
    }

    pub fn ensure_sip_admin(&self) -> Result<(), TwirpError> {
        allow(
            self.0
                .as_ref()
                .and_then(|claims| claims.sip.as_ref())
                .is_some_and(|sip| sip.admin),
        )
    }

    pub fn ensure_sip_call(&self) -> Result<(), TwirpError> {
        allow(
            self.0
                .as_ref()
                .and_then(|claims| claims.sip.as_ref())
                .is_some_and(|sip| sip.call),
        )
    }

    fn ensure(&self, allows: impl FnOnce(&VideoGrants) -> bool) -> Result<(), TwirpError> {
        allow(
            self.0
                .as_ref()
                .and_then(|claims| claims.video.as_ref())
                .is_some_and(allows),
        )
    }
}

fn allow(allowed: bool) -> Result<(), TwirpError> {
    if allowed {
        Ok(())
    } else {
        Err(TwirpError::permission_denied())
    }
}
