//! Writes down news of one recording and tells of it, in one transaction. It must not know where news come from.

use super::{
    keeping,
    model::{Ending, RecordingFault, RecordingState},
    state::{News, Step, step},
    store::{self, RecordingRow},
    transfer,
};
use crate::{
    app::App,
    audit::Actor,
    db::{DbError, Tx},
    happenings::{self, Happening, Recorded},
    rooms::{self, KnownRoom},
};

/// Takes the row to where `news` leads, saves and tells it; `false` when nothing came of it. `by` is who did it.
pub async fn take(
    app: &App,
    tx: &mut Tx,
    by: Option<&Actor>,
    row: &mut RecordingRow,
    news: News,
) -> Result<bool, DbError> {
    let now = app.now();
    let step = step(row.state, news);
    let (state, fault) = match step {
        Step::Stay => {
            store::save(tx, row).await?;
            return Ok(false);
        }
        Step::To(state) => (state, None),
        Step::Lost(state, fault) => (state, Some(fault)),
    };
    let before = std::mem::replace(&mut row.state, state);
    row.error_code = fault;
    row.updated_at = now;
    match state {
        RecordingState::Starting | RecordingState::Completed => {}
        RecordingState::Recording => row.started_at = row.started_at.or(Some(now)),
        RecordingState::Stopping | RecordingState::Composing => {
            row.stopped_at = row.stopped_at.or(Some(now));
        }
        RecordingState::Processing | RecordingState::Failed | RecordingState::Aborted => {
            row.stopped_at = row.stopped_at.or(Some(now));
            row.ended_at = row.ended_at.or(Some(now));
        }
    }
    row.ending = ending(row, news, fault);
    store::save(tx, row).await?;
    let end = row.ended_at.filter(|_| !state.is_active());
    if let Some(keep_until) = end.and_then(|ended_at| keeping::own_end(row, ended_at)) {
        store::set_end(tx, row.id, keep_until).await?;
    }
    if state == RecordingState::Processing {
        transfer::begin(app, tx, row.id).await?;
    }
    let Some(room) = place(tx, row).await? else {
        return Ok(true);
    };
    let recorded = Recorded {
        id: row.id,
        title: &row.title,
    };
    let happening = match state {
        RecordingState::Starting => return Ok(true),
        RecordingState::Recording => Happening::RecordingStarted {
            recorded,
            at: row.started_at.unwrap_or(now),
        },
        RecordingState::Stopping => Happening::RecordingStopped(recorded),
        RecordingState::Composing => {
            if before != RecordingState::Stopping {
                let stopped = Happening::RecordingStopped(recorded);
                happenings::tell(app, tx, by, Some(&room), &stopped).await?;
            }
            Happening::RecordingComposing(recorded)
        }
        RecordingState::Processing => Happening::RecordingProcessing(recorded),
        RecordingState::Completed => Happening::RecordingCompleted(recorded),
        RecordingState::Failed | RecordingState::Aborted => Happening::RecordingFailed {
            recorded,
            fault: fault.unwrap_or(RecordingFault::RecorderFailed),
        },
    };
    happenings::tell(app, tx, by, Some(&room), &happening).await?;
    Ok(true)
}

/// The recording's room, also a deleted one.
pub async fn place(tx: &mut Tx, row: &RecordingRow) -> Result<Option<KnownRoom>, DbError> {
    rooms::known(tx, &row.room_id.to_string()).await
}

/// The limit that we set stops a recording as a click does: the reason from before counts.
fn ending(row: &RecordingRow, news: News, fault: Option<RecordingFault>) -> Option<Ending> {
    match (row.ending, news, fault) {
        (Some(Ending::LimitReached), News::Done { ending, .. }, None)
            if ending != Ending::Failure =>
        {
            Some(Ending::LimitReached)
        }
        (_, News::Done { ending, .. }, _) => Some(ending),
        (before, _, None) => before,
        (_, _, Some(_)) => Some(Ending::Failure),
    }
}
