//! The film of a recording that has ended, tried until it is made. It must not know rooms.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use livekit_wire::proto::Room;
use time::OffsetDateTime;
use tokio::{sync::mpsc, time::sleep};

use super::{Egress, Run, Shared, fail, nanoseconds};
use crate::{
    compose::{self, ComposeError, Film, Layout, Recording, Wanted},
    info::{self, Finished},
    journal::{OUT, Phase, Record},
    names::{self, Facts},
    order::Order,
    record::{Command, Selector},
};

/// A film that could not be made is tried again: for ever on a full disk, and so often for a fault of ours.
const COMPOSE_AGAIN_AFTER: Duration = Duration::from_mins(1);
const MOST_TRIES: u32 = 10;
const MP4: &str = "mp4";
const WEBM: &str = "webm";

/// Makes the film, or leaves it to the next process.
pub async fn compose(
    shared: &Shared,
    egress: &Egress,
    commands: &mut mpsc::UnboundedReceiver<Command>,
) -> Run {
    let suspended = async {
        loop {
            if matches!(commands.recv().await, Some(Command::Suspend) | None) {
                return;
            }
        }
    };
    tokio::select! {
        () = suspended => Run::Suspended,
        () = make_film(shared, egress) => Run::Ended,
    }
}

async fn make_film(shared: &Shared, egress: &Egress) {
    let id = egress.info().egress_id;
    let mut tries = 0;
    loop {
        let record = egress.record.lock().clone();
        let made = {
            let _one_at_a_time = shared.composer.acquire().await;
            let folder = shared.journal.folder(&id);
            let ffmpeg = shared.ffmpeg.clone();
            tokio::task::spawn_blocking(move || film(&folder, &record, ffmpeg.as_deref())).await
        };
        let error = match made {
            Ok(Ok(finished)) => {
                egress.change(shared, Some("egress_ended"), |record| {
                    let now = nanoseconds((shared.wall_clock)());
                    info::complete(&mut record.info, finished, now);
                    record.phase = Phase::Ended;
                });
                return;
            }
            Ok(Err(Unmade::Nothing)) => {
                fail(shared, egress, "nothing was recorded", 412);
                return;
            }
            Ok(Err(Unmade::Compose(ComposeError::Files(error)))) if is_full(&error) => {
                // Somebody will make room, today or in a week: the tracks are whole.
                tracing::error!(%error, egress = id, "the film waits for room on the disk");
                sleep(COMPOSE_AGAIN_AFTER).await;
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

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[derive(Debug)]
enum Unmade {
    Nothing,
    Compose(ComposeError),
}

fn film(folder: &Path, record: &Record, ffmpeg: Option<&Path>) -> Result<Finished, Unmade> {
    let files = |error: io::Error| Unmade::Compose(error.into());
    let named = record.info.file_results.first();
    let mut name = PathBuf::from(named.map_or("", |file| &file.filename));
    let out = folder.join(OUT);
    fs::create_dir_all(out.join(&name).parent().unwrap_or(folder)).map_err(files)?;
    let recording = Recording::open(folder).map_err(files)?;
    let several = several_pictures(&recording, folder, &out.join(&name), record, ffmpeg);
    let (made, notes) = match several {
        Some(Ok(made)) => (made, None),
        Some(Err(error)) => {
            tracing::warn!(%error, egress = record.info.egress_id, "the film is made without ffmpeg");
            name.set_extension(WEBM);
            let made = one_picture(&recording, &out.join(&name), record)?;
            (made, Some("ffmpeg failed: who speaks is shown".to_owned()))
        }
        None => {
            name.set_extension(WEBM);
            let made = one_picture(&recording, &out.join(&name), record)?;
            (made, not_laid_out(&record.order))
        }
    };
    if made.duration == 0 {
        return Err(Unmade::Nothing);
    }
    let location = out.join(&name).to_string_lossy().into_owned();
    let manifest = if record.order.manifest {
        write_manifest(&out.join(&name), record, made.duration).map_err(files)?
    } else {
        String::new()
    };
    let notes: Vec<_> = notes.into_iter().chain(made.left_out).collect();
    Ok(Finished {
        filename: name.to_string_lossy().into_owned(),
        location,
        size: made.size,
        duration: i64::try_from(made.duration.saturating_mul(1_000_000)).unwrap_or(i64::MAX),
        manifest,
        notes: notes.join("; "),
    })
}

/// The film that the order's layout means; `None` where it is one picture, or ffmpeg is missing.
fn several_pictures(
    recording: &Recording,
    folder: &Path,
    path: &Path,
    record: &Record,
    ffmpeg: Option<&Path>,
) -> Option<Result<Film, ComposeError>> {
    let ffmpeg = ffmpeg.filter(|_| path.extension().is_some_and(|ending| ending == MP4))?;
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

fn wanted(selector: &Selector) -> Wanted {
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

fn write_manifest(film: &Path, record: &Record, duration: u64) -> io::Result<String> {
    let path = film.with_file_name(format!("{}.json", record.info.egress_id));
    let text = serde_json::json!({
        "egress_id": record.info.egress_id,
        "room_id": record.info.room_id,
        "room_name": record.info.room_name,
        "started_at": record.info.started_at,
        "duration_ms": duration,
        "location": film.to_string_lossy(),
    });
    fs::write(&path, text.to_string())?;
    Ok(path.to_string_lossy().into_owned())
}

/// The name of the film that an order means; `ffmpeg`: whether films of several pictures can be made.
pub fn film_name(order: &Order, room: &Room, ffmpeg: bool, now: SystemTime) -> String {
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
    names::expand(&order.filepath, default, &facts, now, ending)
        .to_string_lossy()
        .into_owned()
}
