//! Handing over a delayed leave event, alone or along with a request for a token.

use std::time::Duration;

use livekit_wire::{Identity, RoomName};

use crate::{
    app::App,
    delayed_leave::{Delegation, TakeOverError},
    error::MatrixError,
    ids::{DelayId, ServerName},
};

const MISSING: MatrixError =
    MatrixError::bad_json("The request body is missing `delay_id` or `delay_timeout`");
const NO_CLIENT_API: MatrixError = MatrixError::bad_json("Unable to resolve client-server API");

/// A delayed event that the client wants to hand over.
#[derive(Debug)]
pub struct Handover {
    delay_id: DelayId,
    delay_timeout: Duration,
}

impl Handover {
    /// From `delay_id` and `delay_timeout` (milliseconds), which must both be there.
    pub fn parse(delay_id: String, delay_timeout: i64) -> Result<Self, MatrixError> {
        let delay_id = DelayId::parse(delay_id).map_err(|_| MISSING)?;
        match u64::try_from(delay_timeout) {
            Ok(milliseconds) if milliseconds > 0 => Ok(Self {
                delay_id,
                delay_timeout: Duration::from_millis(milliseconds),
            }),
            Ok(_) | Err(_) => Err(MISSING),
        }
    }

    /// The same where both may be absent.
    pub fn parse_optional(
        delay_id: String,
        delay_timeout: i64,
    ) -> Result<Option<Self>, MatrixError> {
        if delay_id.is_empty() && delay_timeout <= 0 {
            return Ok(None);
        }
        Self::parse(delay_id, delay_timeout).map(Some)
    }

    /// Fails when the homeserver could not be told of the leave. Comes before a room is opened for a request that fails.
    pub async fn check(&self, app: &App, server: &ServerName) -> Result<(), MatrixError> {
        match app.homeservers.client_api(server).await {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(%server, %error, "no client-server API to send a delayed leave event to");
                Err(NO_CLIENT_API)
            }
        }
    }

    /// From here on the event is ours.
    pub async fn take(
        self,
        app: &App,
        server_name: ServerName,
        room: RoomName,
        identity: Identity,
    ) -> Result<(), MatrixError> {
        let delegation = Delegation {
            server_name,
            delay_id: self.delay_id,
            delay_timeout: self.delay_timeout,
            room,
            identity,
        };
        app.delayed_leaves
            .take_over(delegation)
            .await
            .map_err(|error| {
                tracing::warn!(%error, "a delayed leave event is not taken over");
                match error {
                    TakeOverError::ShuttingDown => MatrixError::ShuttingDown,
                    TakeOverError::Full | TakeOverError::OutOfReach => {
                        MatrixError::Overloaded(error.to_string())
                    }
                    TakeOverError::InvalidTimeout(_) | TakeOverError::TooLong => {
                        MatrixError::BadJson(error.to_string().into())
                    }
                }
            })
    }
}
