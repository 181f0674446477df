//! The log: each event on its way to one webhook, what was tried and what the receiver said.

pub mod list;
mod model;
pub mod read;
pub mod replay;
pub mod replay_since;
mod store;

pub use model::DeliveryId;
pub use store::{Due, Fate, Queued, due, note, queue, resume, write_down};

use super::model::WebhookId;
use crate::{app::App, clock::Timestamp, db::DbError};

const SLICE: i64 = 500;

/// Forgets some deliveries of what happened before `before`; whether there may be more of them.
pub async fn forget_some(
    app: &App,
    webhook: WebhookId,
    before: Timestamp,
) -> Result<bool, DbError> {
    let mut tx = app.db.begin().await?;
    let forgotten = store::forget(&mut tx, webhook, before, SLICE).await?;
    tx.commit().await?;
    Ok(i64::try_from(forgotten).is_ok_and(|forgotten| forgotten == SLICE))
}
