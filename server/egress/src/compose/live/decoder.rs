//! Decodes one track file, from a keyframe on and while it grows, into pictures of the stream's size. Whatever its codec, or the
//! size that it changes to: what comes out is the same. It must not know what is shown.

use std::{
    io::{self, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread,
    time::Duration,
};

use crate::compose::{
    ffmpeg,
    scenes::{HEIGHT, WIDTH},
};
use webm::{Block, Reader, Tail};

/// Pictures that wait to be shown, 1.4 MB each; the decoder waits with them.
const MOST_WAITING: usize = 8;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A decoder with its picture of the moment.
pub struct Decoder {
    child: Child,
    tail: Tail,
    pictures: Receiver<Block>,
    shown: Option<Block>,
    ahead: Option<Block>,
    ended: bool,
    dropped: Arc<AtomicBool>,
}

impl Decoder {
    /// Begins where the tail is.
    pub fn start(program: &Path, tail: Tail) -> io::Result<Decoder> {
        let size = format!("{WIDTH}:{HEIGHT}");
        let filter = format!(
            "scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2,\
             pad={size}:(ow-iw)/2:(oh-ih)/2,setsar=1"
        );
        let mut child = ffmpeg::live(program)
            // Times stay the recording's.
            .args(["-copyts", "-analyzeduration", "0", "-fpsprobesize", "0"])
            .args(["-threads", "1", "-f", "matroska", "-i", "pipe:0"])
            .args(["-an", "-vf", &filter, "-pix_fmt", "yuv420p"])
            .args(["-c:v", "rawvideo", "-f", "matroska", "pipe:1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let dropped = Arc::new(AtomicBool::new(false));
        let (telling, pictures) = sync_channel(MOST_WAITING);
        let (from, stop) = (tail.clone(), Arc::clone(&dropped));
        thread::spawn(move || feed(input?, from, &stop).ok());
        thread::spawn(move || read(output?, &telling).ok());
        Ok(Decoder {
            child,
            tail,
            pictures,
            shown: None,
            ahead: None,
            ended: false,
            dropped,
        })
    }

    /// Goes on to the last picture at `at` milliseconds or before.
    pub fn advance(&mut self, at: u64) {
        loop {
            if self.ahead.is_none() {
                self.ahead = match self.pictures.try_recv() {
                    Ok(picture) => Some(picture),
                    Err(TryRecvError::Empty) => return,
                    Err(TryRecvError::Disconnected) => {
                        self.ended = true;
                        return;
                    }
                };
            }
            match self.ahead.take_if(|picture| picture.at <= at) {
                Some(picture) => self.shown = Some(picture),
                None => return,
            }
        }
    }

    /// Planes of Y, U and V; `None` before the first one's time.
    pub fn picture(&self) -> Option<&[u8]> {
        self.shown.as_ref().map(|shown| shown.frame.as_slice())
    }

    /// Whether it ended though its file goes on.
    pub fn broke(&self) -> bool {
        self.ended && !self.tail.is_over()
    }

    /// Where it began.
    pub fn tail(&self) -> Tail {
        self.tail.clone()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Release);
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn feed(mut input: ChildStdin, mut tail: Tail, dropped: &AtomicBool) -> io::Result<()> {
    input.write_all(tail.head())?;
    while !dropped.load(Ordering::Acquire) {
        // Asked before the file is read: what was written last is not missed.
        let over = tail.is_over();
        match tail.next_cluster()? {
            Some(cluster) => input.write_all(&cluster)?,
            None if over => return Ok(()),
            None => thread::sleep(LOOK_AGAIN_AFTER),
        }
    }
    Ok(())
}

fn read(output: ChildStdout, pictures: &SyncSender<Block>) -> io::Result<()> {
    let mut reader = Reader::new(BufReader::with_capacity(256 * 1024, output))?;
    while let Some(picture) = reader.next_block()? {
        if pictures.send(picture).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
