//! Hears what the recorder says of a recording, by webhook or when asked: whatever comes later wins, in any order and
//! however often. It must not know how it was heard.

use livekit_protocol as proto;
use proto::{EgressStatus, egress_info::Request};

use super::{
    model::{Ending, RecordingId, RecordingLayout, RecordingState, RecordingTitle},
    state::News,
    store::{self, RecordingRow},
    told,
    transfer::ForgetFiles,
};
use crate::{
    app::App,
    clock::Timestamp,
    db::{DbError, Tx},
    rooms::{self, KnownRoom, RoomId},
};

/// What is to be done about what was heard, once it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Heard {
    /// Nothing.
    Known,
    /// The recorder goes on with what should end: it was not heard, or is a second one in its room.
    ToStop,
}

/// Takes the recorder's word on one egress, in a transaction of its own; those of others' rooms are none of our business.
pub async fn hear_alone(app: &App, info: &proto::EgressInfo) -> Result<Heard, DbError> {
    let Some(room) = rooms::known(&app.db, &info.room_name).await? else {
        return Ok(Heard::Known);
    };
    let mut tx = app.db.begin().await?;
    let heard = hear(app, &mut tx, &room, info).await?;
    tx.commit().await?;
    Ok(heard)
}

/// Takes the recorder's word on one egress in this room; those of other kinds are none of our business.
pub async fn hear(
    app: &App,
    tx: &mut Tx,
    room: &KnownRoom,
    info: &proto::EgressInfo,
) -> Result<Heard, DbError> {
    if info.egress_id.is_empty() {
        return Ok(Heard::Known);
    }
    tx.lock(&format!("recordings of {}", room.id)).await?;
    let Some(mut row) = find(app, tx, info, room).await? else {
        return Ok(Heard::Known);
    };
    if row.deleted_at.is_some() {
        // Nothing revives it. Whoever deleted it may not have known its recorder, whose files nobody would ask for.
        if row.egress_id.is_none() {
            row.egress_id = Some(info.egress_id.clone());
            store::save(tx, &row).await?;
            let egress_id = info.egress_id.clone();
            app.jobs.enqueue(tx, &ForgetFiles { egress_id }).await?;
        }
        return Ok(heard(&row, info));
    }
    let other = row
        .egress_id
        .as_ref()
        .is_some_and(|id| *id != info.egress_id);
    if other || (info.updated_at != 0 && info.updated_at <= row.egress_updated_at) {
        let overtaken = !other && info.updated_at < row.egress_updated_at;
        if !other {
            row.seen_at = app.now();
            store::save(tx, &row).await?;
        }
        return Ok(if overtaken {
            Heard::Known
        } else {
            heard(&row, info)
        });
    }
    let revives = row.state == RecordingState::Aborted && news(info) == News::Active;
    if revives && store::active_in(tx, row.room_id).await?.is_some() {
        // Somebody asked again meanwhile: the late one is one too many.
        return Ok(Heard::ToStop);
    }
    row.egress_id = Some(info.egress_id.clone());
    row.egress_updated_at = info.updated_at;
    row.seen_at = app.now();
    describe(app, &mut row, info);
    match EgressStatus::try_from(info.status) {
        // It says no more than that it was asked.
        Ok(EgressStatus::EgressStarting) | Err(_) => store::save(tx, &row).await?,
        Ok(_) => told::take(app, tx, None, &mut row, news(info))
            .await
            .map(drop)?,
    }
    Ok(heard(&row, info))
}

fn heard(row: &RecordingRow, info: &proto::EgressInfo) -> Heard {
    let goes_on = matches!(
        EgressStatus::try_from(info.status),
        Ok(EgressStatus::EgressStarting | EgressStatus::EgressActive)
    );
    let other = row
        .egress_id
        .as_ref()
        .is_some_and(|id| *id != info.egress_id);
    let wanted = matches!(
        row.state,
        RecordingState::Starting | RecordingState::Recording
    ) && row.deleted_at.is_none();
    if goes_on && (other || !wanted) {
        Heard::ToStop
    } else {
        Heard::Known
    }
}

/// The row of this egress: by its id, or by the name that we gave its file, which has the recording's. One that
/// another program began in a room of ours becomes a recording like ours: everybody must see that it goes on.
async fn find(
    app: &App,
    tx: &mut Tx,
    info: &proto::EgressInfo,
    room: &KnownRoom,
) -> Result<Option<RecordingRow>, DbError> {
    if let Some(row) = store::by_egress(tx, &info.egress_id).await? {
        return Ok(Some(row));
    }
    let Some(Request::RoomComposite(request)) = &info.request else {
        return Ok(None);
    };
    let Some(file) = request.file_outputs.first() else {
        return Ok(None);
    };
    if let Some(id) = recording_in(&file.filepath) {
        return store::to_change_or_deleted(tx, id).await;
    }
    let goes_on = matches!(
        EgressStatus::try_from(info.status),
        Ok(EgressStatus::EgressStarting | EgressStatus::EgressActive)
    );
    if !goes_on || store::active_in(tx, room.id).await?.is_some() {
        return Ok(None);
    }
    let now = app.now();
    let Some(title) = rooms::title(&mut *tx, room.id).await? else {
        return Ok(None);
    };
    let of_room = rooms::keep_recordings_days(&mut *tx, room.id).await?;
    let row = RecordingRow {
        keep_days: of_room.filter(|days| *days > 0),
        layout: request.layout.parse().unwrap_or(RecordingLayout::Grid),
        audio_only: request.audio_only,
        ..RecordingRow::asked_for(
            RecordingId::new(&app.random, now),
            room.id,
            RecordingTitle::of_room(&title),
            now,
        )
    };
    store::insert(tx, &row, None).await?;
    Ok(Some(row))
}

/// What a recording's file is to be called: the room, and in a way that nobody else names files, the recording.
pub fn file_path(room: RoomId, id: RecordingId) -> String {
    format!("{room}_convoke-{id}")
}

fn recording_in(file_path: &str) -> Option<RecordingId> {
    let (_, rest) = file_path.rsplit_once("_convoke-")?;
    rest.get(..36)?.parse().ok()
}

fn news(info: &proto::EgressInfo) -> News {
    let file = info.file_results.iter().any(|file| file.size > 0);
    let done = |ending| News::Done { ending, file };
    match EgressStatus::try_from(info.status).unwrap_or_default() {
        EgressStatus::EgressStarting | EgressStatus::EgressActive => News::Active,
        EgressStatus::EgressEnding => News::Ending,
        EgressStatus::EgressComplete => done(reason(info)),
        EgressStatus::EgressLimitReached => done(Ending::LimitReached),
        EgressStatus::EgressFailed => done(Ending::Failure),
        EgressStatus::EgressAborted if file => done(Ending::Failure),
        EgressStatus::EgressAborted => News::Aborted,
    }
}

/// Why it ended, in the recorder's own words.
fn reason(info: &proto::EgressInfo) -> Ending {
    if info.details.contains("StopEgress") {
        Ending::Stopped
    } else if info.details.contains("limit reached") {
        Ending::LimitReached
    } else {
        Ending::RoomEnded
    }
}

/// What the recorder says of the film.
fn describe(app: &App, row: &mut RecordingRow, info: &proto::EgressInfo) {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    row.error = text(&info.error);
    row.details = text(&info.details);
    row.ended_at = moment(info.ended_at).or(row.ended_at);
    if news(info) == News::Ending && !info.details.is_empty() {
        row.ending = row.ending.or(Some(reason(info)));
    }
    let Some(file) = info.file_results.first() else {
        return;
    };
    row.started_at = moment(file.started_at).or(row.started_at);
    if file.size > 0 {
        row.size = Some(file.size);
        row.duration_ms = Some(file.duration / 1_000_000).filter(|duration| *duration > 0);
        // One with folders is below the recorder's own; of one that is elsewhere, the name says at least its kind.
        let name = if file.filename.starts_with('/') {
            file.filename.rsplit('/').next().unwrap_or_default()
        } else {
            &file.filename
        };
        row.file_name = text(name);
        let recorder = app.recorder.as_ref();
        let delivered = recorder.and_then(|recorder| recorder.delivered(&file.filename));
        row.object_key = delivered.map(str::to_owned).or(row.object_key.take());
        row.media_type = Some(media_type(name, row.audio_only).to_owned());
    }
}

fn moment(nanoseconds: i64) -> Option<Timestamp> {
    (nanoseconds > 0).then_some(Timestamp(nanoseconds / 1_000_000))
}

fn media_type(name: &str, audio_only: bool) -> &'static str {
    match (name.rsplit('.').next().unwrap_or_default(), audio_only) {
        ("mp4", false) => "video/mp4",
        ("mp4" | "m4a", _) => "audio/mp4",
        ("webm", false) => "video/webm",
        ("webm", true) => "audio/webm",
        ("ogg" | "oga", _) => "audio/ogg",
        ("mp3", _) => "audio/mpeg",
        ("mkv", _) => "video/x-matroska",
        _ => "application/octet-stream",
    }
}
