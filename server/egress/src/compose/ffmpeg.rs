//! The film of several pictures, made by an ffmpeg that the administrator has installed: scene by scene, so that a composer which
//! is killed loses one scene's work. It must not know who wants it.

use std::{
    fmt::Write,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{ChildStderr, Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    captions::Captions,
    passthrough::{ComposeError, Film, Wanted, compose as mix_only, remove_if_there, sync_folder},
    plan::STEP_MS,
    scenes::{HEIGHT, Layout, Scene, WIDTH, scenes},
    segments::{Recorded, Recording},
};

/// The folder of scenes that are done, inside a recording's.
const SCENES: &str = "scenes";
const FRAMES_PER_SECOND: u64 = 30;
/// Calls come first.
const NICENESS: &str = "10";
/// A live stream cannot wait as a film can.
const NICENESS_OF_LIVE: &str = "5";
/// It tells of its progress twice a second; bringing a film of hours into its final order takes it some minutes without a word.
const SILENT_AT_MOST: Duration = Duration::from_mins(5);

/// Makes the film of the recording at `film`, an MP4 (scenes that are done wait in `folder`), which is there whole or not at all.
pub fn compose(
    recording: &Recording,
    folder: &Path,
    film: &Path,
    wanted: Wanted,
    layout: Layout,
    ffmpeg: &Path,
) -> Result<Film, ComposeError> {
    let duration = recording.ends_at();
    let duration = duration.next_multiple_of(STEP_MS).max(STEP_MS);
    let pictures: Vec<&Recorded> = recording.pictures().collect();
    let footage: Vec<_> = pictures.iter().map(|recorded| recorded.footage()).collect();
    let done = folder.join(SCENES);
    fs::create_dir_all(&done)?;
    let captions = Captions::write(recording, &done, ffmpeg)?;
    let mut list = String::new();
    for (index, scene) in scenes(&recording.timeline, &footage, layout, duration)
        .iter()
        .enumerate()
    {
        let name = format!("{index:06}.mkv");
        let path = done.join(&name);
        if !path.exists() {
            let part = done.join(format!("{index:06}.part.mkv"));
            run(ffmpeg, &scene_arguments(scene, &pictures, &captions, &part))?;
            fs::rename(&part, &path)?;
        }
        // A String takes everything.
        let _ = writeln!(list, "file '{name}'");
    }
    let list_path = done.join("scenes.txt");
    fs::write(&list_path, list)?;
    let sound = if wanted.audio {
        let sound = done.join("sound.webm");
        let only_sound = Wanted {
            video: false,
            audio: true,
        };
        mix_only(recording, &sound, only_sound)?;
        Some(sound)
    } else {
        None
    };
    let part = film.with_extension("part.mp4");
    remove_if_there(&part)?;
    run(ffmpeg, &film_arguments(&list_path, sound.as_deref(), &part))?;
    fs::File::open(&part)?.sync_all()?;
    fs::rename(&part, film)?;
    sync_folder(film)?;
    fs::remove_dir_all(&done)?;
    Ok(Film {
        size: fs::metadata(film)?.len(),
        duration,
        left_out: recording.left_out(),
    })
}

/// Each picture from where the scene begins, held when it pauses, on black. Without the exact number of frames each scene would
/// lose one, and the sound would drift.
fn scene_arguments(
    scene: &Scene,
    pictures: &[&Recorded],
    captions: &Captions,
    part: &Path,
) -> Vec<String> {
    let mut arguments = Vec::new();
    let frames = (scene.until - scene.at) * FRAMES_PER_SECOND / 1_000;
    let length = seconds(scene.until - scene.at);
    let mut graph = format!("color=black:s={WIDTH}x{HEIGHT}:r={FRAMES_PER_SECOND}:d={length}[on0]");
    for (index, tile) in scene.tiles.iter().enumerate() {
        let recorded = pictures[tile.footage];
        let from = scene.at.saturating_sub(recorded.finished.starts_at);
        arguments.extend([
            "-ss".to_owned(),
            seconds(from),
            "-t".to_owned(),
            length.clone(),
        ]);
        arguments.extend(["-i".to_owned(), recorded.path.display().to_string()]);
        let (width, height) = (tile.width, tile.height);
        let (x, y, next) = (tile.x, tile.y, index + 1);
        let name = captions.filter(&recorded.segment.identity, height);
        // A String takes everything.
        let _ = write!(
            graph,
            ";[{index}:v]fps={FRAMES_PER_SECOND}:start_time=0,tpad=stop=-1:stop_mode=clone,trim=end_frame={frames},\
             scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,\
             pad={width}:{height}:(ow-iw)/2:(oh-ih)/2{name},setsar=1[tile{index}];\
             [on{index}][tile{index}]overlay={x}:{y}:eof_action=repeat[on{next}]"
        );
    }
    let last = scene.tiles.len();
    let _ = write!(
        graph,
        ";[on{last}]trim=end_frame={frames},format=yuv420p[film]"
    );
    let rest = [
        "-filter_complex",
        &graph,
        "-map",
        "[film]",
        "-an",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "26",
        "-g",
        "150",
        "-f",
        "matroska",
    ];
    arguments.extend(rest.map(ToOwned::to_owned));
    arguments.push(part.display().to_string());
    arguments
}

fn film_arguments(list: &Path, sound: Option<&Path>, part: &Path) -> Vec<String> {
    let mut arguments = ["-f", "concat", "-safe", "0", "-i"]
        .map(ToOwned::to_owned)
        .to_vec();
    arguments.push(list.display().to_string());
    if let Some(sound) = sound {
        arguments.extend(["-i".to_owned(), sound.display().to_string()]);
        let mapped = ["-map", "0:v", "-map", "1:a", "-c:a", "aac", "-b:a", "128k"];
        arguments.extend(mapped.map(ToOwned::to_owned));
    }
    let rest = ["-c:v", "copy", "-movflags", "+faststart", "-f", "mp4"];
    arguments.extend(rest.map(ToOwned::to_owned));
    arguments.push(part.display().to_string());
    arguments
}

/// Makes a picture of a film as it is at this moment.
pub(super) fn picture(
    ffmpeg: &Path,
    film: &Path,
    at: u64,
    part: &Path,
) -> Result<(), ComposeError> {
    let arguments = [
        "-ss",
        &seconds(at),
        "-i",
        &film.display().to_string(),
        "-frames:v",
        "1",
        "-vf",
        "scale=w='min(1280,iw)':h=-2",
        "-q:v",
        "4",
        "-f",
        "mjpeg",
        &part.display().to_string(),
    ];
    run(ffmpeg, &arguments.map(ToOwned::to_owned))
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}

/// A run of ffmpeg for a live stream.
pub fn live(ffmpeg: &Path) -> Command {
    nice(ffmpeg, NICENESS_OF_LIVE)
}

/// A run of ffmpeg at low priority that says only what goes wrong.
fn nice(ffmpeg: &Path, niceness: &str) -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", niceness]).arg(ffmpeg).args([
        "-nostdin",
        "-hide_banner",
        "-v",
        "error",
        "-y",
    ]);
    command
}

/// Runs ffmpeg at low priority on one thread, to its end.
pub fn run(ffmpeg: &Path, arguments: &[String]) -> Result<(), ComposeError> {
    run_watched(ffmpeg, arguments, SILENT_AT_MOST)
}

/// [`run`]. One that says nothing for as long as `silent` hangs and is killed: films of others wait for it.
fn run_watched(ffmpeg: &Path, arguments: &[String], silent: Duration) -> Result<(), ComposeError> {
    let mut child = nice(ffmpeg, NICENESS)
        .args(["-progress", "pipe:1", "-threads", "1"])
        .args(["-filter_complex_threads", "1"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (progress, heard) = channel();
    thread::spawn(move || {
        let (mut out, mut bytes) = (out?, [0; 4096]);
        while out.read(&mut bytes).is_ok_and(|length| length > 0) {
            progress.send(()).ok()?;
        }
        Some(())
    });
    let words = last_words(err);
    loop {
        match heard.recv_timeout(silent) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                return Err(ComposeError::Ffmpeg("it hangs".to_owned()));
            }
        }
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(());
    }
    let last = words.join().unwrap_or_default();
    Err(ComposeError::Ffmpeg(format!("{status}: {last}")))
}

/// The last line that a child says, once it has said it.
pub fn last_words(error: Option<ChildStderr>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut words = Vec::new();
        if let Some(mut error) = error {
            // What it said until it broke off is better than nothing.
            let _ = error.read_to_end(&mut words);
        }
        let words = String::from_utf8_lossy(&words);
        words.lines().last().unwrap_or_default().to_owned()
    })
}

/// The ffmpeg on `search_path`, as `PATH` has it.
pub fn find(search_path: Option<&std::ffi::OsStr>) -> Option<PathBuf> {
    std::env::split_paths(search_path?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("ffmpeg"))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// What becomes of a program that does this.
    fn outcome(script: &str, silent: Duration) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ffmpeg");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        run_watched(&program, &[], silent).map_err(|error| error.to_string())
    }

    #[test]
    fn one_that_hangs_is_killed_and_one_that_is_slow_is_not() {
        let long = Duration::from_mins(1);
        assert_eq!(outcome("exit 0", long), Ok(()));
        let failed = outcome("echo first >&2; echo 'no such codec' >&2; exit 1", long);
        let error = failed.unwrap_err();
        assert!(error.ends_with("no such codec"), "{error}");
        let slow = "for at in 1 2 3 4; do echo frame=$at; sleep 0.5; done";
        assert_eq!(outcome(slow, Duration::from_secs(20)), Ok(()));
        let hangs = outcome("exec sleep 600", Duration::from_millis(200));
        assert_eq!(hangs, Err("ffmpeg failed: it hangs".to_owned()));
    }
}
