//! Starts to record a room's call. The row comes first: an answer that is lost is found again by it.

use axum::extract::State;
use garde::Validate;
use http::StatusCode;
use livekit_protocol as proto;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use utoipa::{ToSchema, openapi::Object};

use super::{
    hear::{self, Heard, hear_alone},
    keeping::{self, LONGEST},
    model::{Recording, RecordingId, RecordingLayout, RecordingTitle},
    room_to_record::{self, NoRoom},
    state::News,
    store::{self, RecordingRow},
    told, view,
};
use crate::{
    accounts::Right,
    app::App,
    clock::Timestamp,
    db::{self, DbError},
    happenings::{self, Happening, Recorded},
    http::{Json, Path, Problem, openapi},
    livekit::{
        LiveKitError,
        egress::{Composition, Recorder},
    },
    meetings,
    rooms::{
        KnownRoom, RoomId, Slug,
        caller::Caller,
        region::{self, OtherRegion},
        view as room_view,
    },
};

/// What the film shows.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRecording {
    /// `grid` when left out.
    #[garde(skip)]
    layout: Option<RecordingLayout>,
    /// Sound without a picture; `false` when left out.
    #[garde(skip)]
    #[serde(default)]
    audio_only: bool,
    /// Days that it is kept after its end; when left out as many as the room's rule says, `recording.keep_days`. Only
    /// administrators go beyond that.
    #[garde(range(min = 1, max = LONGEST))]
    #[schema(schema_with = keep_days)]
    #[serde(default)]
    keep_days: Option<u32>,
}

fn keep_days() -> Object {
    let mut days = openapi::number_or_null(LONGEST);
    days.minimum = Some(1.into());
    days
}

/// Why nothing is recorded.
#[derive(Debug, Error)]
pub enum StartRecordingError {
    #[error("the room is being recorded")]
    AlreadyRecording,
    #[error("there is no recorder: {0}")]
    NoRecorder(String),
    #[error("as many recordings go on as may")]
    TooMany,
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error("the call is end-to-end encrypted")]
    Encrypted,
    #[error("nobody is in the call")]
    NotLive,
    #[error(transparent)]
    OtherRegion(#[from] OtherRegion),
    #[error(transparent)]
    Media(LiveKitError),
    #[error(transparent)]
    Internal(#[from] DbError),
}

impl From<StartRecordingError> for Problem {
    fn from(error: StartRecordingError) -> Problem {
        match error {
            StartRecordingError::AlreadyRecording => Problem::new(
                StatusCode::CONFLICT,
                "already_recording",
                "This room is being recorded already.",
            ),
            StartRecordingError::NoRecorder(cause) => {
                tracing::warn!(cause, "a recording could not be started");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no_recorder",
                    "No recorder answers; nothing is recorded.",
                )
            }
            StartRecordingError::TooMany => Problem::new(
                StatusCode::CONFLICT,
                "too_many_recordings",
                "As many recordings go on at this moment as this server makes at once.",
            ),
            StartRecordingError::NoRoom(cause) => cause.into(),
            StartRecordingError::Encrypted => Problem::new(
                StatusCode::CONFLICT,
                "encrypted",
                "This call is end-to-end encrypted: nobody outside it can record it.",
            ),
            StartRecordingError::NotLive => Problem::new(
                StatusCode::CONFLICT,
                "not_live",
                "Nobody is in this room's call.",
            ),
            StartRecordingError::OtherRegion(cause) => cause.into(),
            StartRecordingError::Media(cause) => cause.into(),
            StartRecordingError::Internal(cause) => cause.into(),
        }
    }
}

/// Starts to record the room's call; for who moderates it. Everybody in the call is told.
#[utoipa::path(
    post, path = "/api/rooms/{slug}/recordings", tag = "recordings", operation_id = "startRecording",
    params(("slug" = Slug, Path)), request_body = StartRecording,
    responses((status = 201, body = Recording), (status = "default", body = Problem,
        content_type = "application/problem+json"))
)]
pub async fn start(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<Slug>,
    Json(input): Json<StartRecording>,
) -> Result<(StatusCode, Json<Recording>), Problem> {
    let found = room_view::find_moderated(&app, &slug, &caller).await?;
    let known = found.room.known();
    if !found.viewer(&caller).records() {
        return Err(Problem::forbidden(
            "Only the room's moderators may do this.",
        ));
    }
    if found.call.live == 0 {
        return Err(StartRecordingError::NotLive.into());
    }
    if region::is_elsewhere(&app, &known.id.livekit_name()).await? {
        return Err(StartRecordingError::OtherRegion(OtherRegion).into());
    }
    let row = RecordingRow {
        layout: input.layout.unwrap_or(RecordingLayout::Grid),
        audio_only: input.audio_only,
        started_by: caller.user_id(),
        started_by_name: caller.actor().name,
        keep_days: kept(
            &app,
            &caller,
            found.room.keep_recordings_days,
            input.keep_days,
        )?
        .map(i64::from),
        ..RecordingRow::asked_for(
            RecordingId::new(&app.random, app.now()),
            known.id,
            RecordingTitle::of_room(&found.room.name),
            app.now(),
        )
    };
    let recorder = app.recorder.as_ref().ok_or_else(no_recorder)?;
    room_to_record::check(&app, &caller).await?;
    refuse_encrypted(&app, known.id).await?;
    write(&app, &caller, &known, &row).await?;
    ask(&app, recorder, &row).await?;
    let seen = view::find(&app, row.id, &caller).await?;
    Ok((StatusCode::CREATED, Json(view::show(&app, seen))))
}

/// How many days are kept that were asked for; `None`: as many as the site says.
fn kept(
    app: &App,
    caller: &Caller,
    of_room: i64,
    wanted: Option<u32>,
) -> Result<Option<u32>, Problem> {
    let longest = keeping::days(app.settings.get().keep_recordings_days, of_room);
    match wanted {
        Some(wanted) if !keeping::allows(longest, wanted) && !caller.may(Right::Administer) => {
            let why = "Recordings of this room are not kept that long.";
            Err(Problem::invalid_field("keep_days", "kept_too_long", why))
        }
        Some(wanted) => Ok(Some(wanted)),
        None if of_room > 0 => Ok(longest),
        None => Ok(None),
    }
}

fn no_recorder() -> StartRecordingError {
    StartRecordingError::NoRecorder("this server has none".to_owned())
}

/// A recorder has no key: its film would be black and silent.
async fn refuse_encrypted(app: &App, room: RoomId) -> Result<(), StartRecordingError> {
    let listed = app
        .livekit
        .list_participants(&room.livekit_name(), app.now())
        .await;
    let infos = listed.map_err(StartRecordingError::Media)?;
    let encrypted = infos
        .iter()
        .flat_map(|info| &info.tracks)
        .any(|track| track.encryption() != proto::encryption::Type::None);
    if encrypted {
        Err(StartRecordingError::Encrypted)
    } else {
        Ok(())
    }
}

async fn write(
    app: &App,
    caller: &Caller,
    room: &KnownRoom,
    row: &RecordingRow,
) -> Result<(), StartRecordingError> {
    let mut tx = app.db.begin().await?;
    let most = app.config.recordings.max_parallel;
    if most > 0 {
        tx.lock("recordings at once").await?;
        if store::count_active(&mut tx).await? >= i64::from(most) {
            return Err(StartRecordingError::TooMany);
        }
    }
    let meeting = meetings::running(&mut tx, room.id).await?;
    store::insert(&mut tx, row, meeting)
        .await
        .map_err(|error| {
            if db::is_unique_violation(&error) {
                StartRecordingError::AlreadyRecording
            } else {
                error.into()
            }
        })?;
    let asked = Happening::RecordingRequested {
        recorded: Recorded {
            id: row.id,
            title: &row.title,
        },
        detail: json!({ "layout": row.layout, "audio_only": row.audio_only,
            "keep_days": row.keep_days }),
    };
    happenings::tell(app, &mut tx, Some(&caller.actor()), Some(room), &asked).await?;
    Ok(tx.commit().await?)
}

async fn ask(
    app: &App,
    recorder: &Recorder,
    row: &RecordingRow,
) -> Result<(), StartRecordingError> {
    let now = app.now();
    let room = row.room_id.livekit_name();
    let file_path = hear::file_path(row.room_id, row.id);
    let composition = Composition {
        layout: row.layout.as_str(),
        audio_only: row.audio_only,
        file_path: &file_path,
    };
    match recorder.start(&room, composition, now).await {
        Ok(info) => {
            hear_alone(app, &info)
                .await?
                .obey(app, &info.egress_id, now)
                .await;
            Ok(())
        }
        // It may have begun: the next listing tells. Whoever asked sees that it starts, and later that it did not.
        Err(LiveKitError::Timeout | LiveKitError::BadAnswer(_)) => Ok(()),
        Err(LiveKitError::Unreachable(cause)) => {
            if began_all_the_same(app, recorder, row, now).await? {
                return Ok(());
            }
            give_up(app, row, News::Unanswered).await?;
            Err(StartRecordingError::NoRecorder(cause))
        }
        Err(error) => {
            give_up(app, row, News::Refused).await?;
            Err(refusal(error))
        }
    }
}

async fn began_all_the_same(
    app: &App,
    recorder: &Recorder,
    row: &RecordingRow,
    now: Timestamp,
) -> Result<bool, DbError> {
    let room = row.room_id.livekit_name();
    let Ok(listed) = recorder.list_active(Some(&room), now).await else {
        return Ok(false);
    };
    for info in listed {
        hear_alone(app, &info)
            .await?
            .obey(app, &info.egress_id, now)
            .await;
    }
    let row = store::by_id(&app.db, row.id).await?;
    Ok(row.is_some_and(|row| row.egress_id.is_some()))
}

/// Nothing is recorded, and the room is free for another try at once.
async fn give_up(app: &App, row: &RecordingRow, news: News) -> Result<(), DbError> {
    let mut tx = app.db.begin().await?;
    tx.lock(&format!("recordings of {}", row.room_id)).await?;
    if let Some(mut row) = store::to_change(&mut tx, row.id).await? {
        told::take(app, &mut tx, None, &mut row, news).await?;
    }
    tx.commit().await
}

fn refusal(error: LiveKitError) -> StartRecordingError {
    match error {
        LiveKitError::NotFound => StartRecordingError::NotLive,
        LiveKitError::Refused { code, message } => match code.as_str() {
            "failed_precondition" if message.contains("encrypt") => StartRecordingError::Encrypted,
            "resource_exhausted" => StartRecordingError::TooMany,
            _ => StartRecordingError::NoRecorder(format!("{code}: {message}")),
        },
        LiveKitError::Unauthenticated => StartRecordingError::NoRecorder(error.to_string()),
        LiveKitError::Unreachable(_)
        | LiveKitError::Timeout
        | LiveKitError::BadAnswer(_)
        | LiveKitError::Token(_) => StartRecordingError::Media(error),
    }
}

impl Heard {
    /// Does what is to be done; what fails is found again by the next listing.
    pub async fn obey(self, app: &App, egress_id: &str, now: Timestamp) {
        match (self, &app.recorder) {
            (Heard::ToStop, Some(recorder)) => {
                if let Err(error) = recorder.stop(egress_id, now).await {
                    tracing::warn!(egress_id, %error, "a recording cannot be stopped yet");
                }
            }
            (Heard::Known, _) | (Heard::ToStop, None) => {}
        }
    }
}
