//! The record of who did what, written in the transaction of the deed and never changed.

mod list;
mod model;
mod store;

use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use model::{Actor, AuditRecord};

use crate::{
    app::App,
    db::{DbError, Tx},
    rooms::RoomId,
};
use model::{AuditId, Entry};

/// Notes a deed; `action` is a dotted word such as `participant.banned`, `detail` a JSON object.
pub async fn record(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    action: &str,
    room: Option<RoomId>,
    target: Option<&str>,
    detail: Value,
) -> Result<(), DbError> {
    let now = app.now();
    let entry = Entry {
        id: AuditId::new(&app.random, now),
        at: now,
        actor,
        action,
        room,
        target,
        detail,
    };
    store::insert(tx, &entry).await
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::list_of_room))
}
