//! What whoever has a check's link may do: see that it is good, get a room of its own, and say what came of it.

use ::doctor::{BrowserHalf, Measured, Tried};
use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{model::Kept, store};
use crate::{
    accounts::token,
    app::App,
    clock::Timestamp,
    http::{ClientIp, FieldError, Json, Path, Problem, SiteAddress, openapi},
    livekit::connection_check::PairRoom,
};

/// Runs of one link: people try again, scripts do so for ever.
const MOST_RUNS: i64 = 50;
const MOST_WAYS: usize = 16;
const LONGEST_AGENT: usize = 512;
const LONGEST_PLACE: usize = 300;
/// Of both: what strangers tell is shown in terminals.
const PRINTABLE: &str = "^[ -~]*$";

/// A check as whoever has the link sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenDoctorCheck {
    /// Until when the link is good.
    expires_at: Timestamp,
    /// Whether somebody has run it.
    done: bool,
}

/// What a browser needs for its half.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoctorRun {
    /// For livekit-client: ws:// or wss://.
    url: String,
    /// LiveKit's token for what sends; good for some minutes and this run only.
    sender_token: String,
    /// LiveKit's token for what receives.
    receiver_token: String,
    expires_at: Timestamp,
}

/// What a browser found out.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoctorFindings {
    /// What the browser calls itself.
    #[garde(length(bytes, max = LONGEST_AGENT))]
    #[schema(schema_with = agent)]
    agent: String,
    /// The page's clock as it sends.
    #[garde(skip)]
    sent_at: Timestamp,
    /// Whether the page may use camera and microphone.
    #[garde(skip)]
    secure: bool,
    /// Each way, tried by itself.
    #[garde(length(max = MOST_WAYS))]
    #[schema(max_items = 16)]
    ways: Vec<Tried>,
    /// `null`: no way led to the media server.
    #[garde(skip)]
    #[schema(required = true)]
    measured: Option<Measured>,
}

fn agent() -> utoipa::openapi::Object {
    openapi::text(0..=LONGEST_AGENT)
        .pattern(Some(PRINTABLE))
        .build()
}

/// What is said to whoever ran it; what the server found out about itself is for its administrators.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoctorVerdict {
    /// How bad it is.
    state: ::doctor::State,
    /// The one sentence.
    said: String,
    /// What helps.
    #[schema(required = true)]
    what_to_do: Option<String>,
    /// The same with everything that this browser tried, to pass on to the owner of the network.
    text: String,
}

/// Whether a link is good. Needs no account.
#[utoipa::path(
    get, path = "/api/doctor/checks/{token}", tag = "livekit", operation_id = "openDoctorCheck",
    params(("token" = String, Path)),
    responses((status = 200, body = OpenDoctorCheck), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn open(
    State(app): State<App>,
    ip: ClientIp,
    Path(token): Path<String>,
) -> Result<Json<OpenDoctorCheck>, Problem> {
    app.auth.limits.connection_check(&app, ip).await?;
    let kept = find(&app, &token).await?;
    Ok(Json(OpenDoctorCheck {
        expires_at: kept.expires_at,
        done: kept.browser.is_some(),
    }))
}

/// Opens a throw-away room that nobody sees, to try each way of a call. Needs no account.
#[utoipa::path(
    post, path = "/api/doctor/checks/{token}/runs", tag = "livekit", operation_id = "startDoctorRun",
    params(("token" = String, Path)),
    responses((status = 200, body = DoctorRun), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn run(
    State(app): State<App>,
    ip: ClientIp,
    site: SiteAddress,
    Path(token): Path<String>,
) -> Result<Json<DoctorRun>, Problem> {
    app.auth.limits.connection_check(&app, ip).await?;
    let kept = find(&app, &token).await?;
    let room = PairRoom::new(&app.random);
    let mut tx = app.db.begin().await?;
    let now = app.now();
    if !store::start(&mut tx, kept.id, (room.name(), now), MOST_RUNS).await? {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_runs",
            "This link was used too often. Ask for another one.",
        ));
    }
    tx.commit().await?;
    let opened = room.open(&app, &site).await?;
    Ok(Json(DoctorRun {
        url: opened.url,
        sender_token: opened.sender_token,
        receiver_token: opened.receiver_token,
        expires_at: opened.expires_at,
    }))
}

/// Takes what a browser found out, and says what both halves say together. Needs no account.
#[utoipa::path(
    post, path = "/api/doctor/checks/{token}/findings", tag = "livekit", operation_id = "tellDoctorFindings",
    params(("token" = String, Path)), request_body = DoctorFindings,
    responses((status = 200, body = DoctorVerdict), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn tell(
    State(app): State<App>,
    ip: ClientIp,
    Path(token): Path<String>,
    Json(input): Json<DoctorFindings>,
) -> Result<Json<DoctorVerdict>, Problem> {
    app.auth.limits.connection_check(&app, ip).await?;
    check(&input)?;
    let mut kept = find(&app, &token).await?;
    let now = app.now();
    let half = BrowserHalf {
        agent: input.agent,
        seen_at: ip.0.to_canonical().to_string(),
        clock_ahead_ms: input.sent_at.0.saturating_sub(now.0),
        secure: input.secure,
        ways: input.ways,
        measured: input.measured,
    };
    let mut tx = app.db.begin().await?;
    store::finish(&mut tx, kept.id, &half, now).await?;
    tx.commit().await?;
    (kept.browser, kept.browser_at) = (Some(half), Some(now));
    let told = kept.report().for_the_browser();
    Ok(Json(DoctorVerdict {
        state: told.state,
        text: told.text(),
        said: told.said,
        what_to_do: told.what_to_do,
    }))
}

async fn find(app: &App, token: &str) -> Result<Kept, Problem> {
    let kept = store::by_token(&app.db, &token::hash_text(token), app.now()).await?;
    kept.ok_or_else(|| Problem::not_found("check"))
}

fn check(input: &DoctorFindings) -> Result<(), Problem> {
    let wrong = |field: String| FieldError {
        field,
        code: "out_of_range",
        detail: "No page tells that.".to_owned(),
    };
    let ways = input.ways.iter().enumerate();
    let mut refused: Vec<_> = ways
        .filter(|(_, tried)| !sensible(tried))
        .map(|(index, _)| wrong(format!("ways[{index}]")))
        .collect();
    if !is_printable(&input.agent) {
        refused.push(wrong("agent".to_owned()));
    }
    if input.measured.is_some_and(|measured| !plausible(&measured)) {
        refused.push(wrong("measured".to_owned()));
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(refused))
    }
}

fn sensible(tried: &Tried) -> bool {
    let place = tried.at.as_deref().unwrap_or_default();
    place.len() <= LONGEST_PLACE && is_printable(place)
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn plausible(measured: &Measured) -> bool {
    let share = |loss: Option<u32>| loss.is_none_or(|loss| loss <= 1000);
    share(measured.loss_up) && share(measured.loss_down)
}
