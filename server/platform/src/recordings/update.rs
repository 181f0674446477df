//! Changes a recording's title, and how long it is kept.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    keeping,
    model::{Recording, RecordingId, RecordingTitle},
    store, view,
};
use crate::{
    accounts::Right,
    app::App,
    audit,
    clock::Timestamp,
    happenings::{self, Happening, Recorded},
    http::{Json, Path, Problem},
    rooms::caller::Caller,
};

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRecording {
    #[garde(skip)]
    title: Option<RecordingTitle>,
    /// When it is deleted by itself; `null`: when the rule says that it began under. An administrator may go beyond the
    /// site's rule.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    keep_until: KeepUntil,
}

/// What is asked for the time that a recording is kept: `null` is something else than nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum KeepUntil {
    #[default]
    Unchanged,
    Rule,
    Moment(Timestamp),
}

impl<'de> Deserialize<'de> for KeepUntil {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KeepUntil, D::Error> {
        let given = Option::deserialize(deserializer)?;
        Ok(given.map_or(KeepUntil::Rule, KeepUntil::Moment))
    }
}

/// Changes a recording; for who asked for it and who runs its room.
#[utoipa::path(
    patch, path = "/api/recordings/{id}", tag = "recordings", operation_id = "updateRecording",
    params(("id" = RecordingId, Path)), request_body = UpdateRecording,
    responses((status = 200, body = Recording), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<RecordingId>,
    Json(change): Json<UpdateRecording>,
) -> Result<Json<Recording>, Problem> {
    let seen = view::find(&app, id, &caller).await?;
    if !seen.rights.change {
        return Err(Problem::forbidden(
            "Only the room's owner and who started the recording may do this.",
        ));
    }
    let mut tx = app.db.begin().await?;
    let row = store::to_change(&mut tx, id).await?;
    let row = row.ok_or_else(|| Problem::not_found("recording"))?;
    let title = change.title.unwrap_or_else(|| row.title.clone());
    let keep_until = match change.keep_until {
        KeepUntil::Unchanged => row.keep_until,
        KeepUntil::Rule => {
            let ended_at = row.ended_at;
            ended_at.and_then(|ended_at| keeping::own_end(&row, ended_at))
        }
        KeepUntil::Moment(wanted) => {
            check(&app, &caller, row.ended_at, wanted)?;
            Some(wanted)
        }
    };
    let now = app.now();
    store::set_title_and_time(&mut tx, id, &title, keep_until, now).await?;
    let before = json!({ "title": row.title, "keep_until": row.keep_until });
    let after = json!({ "title": title, "keep_until": keep_until });
    let updated = Happening::RecordingUpdated {
        recorded: Recorded { id, title: &title },
        changes: audit::changes(&before, &after),
    };
    let (by, place) = (caller.actor(), seen.room.known());
    happenings::tell(&app, &mut tx, Some(&by), Some(&place), &updated).await?;
    tx.commit().await?;
    let seen = view::find(&app, id, &caller).await?;
    Ok(Json(view::show(&app, seen)))
}

/// A date of its own is in the future, and no later than the site keeps recordings, but for administrators.
fn check(
    app: &App,
    caller: &Caller,
    ended_at: Option<Timestamp>,
    wanted: Timestamp,
) -> Result<(), Problem> {
    let now = app.now();
    if wanted <= now {
        let why = "Choose a moment in the future.";
        return Err(Problem::invalid_field("keep_until", "past", why));
    }
    let kept = keeping::kept_for(app);
    let latest = kept.map(|kept| ended_at.unwrap_or(now) + kept);
    if latest.is_some_and(|latest| wanted > latest) && !caller.may(Right::Administer) {
        let why = "This site does not keep recordings that long.";
        return Err(Problem::invalid_field("keep_until", "too_late", why));
    }
    Ok(())
}
