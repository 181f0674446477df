//! Encodes pictures and sound into one stream, H.264 and AAC in an FLV. An encoder that is too slow gets fewer pictures, and all of
//! the sound. It must not know what is shown, nor where the stream goes.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Stdio},
    sync::{
        Arc,
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::time::Instant;

use super::Taker;
use crate::compose::{
    ffmpeg,
    passthrough::{ComposeError, Wanted},
    scenes::{HEIGHT, WIDTH},
};
use webm::{RAW_PICTURES, RAW_SOUND, TrackEntry, TrackKind, cluster, head};

/// Clusters of a picture (1.4 MB) and its sound that wait for the encoder.
const MOST_WAITING: usize = 8;
/// An encoder that takes nothing for so long hangs; sound that waits meanwhile fits into one cluster.
const HANGS_AFTER: Duration = Duration::from_secs(25);
/// What it has may take so long to be encoded in the end.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// LiveKit's: a keyframe every four seconds, 3 Mbit/s of picture, 128 kbit/s of sound.
const FRAMES_OF_A_GROUP: &str = "120";
const RATE: &str = "3000k";
const BUFFER: &str = "6000k";

/// An encoder under way.
pub struct Encoder {
    child: Child,
    clusters: Option<SyncSender<Vec<u8>>>,
    threads: Vec<JoinHandle<()>>,
    words: Option<JoinHandle<String>>,
    wanted: Wanted,
    /// Sound that has no cluster yet.
    sound: Vec<(u64, Vec<u8>)>,
    full_since: Option<Instant>,
    black: Vec<u8>,
}

impl Encoder {
    /// Starts one; `taker` is given what it makes.
    pub fn start(
        program: &Path,
        wanted: Wanted,
        taker: Arc<dyn Taker>,
    ) -> Result<Encoder, ComposeError> {
        let mut command = ffmpeg::live(program);
        command
            .args(["-copyts", "-analyzeduration", "0", "-fpsprobesize", "0"])
            .args(["-f", "matroska", "-i", "pipe:0"]);
        if wanted.video {
            command
                .args(["-map", "0:v", "-c:v", "libx264", "-preset", "superfast"])
                .args(["-profile:v", "main", "-threads", "2", "-bf", "0"])
                .args(["-b:v", RATE, "-maxrate", RATE, "-bufsize", BUFFER])
                .args(["-g", FRAMES_OF_A_GROUP]);
        }
        if wanted.audio {
            command.args(["-map", "0:a", "-c:a", "aac", "-b:a", "128k", "-ar", "44100"]);
        }
        let mut child = command
            .args(["-flush_packets", "1", "-flvflags", "no_duration_filesize"])
            .args(["-f", "flv", "pipe:1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (input, output, error) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (clusters, waiting) = sync_channel::<Vec<u8>>(MOST_WAITING);
        let begin = head(&tracks(wanted));
        let writing = thread::spawn(move || {
            let Some(mut input) = input else { return };
            // What goes wrong is in its last words.
            let _ = input.write_all(&begin);
            while let Ok(cluster) = waiting.recv() {
                if input.write_all(&cluster).is_err() {
                    return;
                }
            }
        });
        let reading = thread::spawn(move || {
            let Some(mut output) = output else { return };
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                taker.take(&bytes[..length]);
            }
        });
        let words = ffmpeg::last_words(error);
        let plane = usize::try_from(WIDTH * HEIGHT).unwrap_or_default();
        let mut black = vec![16; plane];
        black.resize(plane / 2 * 3, 128);
        Ok(Encoder {
            child,
            clusters: Some(clusters),
            threads: vec![writing, reading],
            words: Some(words),
            wanted,
            sound: Vec::new(),
            full_since: None,
            black,
        })
    }

    /// Sound at `at` milliseconds, its channels in turn.
    pub fn hear(&mut self, at: u64, samples: &[f32]) {
        let bytes = samples.iter().flat_map(|sample| sample.to_le_bytes());
        self.sound.push((at, bytes.collect()));
    }

    /// The picture at `at` milliseconds, black for none, with the sound until then. An error is the encoder's end: its last words.
    pub fn show(&mut self, at: u64, picture: Option<&[u8]>) -> Result<(), String> {
        let mut frames = Vec::with_capacity(self.sound.len() + 1);
        if self.wanted.video {
            frames.push((1, at, picture.unwrap_or(&self.black)));
        }
        let number = if self.wanted.video { 2 } else { 1 };
        let sound = self.sound.iter();
        frames.extend(sound.map(|(at, bytes)| (number, *at, bytes.as_slice())));
        if frames.is_empty() {
            return Ok(());
        }
        let begins = frames.iter().map(|(_, at, _)| *at).min().unwrap_or(at);
        let Some(clusters) = &self.clusters else {
            return Err("it ended".to_owned());
        };
        match clusters.try_send(cluster(begins, &frames)) {
            Ok(()) => {
                self.sound.clear();
                self.full_since = None;
                Ok(())
            }
            Err(TrySendError::Full(_)) => {
                let since = *self.full_since.get_or_insert_with(Instant::now);
                if since.elapsed() < HANGS_AFTER {
                    return Ok(());
                }
                self.stop();
                Err("it hangs".to_owned())
            }
            Err(TrySendError::Disconnected(_)) => {
                self.stop();
                let words = self.words.take().and_then(|words| words.join().ok());
                let words = words.filter(|words| !words.is_empty());
                Err(words.unwrap_or_else(|| "it ended".to_owned()))
            }
        }
    }

    /// Has it encode what it has, and returns when all of that is taken.
    pub fn finish(mut self) {
        self.clusters = None;
        let ends = Instant::now() + ENDS_WITHIN;
        while Instant::now() < ends && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        self.clusters = None;
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for thread in self.threads.drain(..) {
            // A panic has been printed by the thread.
            let _ = thread.join();
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.stop();
    }
}

fn tracks(wanted: Wanted) -> Vec<TrackEntry> {
    let picture = TrackEntry {
        codec_id: RAW_PICTURES.to_owned(),
        codec_private: None,
        kind: TrackKind::Video {
            width: WIDTH,
            height: HEIGHT,
        },
    };
    let sound = TrackEntry {
        codec_id: RAW_SOUND.to_owned(),
        codec_private: None,
        kind: TrackKind::Audio {
            channels: 2,
            delay_ns: 0,
        },
    };
    let picture = wanted.video.then_some(picture);
    picture
        .into_iter()
        .chain(wanted.audio.then_some(sound))
        .collect()
}
