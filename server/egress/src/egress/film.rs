//! The film of a recording that has ended with all that is made of it, tried until it is there. It must not know rooms.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use livekit_wire::proto::Room;
use time::OffsetDateTime;
use tokio::{sync::mpsc, time::sleep};

use super::{Egress, Run, Shared, fail, nanoseconds, suspended};
use crate::{
    ballast,
    compose::{self, ComposeError, Film, Layout, Recording, Wanted},
    info::{self, Outcome},
    journal::{Phase, Record},
    names::Facts,
    order::Order,
    output::{self, FileNames, Master, Parcels},
    record::{Command, Selector},
};

/// A film that could not be made is tried again: for ever on a full disk, and so often for a fault of ours.
const COMPOSE_AGAIN_AFTER: Duration = Duration::from_mins(1);
const MOST_TRIES: u32 = 10;
/// A first version of the film, to look at while the one that was ordered is made.
pub const PREVIEW: &str = "preview.webm";
const MP4: &str = "mp4";
const WEBM: &str = "webm";

/// Makes the film, or leaves it to the next process.
pub async fn compose(
    shared: &Shared,
    egress: &Egress,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) -> Run {
    tokio::select! {
        () = suspended(commands) => Run::Suspended,
        () = make_film(shared, egress) => Run::Ended,
    }
}

async fn make_film(shared: &Shared, egress: &Egress) {
    let id = egress.info().egress_id;
    if !egress.record.lock().order.outputs.has_files() {
        egress.end(shared, |record, now| {
            info::complete(&mut record.info, Outcome::default(), now);
        });
        return;
    }
    let mut tries = 0;
    make_preview(shared, egress).await;
    loop {
        let record = egress.record.lock().clone();
        let made = {
            let _one_at_a_time = shared.composer.acquire().await;
            let folder = shared.journal.folder(&id);
            let ffmpeg = shared.ffmpeg.clone();
            let now = nanoseconds((shared.wall_clock)());
            let make = move || products(&folder, &record, ffmpeg.as_deref(), now);
            tokio::task::spawn_blocking(make).await
        };
        if made.as_ref().is_ok_and(Result::is_ok) {
            let _ = fs::remove_file(shared.journal.folder(&id).join(PREVIEW));
        }
        let error = match made {
            Ok(Ok((outcome, parcels))) if parcels.is_empty() => {
                egress.end(shared, |record, now| {
                    info::complete(&mut record.info, outcome, now);
                });
                return;
            }
            Ok(Ok((outcome, _))) => {
                egress.change(shared, None, |record| {
                    record.outcome = Some(outcome);
                    record.phase = Phase::Delivering;
                });
                return;
            }
            Ok(Err(Unmade::Nothing)) => {
                fail(shared, egress, "nothing was recorded", 412);
                return;
            }
            Ok(Err(Unmade::Compose(ComposeError::Files(error)))) if ballast::is_full(&error) => {
                if !shared.ballast.give_back() {
                    // Somebody will make room, today or in a week: the tracks are whole.
                    tracing::error!(%error, egress = id, "the film waits for room on the disk");
                    sleep(COMPOSE_AGAIN_AFTER).await;
                }
                continue;
            }
            Ok(Err(Unmade::Compose(error))) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        tries += 1;
        tracing::error!(error, egress = id, tries, "the film cannot be made");
        if tries >= MOST_TRIES {
            // The track files stay where they are.
            fail(shared, egress, &error, 500);
            return;
        }
        sleep(COMPOSE_AGAIN_AFTER).await;
    }
}

#[derive(Debug)]
enum Unmade {
    Nothing,
    Compose(ComposeError),
}

/// The film and all that is made of it.
fn products(
    folder: &Path,
    record: &Record,
    ffmpeg: Option<&Path>,
    now: i64,
) -> Result<(Outcome, Parcels), Unmade> {
    let master = film(folder, record, ffmpeg)?;
    output::make(folder, record, &master, ffmpeg, now).map_err(Unmade::Compose)
}

fn film(folder: &Path, record: &Record, ffmpeg: Option<&Path>) -> Result<Master, Unmade> {
    let files = |error: io::Error| Unmade::Compose(error.into());
    let mut name = PathBuf::from(&record.names.file);
    let path = |name: &Path| output::master_path(folder, record, name);
    fs::create_dir_all(path(&name).parent().unwrap_or(folder)).map_err(files)?;
    let recording = Recording::open(folder).map_err(files)?;
    let several = several_pictures(&recording, folder, &path(&name), record, ffmpeg);
    let (made, notes) = match several {
        Some(Ok(made)) => (made, None),
        Some(Err(error)) => {
            tracing::warn!(%error, egress = record.info.egress_id, "the film is made without ffmpeg");
            name.set_extension(WEBM);
            let made = one_picture(&recording, &path(&name), record)?;
            (made, Some("ffmpeg failed: who speaks is shown".to_owned()))
        }
        None => {
            name.set_extension(WEBM);
            let made = one_picture(&recording, &path(&name), record)?;
            (made, not_laid_out(&record.order))
        }
    };
    if made.duration == 0 {
        return Err(Unmade::Nothing);
    }
    // A film without a poster is a film.
    if let Err(error) = compose::poster(&path(&name), made.duration, ffmpeg) {
        tracing::warn!(%error, egress = record.info.egress_id, "a film has no poster");
    }
    Ok(Master {
        path: path(&name),
        name,
        size: made.size,
        duration: made.duration,
        notes: notes.into_iter().chain(made.left_out).collect(),
    })
}

fn is_mp4(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == MP4)
}

/// Its tracks, its film and as much again must find room: nothing waits for want of a first version.
fn has_room_for_preview(shared: &Shared, id: &str) -> bool {
    let reserve = shared.settings.reserve_mb << 20;
    let with_preview = reserve.saturating_add(shared.space.of(id));
    matches!(
        shared.space.is_left(shared.journal.root(), with_preview),
        Ok(true)
    )
}

/// Makes a film of who speaks for those who would wait: it is there in seconds, the one of several pictures in minutes, and after all
/// those that are ordered before it.
async fn make_preview(shared: &Shared, egress: &Egress) {
    let record = egress.record.lock().clone();
    let id = &record.info.egress_id;
    let is_awaited = shared.ffmpeg.is_some() && is_mp4(Path::new(&record.names.file));
    if !is_awaited || !has_room_for_preview(shared, id) {
        return;
    }
    let _one_at_a_time = shared.previewer.acquire().await;
    let folder = shared.journal.folder(id);
    let selector = record.order.selector.clone();
    let made = tokio::task::spawn_blocking(move || preview(&folder, &selector)).await;
    let error = match made {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(panic) => panic.to_string(),
    };
    tracing::warn!(error, egress = id, "a film has no first version");
}

fn preview(folder: &Path, selector: &Selector) -> Result<(), ComposeError> {
    let path = folder.join(PREVIEW);
    if path.exists() {
        return Ok(());
    }
    let made = compose::compose(&Recording::open(folder)?, &path, wanted(selector));
    if made.is_err() {
        // Half a film would take the room that the whole one needs.
        let _ = fs::remove_file(path.with_extension("part"));
    }
    made.map(drop)
}

/// The film that the order's layout means; `None` where it is one picture, or ffmpeg is missing.
fn several_pictures(
    recording: &Recording,
    folder: &Path,
    path: &Path,
    record: &Record,
    ffmpeg: Option<&Path>,
) -> Option<Result<Film, ComposeError>> {
    let ffmpeg = ffmpeg.filter(|_| is_mp4(path))?;
    let layout = Layout::of(&record.order.layout);
    let wanted = wanted(&record.order.selector);
    Some(compose::ffmpeg::compose(
        recording, folder, path, wanted, layout, ffmpeg,
    ))
}

fn one_picture(recording: &Recording, path: &Path, record: &Record) -> Result<Film, Unmade> {
    let selector = &record.order.selector;
    match selector {
        Selector::Track { .. } => compose::join_segments(recording, path),
        Selector::Room { .. } | Selector::Participant { .. } | Selector::Tracks { .. } => {
            compose::compose(recording, path, wanted(selector))
        }
    }
    .map_err(|error| {
        // Half a film would take the room that the next try needs; its own error is the one to tell.
        let _ = fs::remove_file(path.with_extension("part"));
        Unmade::Compose(error)
    })
}

/// What of a recording goes into a film of what was selected.
pub fn wanted(selector: &Selector) -> Wanted {
    Wanted {
        video: selector.has_video(),
        audio: selector.has_audio(),
    }
}

/// Whether the order means a film of several pictures.
fn has_several_pictures(order: &Order) -> bool {
    match &order.selector {
        Selector::Room { video, .. } => {
            *video && Layout::of(&order.layout) != Layout::SingleSpeaker
        }
        Selector::Participant { .. } | Selector::Tracks { .. } | Selector::Track { .. } => false,
    }
}

/// Whoever asked for a layout by name is told that it was not made.
fn not_laid_out(order: &Order) -> Option<String> {
    let asked = has_several_pictures(order) && !order.layout.is_empty();
    asked.then(|| {
        let layout = &order.layout;
        format!("the layout {layout} needs ffmpeg, which is not installed: who speaks is shown")
    })
}

/// The names of the files that an order means; `ffmpeg`: whether films of several pictures can be made.
pub fn file_names(order: &Order, room: &Room, ffmpeg: bool, now: SystemTime) -> FileNames {
    let ending = if ffmpeg && has_several_pictures(order) {
        MP4
    } else {
        WEBM
    };
    let (track, identity) = match &order.selector {
        Selector::Track { id } => (id.clone(), String::new()),
        Selector::Participant { identity, .. } => (String::new(), identity.clone()),
        Selector::Room { .. } | Selector::Tracks { .. } => (String::new(), String::new()),
    };
    let default = match &order.selector {
        Selector::Track { .. } => "{track_id}-{time}",
        Selector::Participant { .. } => "{publisher_identity}-{time}",
        Selector::Room { .. } | Selector::Tracks { .. } => "{room_name}-{time}",
    };
    let facts = Facts {
        room_name: room.name.clone(),
        room_id: room.sid.clone(),
        publisher_identity: identity,
        track_id: track,
        ..Facts::default()
    };
    let now = OffsetDateTime::from(now);
    FileNames::of(&order.outputs, &facts, default, ending, now)
}
