//! The Ingress service: stream keys for encoders (pkg/service/ingress.go). It must not know how they are kept.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use livekit_wire::{
    proto::{
        CreateIngressRequest, DeleteIngressRequest, IngressInfo, ListIngressRequest,
        ListIngressResponse, UpdateIngressRequest,
    },
    twirp::{Code, TwirpError},
};

use super::{
    call::{Call, no_handler},
    grants::Grants,
};
use crate::{app::App, ingress::IngressError};

pub(super) async fn serve(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let call = match Call::receive(app, request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match method.as_str() {
        "CreateIngress" => call.answer(create).await,
        "UpdateIngress" => call.answer(update).await,
        "ListIngress" => call.answer(list).await,
        "DeleteIngress" => call.answer(delete).await,
        _ => no_handler(&call).into_response(),
    }
}

async fn create(
    app: &App,
    grants: &Grants,
    request: CreateIngressRequest,
) -> Result<IngressInfo, TwirpError> {
    grants.ensure_ingress_admin()?;
    app.ingresses.create(request).await.map_err(twirp_error)
}

async fn update(
    app: &App,
    grants: &Grants,
    request: UpdateIngressRequest,
) -> Result<IngressInfo, TwirpError> {
    grants.ensure_ingress_admin()?;
    app.ingresses.update(request).await.map_err(twirp_error)
}

async fn list(
    app: &App,
    grants: &Grants,
    request: ListIngressRequest,
) -> Result<ListIngressResponse, TwirpError> {
    grants.ensure_ingress_admin()?;
    let listed = app.ingresses.list(&app.rooms, &request);
    Ok(ListIngressResponse {
        items: listed.await.map_err(twirp_error)?,
        ..ListIngressResponse::default()
    })
}

async fn delete(
    app: &App,
    grants: &Grants,
    request: DeleteIngressRequest,
) -> Result<IngressInfo, TwirpError> {
    grants.ensure_ingress_admin()?;
    let deleted = app.ingresses.delete(&request.ingress_id);
    deleted.await.map_err(twirp_error)
}

fn twirp_error(error: IngressError) -> TwirpError {
    let code = match &error {
        IngressError::NotConnected | IngressError::Disk(_) => Code::Internal,
        IngressError::NotFound => Code::NotFound,
        IngressError::Invalid(_) | IngressError::TooLong(_) => Code::InvalidArgument,
        IngressError::Unimplemented(_) => Code::Unimplemented,
        IngressError::TooMany(_) => Code::ResourceExhausted,
    };
    TwirpError::domain(code, error)
}
