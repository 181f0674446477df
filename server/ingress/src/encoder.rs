//! One ffmpeg: an encoder's FLV in, H.264 and Opus out, over its pipes. It ends with them, so it outlives neither its stream nor
//! this process. It must not know rooms.

use std::{
    io::{self, BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    sync::Arc,
    thread,
};

use parking_lot::Mutex;
use tokio::{process::ChildStdin, sync::mpsc};
use webm::{Block, Reader, TrackEntry};

use crate::{
    encoding::{Pictures, Sound},
    opening::Opening,
};

/// Calls come first; a live stream cannot wait as a film can.
const NICENESS: &str = "5";
/// Frames that wait for the room; ffmpeg waits with them, and its encoder with it.
const MOST_WAITING: usize = 64;
const LONGEST_WORDS: usize = 300;
/// Lines of one ffmpeg that are warnings; a broken picture has one for each frame, for hours.
const WARNINGS: usize = 20;

/// What is to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    pub opening: Opening,
    pub pictures: Pictures,
    pub sound: Sound,
}

/// What comes out.
#[derive(Debug)]
pub enum Made {
    /// First of all, its tracks; the first one has number 1.
    Tracks(Vec<TrackEntry>),
    Frame(Block),
}

/// A running ffmpeg; dropping it kills it.
pub struct Encoder {
    child: Child,
    words: Arc<Mutex<String>>,
}

impl Encoder {
    /// Starts one; what it is fed, and what it makes.
    pub fn start(
        program: &Path,
        order: Order,
        ingress: &str,
    ) -> io::Result<(Encoder, ChildStdin, mpsc::Receiver<Made>)> {
        let mut child = Command::new("nice")
            .args(["-n", NICENESS])
            .arg(program)
            .args(arguments(order))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let encoder = Encoder {
            child,
            words: Arc::default(),
        };
        let (Some(input), Some(output), Some(error)) = pipes else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let input = ChildStdin::from_std(input)?;
        let (tell, made) = mpsc::channel(MOST_WAITING);
        let name = ingress.to_owned();
        thread::spawn(move || {
            // Its last words tell more than a torn pipe.
            if let Err(error) = read(output, &tell) {
                tracing::debug!(%error, ingress = name, "ffmpeg's output ended");
            }
        });
        let (words, name) = (Arc::clone(&encoder.words), ingress.to_owned());
        thread::spawn(move || relay_log(error, &words, &name));
        Ok((encoder, input, made))
    }

    /// What it said last; nothing where all went well.
    pub fn last_words(&self) -> String {
        self.words.lock().clone()
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: ChildStdout, tell: &mpsc::Sender<Made>) -> io::Result<()> {
    let mut reader = Reader::new(BufReader::with_capacity(64 * 1024, output))?;
    let tracks = Made::Tracks(reader.tracks().to_vec());
    if tell.blocking_send(tracks).is_err() {
        return Ok(());
    }
    while let Some(block) = reader.next_block()? {
        if tell.blocking_send(Made::Frame(block)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn relay_log(error: ChildStderr, words: &Mutex<String>, ingress: &str) {
    let mut error = BufReader::new(error);
    let mut line = Vec::new();
    let mut said = 0_usize;
    loop {
        line.clear();
        // Whoever streams says part of what stands there.
        let read = (&mut error).take(4096).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return;
        }
        let text: String = String::from_utf8_lossy(&line)
            .trim()
            .chars()
            .take(LONGEST_WORDS)
            .collect();
        if !text.is_empty() {
            if said < WARNINGS {
                tracing::warn!(ingress, ffmpeg = text, "ffmpeg says");
            } else {
                tracing::debug!(ingress, ffmpeg = text, "ffmpeg says");
            }
            said = said.saturating_add(1);
            *words.lock() = text;
        }
    }
}

fn arguments(order: Order) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "-nostdin",
        "-hide_banner",
        "-v",
        "error",
        "-nostats",
        // What the stream has stands at its head.
        "-probesize",
        "500000",
        "-analyzeduration",
        "500000",
        "-fpsprobesize",
        "0",
        "-f",
        "flv",
        "-i",
        "pipe:0",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut add = |more: &[&str]| arguments.extend(more.iter().map(|text| (*text).to_owned()));
    if order.opening.picture {
        add(&["-map", "0:v:0"]);
        match order.pictures {
            Pictures::Copied => add(&["-c:v", "copy"]),
            Pictures::Encoded {
                size: (width, height),
                frames,
                bits_per_second,
            } => {
                let rate = bits_per_second.to_string();
                // Never larger than it comes, and even.
                let filter = format!(
                    "scale=w='min({width},iw)':h='min({height},ih)':force_original_aspect_ratio=decrease:\
                     force_divisible_by=2,format=yuv420p"
                );
                add(&["-vf", &filter, "-fpsmax", &frames.to_string()]);
                add(&["-c:v", "libx264", "-preset", "veryfast"]);
                add(&["-tune", "zerolatency", "-profile:v", "baseline", "-bf", "0"]);
                // Whoever comes in waits so long for a picture.
                add(&["-force_key_frames", "expr:gte(t,n_forced*2)"]);
                add(&["-sc_threshold", "0", "-threads:v", "2"]);
                add(&["-b:v", &rate, "-maxrate", &rate, "-bufsize", &rate]);
            }
        }
    }
    if order.opening.sound {
        let rate = order.sound.bits_per_second.to_string();
        add(&["-map", "0:a:0", "-c:a", "libopus", "-ar", "48000"]);
        add(&["-ac", &order.sound.channels.to_string(), "-b:a", &rate]);
        add(&["-frame_duration", "20", "-af", "aresample=async=1000"]);
    }
    // Neither waits for the other, nor for more of its own.
    add(&["-max_interleave_delta", "200000", "-flush_packets", "1"]);
    add(&["-cluster_time_limit", "1", "-f", "matroska", "pipe:1"]);
    arguments
}
