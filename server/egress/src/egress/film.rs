//! The film of a recording that has ended, tried until it is made. It must not know rooms.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use livekit_wire::proto::Room;
use time::OffsetDateTime;
use tokio::{sync::mpsc, time::sleep};

use super::{Egress, Run, Shared, fail, nanoseconds};
use crate::{
    compose::{self, ComposeError, Wanted},
    info::{self, Finished},
    journal::{OUT, Phase, Record},
    names::{self, Facts},
    order::Order,
    record::{Command, Selector},
};

/// A film that could not be made, for a full disk or a fault of ours, is tried again.
const COMPOSE_AGAIN_AFTER: Duration = Duration::from_mins(1);
const MOST_TRIES: u32 = 10;

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
    for tries in 1.. {
        let record = egress.record.lock().clone();
        let made = {
            let _one_at_a_time = shared.composer.acquire().await;
            let folder = shared.journal.folder(&id);
            tokio::task::spawn_blocking(move || film(&folder, &record)).await
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
            Ok(Err(Unmade::Compose(error))) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
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

fn film(folder: &Path, record: &Record) -> Result<Finished, Unmade> {
    let files = |error: io::Error| Unmade::Compose(error.into());
    let name = PathBuf::from(
        &record
            .info
            .file_results
            .first()
            .map_or("", |file| &file.filename),
    );
    let path = folder.join(OUT).join(&name);
    std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(files)?;
    let selector = &record.order.selector;
    let made = match selector {
        Selector::Track { .. } => compose::join_segments(folder, &path),
        Selector::Room { .. } | Selector::Participant { .. } | Selector::Tracks { .. } => {
            let wanted = Wanted {
                video: selector.has_video(),
                audio: selector.has_audio(),
            };
            compose::compose(folder, &path, wanted)
        }
    };
    let made = made.map_err(Unmade::Compose)?;
    if made.duration == 0 {
        return Err(Unmade::Nothing);
    }
    let location = path.to_string_lossy().into_owned();
    let manifest = if record.order.manifest {
        let manifest = path.with_file_name(format!("{}.json", record.info.egress_id));
        let text = serde_json::json!({
            "egress_id": record.info.egress_id,
            "room_id": record.info.room_id,
            "room_name": record.info.room_name,
            "started_at": record.info.started_at,
            "duration_ms": made.duration,
            "location": location,
        });
        std::fs::write(&manifest, text.to_string()).map_err(files)?;
        manifest.to_string_lossy().into_owned()
    } else {
        String::new()
    };
    Ok(Finished {
        location,
        size: made.size,
        duration: i64::try_from(made.duration.saturating_mul(1_000_000)).unwrap_or(i64::MAX),
        manifest,
        notes: made.left_out.join("; "),
    })
}

/// The name of the film that an order means.
pub fn film_name(order: &Order, room: &Room, now: SystemTime) -> String {
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
    names::expand(&order.filepath, default, &facts, now, "webm")
        .to_string_lossy()
        .into_owned()
}
