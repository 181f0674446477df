//! Shows how a meeting went for one person.

use axum::extract::State;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{QualityEvent, QualitySample, SAMPLE, ServerSample},
    store,
    verdict::{self, Verdict, verdicts},
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{Json, Path, Problem, Query},
    livekit::identity::Identity,
    meetings::{self, MeetingId, Stayed},
    rooms::{Slug, caller::Caller, view},
};

/// Most samples of one stay in an answer; longer stays are told in longer steps.
const MOST_SAMPLES: i64 = 720;

/// Whose, and of which meeting.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadQuality {
    /// One of the person's identities in that meeting.
    #[garde(skip)]
    #[param(inline)]
    identity: Identity,
    /// The room's latest when left out.
    #[garde(skip)]
    #[param(value_type = Option<String>, format = "uuid")]
    meeting: Option<MeetingId>,
}

/// How a meeting went for one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonQuality {
    meeting_id: MeetingId,
    /// Days that this is kept; 0: not at all.
    keep_days: u32,
    /// Each time that they came, in order.
    stays: Vec<StayQuality>,
}

/// One stay.
#[derive(Debug, Serialize, ToSchema)]
pub struct StayQuality {
    identity: String,
    name: String,
    joined_at: Timestamp,
    #[schema(required = true)]
    left_at: Option<Timestamp>,
    /// Why they left, in LiveKit's words.
    #[schema(required = true)]
    left_reason: Option<String>,
    #[schema(required = true)]
    sdk: Option<String>,
    #[schema(required = true)]
    os: Option<String>,
    #[schema(required = true)]
    browser: Option<String>,
    /// The way that their media took last: `udp`, `tcp` or `relay`.
    #[schema(required = true)]
    ice_route: Option<String>,
    /// Milliseconds that one sample stands for.
    step: i64,
    /// What their page measured.
    samples: Vec<QualitySample>,
    /// What the media server counted, where it tells: the built-in one does.
    server_samples: Vec<ServerSample>,
    events: Vec<QualityEvent>,
    verdicts: Vec<Verdict>,
}

/// How a meeting went for one person, as their page measured it and the media server counted it.
#[utoipa::path(
    get, path = "/api/rooms/{slug}/quality", tag = "quality", operation_id = "readQuality",
    params(("slug" = Slug, Path), ReadQuality),
    responses((status = 200, body = PersonQuality), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Query(asked): Query<ReadQuality>,
) -> Result<Json<PersonQuality>, Problem> {
    let room = view::find_seen(&app, &slug, &caller).await?.room;
    let subject = asked.identity.subject();
    let stays = meetings::stays_of(&app.db, room.id, asked.meeting, &subject).await?;
    let first = stays.first();
    let first = first.ok_or_else(|| Problem::not_found("attendance"))?;
    let meeting_id = first.meeting_id;
    let mut told = Vec::with_capacity(stays.len());
    for stay in stays {
        told.push(quality_of(&app, stay).await?);
    }
    Ok(Json(PersonQuality {
        meeting_id,
        keep_days: app.config.quality.keep_days,
        stays: told,
    }))
}

async fn quality_of(app: &App, stay: Stayed) -> Result<StayQuality, Problem> {
    let length = stay.left_at.unwrap_or(app.now()).since(stay.joined_at);
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let step = step_of(length);
    let samples = store::samples(&app.db, stay.id, step).await?;
    let server_samples = store::server_samples(&app.db, stay.id, step).await?;
    let events = store::events(&app.db, stay.id).await?;
    Ok(StayQuality {
        verdicts: verdicts(&verdict::known(&samples, &server_samples), step),
        identity: stay.identity,
        name: stay.name,
        joined_at: stay.joined_at,
        left_at: stay.left_at,
        left_reason: stay.left_reason,
        sdk: stay.sdk,
        os: stay.os,
        browser: stay.browser,
        ice_route: stay.ice_route,
        step,
        samples,
        server_samples,
        events,
    })
}

/// As many whole samples as make the answer short enough.
fn step_of(length: i64) -> i64 {
    let samples = length / SAMPLE;
    (samples / MOST_SAMPLES + 1) * SAMPLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stay_is_told_in_longer_steps() {
        let hour = 3_600_000;
        assert_eq!(step_of(0), SAMPLE);
        assert_eq!(step_of(hour), SAMPLE);
        assert_eq!(step_of(8 * hour), 5 * SAMPLE);
        assert!(24 * 30 * hour / step_of(24 * 30 * hour) <= MOST_SAMPLES);
    }
}
