//! Letting a verified user into a call: a token, the room for those who may open it, and the delayed leave event they
//! hand over. `/sfu/get` and `/get_token` differ only in what comes before.

use axum::response::Response;
use http::StatusCode;
use livekit_wire::{Identity, RoomName};
use serde::Serialize;

use crate::{
    access::Access,
    app::App,
    error::{MatrixError, json_line},
    handover::Handover,
    openid::Requester,
};

const RESTRICTED: MatrixError =
    MatrixError::bad_json("Delegation of delayed events is only supported for full access users");

/// Who gets in where.
pub struct Admission {
    /// The verified user.
    pub requester: Requester,
    /// The LiveKit room.
    pub room: RoomName,
    /// As whom.
    pub identity: Identity,
    /// What they hand over.
    pub handover: Option<Handover>,
}

/// What the client connects with.
#[derive(Serialize)]
struct Admitted<'a> {
    url: &'a str,
    jwt: String,
}

impl Admission {
    /// Everything that has to happen before the client may know its token.
    pub async fn grant(self, app: &App) -> Result<Response, MatrixError> {
        let Self {
            requester: Requester { user, server },
            room,
            identity,
            handover,
        } = self;
        let access = app.full_access.of(&server);
        if handover.is_some() && access == Access::Restricted {
            return Err(RESTRICTED);
        }
        let jwt = app.livekit.join_token(&room, &identity).map_err(|error| {
            tracing::error!(%error, "no token can be made");
            MatrixError::Internal
        })?;
        if access == Access::Full {
            if let Some(handover) = &handover {
                handover.check(app, &server).await?;
            }
            app.livekit.create_room(&room).await.map_err(|error| {
                tracing::error!(%room, %user, %error, "the SFU opens no room");
                MatrixError::RoomNotCreated
            })?;
            app.rooms.opened(&room);
            if let Some(handover) = handover {
                handover
                    .take(app, server, room.clone(), identity.clone())
                    .await?;
            }
        }
        tracing::info!(%user, access = access.as_str(), %room, %identity, "a token is given out");
        let admitted = Admitted {
            url: &app.livekit.public_url,
            jwt,
        };
        Ok(json_line(StatusCode::OK, &admitted))
    }
}
