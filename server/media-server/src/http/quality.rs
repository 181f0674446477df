//! `GET /quality`: what went through each participant's connection, for whoever may list rooms.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::lister::Lister;
use crate::app::App;

pub(super) async fn get(_: Lister, State(app): State<Arc<App>>) -> Response {
    let rooms = app
        .rooms
        .of_every_room(|room| Some(room.connection_totals()));
    match rooms.await {
        Ok(rooms) => Json(rooms.concat()).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}
