//! Writes down what came of an attempt, and decides what becomes of the message and its webhook.

use http::StatusCode;

use super::{
    deliveries::{self, Due, Fate},
    model::{PauseReason, Webhook},
    retry::next_attempt,
    send::Said,
    store,
};
use crate::{
    app::App,
    audit::Actor,
    db::{DbError, Tx},
    happenings::{self, Happening},
};

/// A message that was given up in so many rounds of three days does not hold up the others any more.
const ROUNDS: i64 = 2;

/// Writes it down.
pub async fn note(
    app: &App,
    tx: &mut Tx,
    webhook: &Webhook,
    due: &Due,
    said: &Said,
) -> Result<(), DbError> {
    let now = app.now();
    let since = due.trying_since.unwrap_or(now);
    let tries = due.tries + 1;
    let (fate, pause) = if said.error.is_none() {
        (Fate::Delivered, None)
    } else if said.status == Some(StatusCode::GONE) {
        // It stays first in the queue, should anybody resume the webhook.
        let fate = Fate::Again {
            at: now,
            tries,
            since,
        };
        (fate, Some(PauseReason::Gone))
    } else {
        let so_far = (usize::try_from(tries).unwrap_or(usize::MAX), since);
        match next_attempt(&app.random, so_far, said.retry_after, now) {
            Some(at) => (Fate::Again { at, tries, since }, None),
            None if due.rounds + 1 < ROUNDS => {
                (Fate::NextRound { at: now }, Some(PauseReason::NoAnswer))
            }
            None => (Fate::Dead, Some(PauseReason::NoAnswer)),
        }
    };
    if !deliveries::note(tx, due, fate, said, now).await? {
        // Its time to be kept is over.
        return Ok(());
    }
    store::note_attempt(tx, webhook.id, said, now).await?;
    let Some(reason) = pause else {
        return Ok(());
    };
    if store::pause(tx, webhook.id, reason, now).await? {
        let hook = webhook.hook();
        tracing::warn!(webhook = %hook.id, host = hook.host, %reason, "a webhook is paused");
        let paused = Happening::WebhookPaused { hook, reason };
        happenings::tell(app, tx, Some(&Actor::site()), None, &paused).await?;
    }
    Ok(())
}
