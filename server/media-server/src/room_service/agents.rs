//! What no LiveKit server tells: which workers are there, what they do, and an end to it. Twirp in JSON under a name of our
//! own; the token must grant `agent.admin`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use livekit_wire::twirp::{Code, TwirpError};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::call::{Call, no_handler};
use crate::{
    agents::{NoSuch, WorkerId},
    app::App,
};

#[derive(Deserialize)]
struct OneWorker {
    worker_id: String,
}

#[derive(Deserialize)]
struct OneJob {
    job_id: String,
}

#[derive(Deserialize)]
struct OneSubject {
    subject: String,
}

pub(super) async fn serve(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let call = match Call::receive(app, request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    answer(&call, &method)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn answer(call: &Call, method: &str) -> Result<Response, TwirpError> {
    call.grants.ensure_agents_admin()?;
    let agents = &call.app.agents;
    let done = match method {
        "List" => {
            let overview = agents.overview().await.map_err(twirp_error)?;
            return Ok(Json(overview).into_response());
        }
        "DrainWorker" => {
            agents
                .drain(WorkerId(read::<OneWorker>(call)?.worker_id))
                .await
        }
        "EndJob" => agents.end_job(read::<OneJob>(call)?.job_id).await,
        "CloseWorkers" => {
            agents
                .close_workers(read::<OneSubject>(call)?.subject)
                .await
        }
        _ => return Err(no_handler(call)),
    };
    done.map_err(twirp_error)?;
    Ok(Json(json!({})).into_response())
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, TwirpError> {
    serde_json::from_slice(&call.body)
        .map_err(|_| TwirpError::new(Code::Malformed, "the json request could not be decoded"))
}

/// What is asked about is not there.
pub(super) fn twirp_error(error: NoSuch) -> TwirpError {
    let code = match error {
        NoSuch::Room | NoSuch::Dispatch | NoSuch::Worker | NoSuch::Job => Code::NotFound,
        NoSuch::Server => Code::Unavailable,
    };
    TwirpError::domain(code, error)
}
