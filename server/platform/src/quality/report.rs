//! Takes what a page in a call measured of its own stay.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    model::{QualityEvent, QualitySample, SAMPLE},
    store,
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{FieldError, Json, Path, Problem, openapi},
    meetings::{self, Stayed},
    rooms::{RoomId, Slug, caller::Caller, view},
};

/// A page reports every thirty seconds; one that could not for a while has more to tell.
const MOST_SAMPLES: usize = 60;
const MOST_EVENTS: usize = 60;
/// Of one stay: a page that changes its devices all day is broken.
const MOST_EVENTS_KEPT: i64 = 500;
/// What is told of moments further outside of the stay is not believed.
const TOLERANCE: i64 = 60_000;
const LONGEST_SID: usize = 64;

/// What a page measured.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QualityReport {
    /// LiveKit's name of the participant, PA_…
    #[garde(length(bytes, min = 1, max = LONGEST_SID))]
    #[schema(schema_with = sid)]
    sid: String,
    /// The page's clock as it sends: all moments are told by it.
    #[garde(skip)]
    sent_at: Timestamp,
    #[garde(length(max = MOST_SAMPLES))]
    #[schema(max_items = 60)]
    samples: Vec<QualitySample>,
    #[garde(length(max = MOST_EVENTS))]
    #[schema(max_items = 60)]
    events: Vec<QualityEvent>,
}

fn sid() -> utoipa::openapi::Object {
    openapi::text(1..=LONGEST_SID).build()
}

/// Takes what the caller's page measured while it is, or was a moment ago, in the room's call.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/quality", tag = "quality", operation_id = "reportQuality",
    params(("slug" = Slug, Path)), request_body = QualityReport,
    responses((status = 204), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<QualityReport>,
) -> Result<StatusCode, Problem> {
    let subject = caller.subject().ok_or_else(Problem::unauthenticated)?;
    app.quality_limits.report(subject)?;
    check(&input)?;
    let room = room(&app, &slug, &caller).await?;
    let stayed = meetings::stayed(&app.db, room, &input.sid, subject).await?;
    let stayed = stayed.ok_or_else(|| Problem::not_found("attendance"))?;
    if app.config.quality.keep_days > 0 {
        keep(&app, &stayed, input).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The room that is meant. Who names it by its id may have left its call, or have been sent out, a moment ago: that the
/// stay is theirs is asked anyway.
async fn room(app: &App, slug: &Slug, caller: &Caller) -> Result<RoomId, Problem> {
    if let Some(id) = slug.room_id() {
        return Ok(id);
    }
    let found = view::find(app, slug, caller).await?;
    let found = found.ok_or_else(|| Problem::not_found("room"))?;
    Ok(found.room.id)
}

fn check(input: &QualityReport) -> Result<(), Problem> {
    let samples = input.samples.iter().enumerate();
    let wrong: Vec<_> = samples
        .filter(|(_, sample)| !sample.makes_sense())
        .map(|(index, _)| FieldError {
            field: format!("samples[{index}]"),
            code: "out_of_range",
            detail: "No page measures that.".to_owned(),
        })
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(wrong))
    }
}

async fn keep(app: &App, stayed: &Stayed, input: QualityReport) -> Result<(), Problem> {
    let now = app.now();
    // Clocks of browsers are wrong by minutes and years; spans they measure well.
    let shift = now.0.saturating_sub(input.sent_at.0);
    let begin = stayed.joined_at.0 - TOLERANCE;
    let end = stayed.left_at.unwrap_or(now).0 + TOLERANCE;
    let moment = |at: Timestamp| {
        let at = at.0.saturating_add(shift);
        (begin..=end).contains(&at).then_some(at)
    };
    let mut tx = app.db.begin_aside().await?;
    let mut route = None;
    for sample in input.samples {
        let Some(at) = moment(sample.at) else {
            continue;
        };
        // One row for ten seconds, however often a page tells.
        let at = Timestamp(at.div_euclid(SAMPLE) * SAMPLE);
        store::add_sample(&mut tx, stayed.id, &QualitySample { at, ..sample }).await?;
        route = sample.route.or(route);
    }
    let room = MOST_EVENTS_KEPT - store::count_events(&mut tx, stayed.id).await?;
    let events = input.events.into_iter();
    for event in events.take(usize::try_from(room).unwrap_or(0)) {
        let Some(at) = moment(event.at) else {
            continue;
        };
        let at = Timestamp(at);
        store::add_event(&mut tx, stayed.id, &QualityEvent { at, ..event }).await?;
    }
    if let Some(route) = route {
        meetings::set_route(&mut tx, stayed.id, route.as_str()).await?;
    }
    tx.commit().await?;
    Ok(())
}
