//! SIP needs workers that reach a node through Redis. A node without answers as the original does: who may call is told
//! that nobody is there.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use livekit_wire::{
    proto::TransferSipParticipantRequest,
    twirp::{Code, TwirpError, decode_request},
};

use super::call::{Call, no_handler};
use crate::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/twirp/livekit.SIP/{method}", any(sip))
}

async fn sip(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let not_connected = || TwirpError::domain(Code::Internal, "sip not connected (redis required)");
    answer(app, request, |call| match method.as_str() {
        "ListSIPTrunk"
        | "CreateSIPInboundTrunk"
        | "CreateSIPOutboundTrunk"
        | "UpdateSIPInboundTrunk"
        | "UpdateSIPOutboundTrunk"
        | "GetSIPInboundTrunk"
        | "GetSIPOutboundTrunk"
        | "ListSIPInboundTrunk"
        | "ListSIPOutboundTrunk"
        | "DeleteSIPTrunk"
        | "CreateSIPDispatchRule"
        | "UpdateSIPDispatchRule"
        | "ListSIPDispatchRule"
        | "DeleteSIPDispatchRule" => {
            call.grants.ensure_sip_admin()?;
            Err(not_connected())
        }
        "CreateSIPParticipant" => {
            call.grants.ensure_sip_call()?;
            Err(not_connected())
        }
        "TransferSIPParticipant" => {
            let request: TransferSipParticipantRequest = decode_request(call.encoding, &call.body)?;
            if request.room_name.is_empty() {
                return Err(TwirpError::domain(
                    Code::InvalidArgument,
                    "Missing room name",
                ));
            }
            if request.participant_identity.is_empty() {
                return Err(TwirpError::domain(
                    Code::InvalidArgument,
                    "Missing participant identity",
                ));
            }
            call.grants.ensure_sip_call()?;
            call.grants.ensure_admin(&request.room_name)?;
            Err(not_connected())
        }
        _ => Err(no_handler(call)),
    })
    .await
}

async fn answer(
    app: Arc<App>,
    request: Request,
    decide: impl FnOnce(&Call) -> Result<std::convert::Infallible, TwirpError>,
) -> Response {
    match Call::receive(app, request).await {
        Ok(call) => match decide(&call) {
            Ok(never) => match never {},
            Err(error) => error.into_response(),
        },
        Err(response) => response,
    }
}
