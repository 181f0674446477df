//! Asks the recorder now and then what goes on, so that lost answers and lost webhooks heal and limits hold.

use std::time::Duration;

use livekit_wire::egress::BEGUN_WITHIN;
use thiserror::Error;

use super::{
    hear::hear_alone,
    model::{Ending, RecordingState},
    preview,
    state::News,
    store::{self, RecordingRow},
    told,
};
use crate::{
    app::App,
    clock::Timestamp,
    db::DbError,
    livekit::{LiveKitError, egress::Recorder},
};

/// A recorder that starts again may list what goes on a little later.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);

/// Why nothing healed; the next round tries again.
#[derive(Debug, Error)]
pub enum ReconcileError {
    #[error("the recorder: {0}")]
    Recorder(#[from] LiveKitError),
    #[error("the database failed: {0}")]
    Database(#[from] DbError),
}

/// Makes the rows agree with what the recorder says. One recording that cannot be holds up no other.
pub async fn reconcile(app: &App) -> Result<(), ReconcileError> {
    let began = app.now();
    let listed = match &app.recorder {
        Some(recorder) => ask(app, recorder, began).await,
        None => Ok(()),
    };
    let failed = match &listed {
        Err(ReconcileError::Recorder(error)) => Some(error.to_string()),
        Ok(()) | Err(ReconcileError::Database(_)) => None,
    };
    app.condition.recorder_answered(failed);
    for row in store::with_recorder(&app.db).await? {
        // Silence tells nothing while nobody can be asked, but somebody who waits for a start is not left waiting.
        let waits = row.egress_id.is_none() && row.requested_at + BEGUN_WITHIN < began;
        let news = if waits {
            News::Unanswered
        } else if listed.is_ok() && row.seen_at + FORGOTTEN_AFTER < began {
            News::Forgotten
        } else if is_too_long(app, &row, began) {
            News::StopAsked
        } else {
            if listed.is_ok()
                && let Err(error) = preview::look_for(app, &row).await
            {
                tracing::warn!(recording = %row.id, %error, "a first version could not be told");
            }
            continue;
        };
        if let Err(error) = take(app, &row, news).await {
            tracing::warn!(recording = %row.id, %error, "a recording could not be reconciled");
        }
    }
    listed
}

async fn ask(app: &App, recorder: &Recorder, now: Timestamp) -> Result<(), ReconcileError> {
    let mut listed = recorder.list_active(None, now).await?;
    for row in store::with_recorder(&app.db).await? {
        // It ended unheard, or is not known any more.
        if let Some(egress_id) = &row.egress_id
            && !listed.iter().any(|info| info.egress_id == *egress_id)
        {
            listed.extend(recorder.find(egress_id, now).await?);
        }
    }
    for info in listed {
        match hear_alone(app, &info).await {
            Ok(heard) => heard.obey(app, &info.egress_id, now).await,
            Err(error) => {
                let egress = info.egress_id;
                tracing::warn!(egress, %error, "the recorder's word could not be written down");
            }
        }
    }
    Ok(())
}

fn is_too_long(app: &App, row: &RecordingRow, now: Timestamp) -> bool {
    let longest = app.config.recordings.longest();
    let until = row
        .started_at
        .zip(longest)
        .map(|(from, longest)| from + longest);
    row.state == RecordingState::Recording && until.is_some_and(|until| until <= now)
}

async fn take(app: &App, row: &RecordingRow, news: News) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    tx.lock(&format!("recordings of {}", row.room_id)).await?;
    let Some(mut now) = store::to_change(&mut tx, row.id).await? else {
        return Ok(());
    };
    // What was heard meanwhile is newer.
    if now.updated_at != row.updated_at || now.egress_id != row.egress_id {
        return Ok(());
    }
    if news == News::StopAsked {
        now.ending = Some(Ending::LimitReached);
    }
    told::take(app, &mut tx, None, &mut now, news).await?;
    tx.commit().await?;
    if news == News::StopAsked
        && let (Some(egress_id), Some(recorder)) = (&now.egress_id, &app.recorder)
    {
        // The next round finds that it goes on, and asks again.
        if let Err(error) = recorder.stop(egress_id, app.now()).await {
            tracing::warn!(recording = %now.id, %error, "a recording cannot be stopped yet");
        }
    }
    Ok(())
}
