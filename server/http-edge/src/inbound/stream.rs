//! A connection as hyper sees it: heads come whole, in time and within bounds, and nobody stalls for ever.
//! It knows where messages end and not what they say.

use std::{
    io::{self, IoSlice},
    mem::MaybeUninit,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::{
    framing::Framing,
    head::{self, Next},
    limits::{Limits, SMALL_HEAD},
    seats::{Seat, Seats},
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const CHUNK: usize = 8 << 10;
const SWITCHING_PROTOCOLS: &[u8] = b"HTTP/1.1 101";

/// What the connections of a listener share.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) limits: Limits,
    /// Seats for heads that need more memory than everybody has.
    pub(super) large_heads: Seats,
}

/// What is read now.
#[derive(Debug, Clone, Copy)]
enum Reading {
    Head,
    Body(Framing),
    /// Nothing is due before the answer.
    Answer,
    /// Another protocol, or what hyper is going to refuse.
    Rest,
}

/// A guarded connection.
pub(super) struct Guarded<IO> {
    io: IO,
    peer: IpAddr,
    bounds: Arc<Bounds>,
    reading: Reading,
    /// No head has come yet.
    fresh: bool,
    /// A head that is not complete, or what came before its turn.
    input: BytesMut,
    /// How much of it was searched for the end of a head.
    scanned: usize,
    /// What hyper may have now.
    output: BytesMut,
    large_head: Option<Seat>,
    /// Who waits until the answer has begun.
    reader: Option<Waker>,
    read_by: Deadline,
    write_by: Deadline,
    _seat: Seat,
}

impl<IO> Guarded<IO> {
    pub(super) fn new(io: IO, peer: IpAddr, bounds: Arc<Bounds>, seat: Seat) -> Self {
        Self {
            io,
            peer,
            bounds,
            reading: Reading::Head,
            fresh: true,
            input: BytesMut::new(),
            scanned: 0,
            output: BytesMut::new(),
            large_head: None,
            reader: None,
            read_by: Deadline::default(),
            write_by: Deadline::default(),
            _seat: seat,
        }
    }

    /// Looks for a head in what has come. False when more is needed.
    fn take_head(&mut self) -> io::Result<bool> {
        if self.fresh && !self.input.is_empty() {
            let compared = self.input.len().min(PREFACE.len());
            if self.input[..compared] == PREFACE[..compared] {
                if compared < PREFACE.len() {
                    return Ok(false);
                }
                self.give(self.input.len(), Reading::Rest);
                return Ok(true);
            }
        }
        if let Some(end) = head::end(&self.input, self.scanned) {
            let (head, next) = head::read(self.input.split_to(end));
            self.output = head;
            self.expect(match next {
                Next::Head => Reading::Head,
                Next::Body(framing) => Reading::Body(framing),
                Next::Answer => Reading::Answer,
                Next::Unknown => Reading::Rest,
            });
            return Ok(true);
        }
        self.scanned = self.input.len();
        if self.input.len() > self.bounds.limits.largest_head {
            // hyper has the words for it.
            self.give(self.input.len(), Reading::Rest);
            return Ok(true);
        }
        if self.input.len() > SMALL_HEAD && self.large_head.is_none() {
            let seat = self.bounds.large_heads.take(self.peer);
            self.large_head =
                Some(seat.map_err(|_| io::Error::other("too many large request heads at a time"))?);
        }
        Ok(false)
    }

    fn give(&mut self, length: usize, next: Reading) {
        self.output = self.input.split_to(length);
        self.expect(next);
    }

    fn expect(&mut self, next: Reading) {
        self.reading = next;
        self.fresh = false;
        self.scanned = 0;
        self.read_by.disarm();
        if self.input.is_empty() {
            // Idle connections hold no memory.
            self.input = BytesMut::new();
        }
    }

    /// The answer has begun: the head is no longer needed.
    fn wrote(&mut self, bytes: &[u8]) {
        self.write_by.disarm();
        self.large_head = None;
        if matches!(self.reading, Reading::Answer) {
            self.expect(if bytes.starts_with(SWITCHING_PROTOCOLS) {
                Reading::Rest
            } else {
                Reading::Head
            });
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
    }
}

impl<IO: AsyncRead + Unpin> Guarded<IO> {
    /// Reads into `input`; 0 is the end.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [MaybeUninit::uninit(); CHUNK];
        let mut chunk = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.io).poll_read(context, &mut chunk))?;
        self.input.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(chunk.filled().len()))
    }

    /// Pending, unless that has lasted too long.
    fn wait(&mut self, patience: Duration, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.read_by
            .poll(patience, context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.take_head()? {
            match self.poll_fill(context)? {
                Poll::Ready(0) => {
                    self.give(self.input.len(), Reading::Rest);
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(_) => {}
                Poll::Pending if self.fresh || !self.input.is_empty() => {
                    return self.wait(self.bounds.limits.head_timeout, context);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_body(
        &mut self,
        mut framing: Framing,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if self.input.is_empty() {
            match Pin::new(&mut self.io).poll_read(context, buffer)? {
                Poll::Ready(()) => {}
                Poll::Pending => return self.wait(self.bounds.limits.stall_timeout, context),
            }
        } else {
            let length = self.input.len().min(buffer.remaining());
            buffer.put_slice(&self.input[..length]);
            self.input.advance(length);
        }
        let (taken, ended) = framing.advance(&buffer.filled()[before..]);
        let left = &buffer.filled()[before + taken..];
        if !left.is_empty() {
            // The next request came before its turn.
            let mut input = BytesMut::from(left);
            input.extend_from_slice(&self.input);
            self.input = input;
            buffer.set_filled(before + taken);
        }
        self.expect(if ended {
            Reading::Head
        } else {
            Reading::Body(framing)
        });
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Guarded<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.output.is_empty() {
                let length = this.output.len().min(buffer.remaining());
                buffer.put_slice(&this.output[..length]);
                this.output.advance(length);
                if this.output.is_empty() {
                    this.output = BytesMut::new();
                }
                return Poll::Ready(Ok(()));
            }
            match this.reading {
                Reading::Head => ready!(this.poll_head(context))?,
                Reading::Body(framing) => return this.poll_body(framing, context, buffer),
                Reading::Answer => {
                    // Somebody who talks on is heard after the answer; somebody who hangs up, at once.
                    this.reader = Some(context.waker().clone());
                    if this.input.len() >= SMALL_HEAD {
                        return Poll::Pending;
                    }
                    if ready!(this.poll_fill(context))? == 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                Reading::Rest if this.input.is_empty() => {
                    return Pin::new(&mut this.io).poll_read(context, buffer);
                }
                Reading::Rest => this.give(this.input.len(), Reading::Rest),
            }
        }
    }
}

impl<IO: AsyncWrite + Unpin> Guarded<IO> {
    fn poll_wrote(
        &mut self,
        written: Poll<io::Result<usize>>,
        bytes: &[u8],
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(length)) => {
                self.wrote(bytes);
                Poll::Ready(Ok(length))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self
                .write_by
                .poll(self.bounds.limits.stall_timeout, context)
                .map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Guarded<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.poll_wrote(written, bytes, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        let first = slices.iter().find(|slice| !slice.is_empty());
        self.poll_wrote(written, first.map_or(&[], |first| first), context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// A time-out that runs from the first poll after it was disarmed.
#[derive(Default)]
struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

impl Deadline {
    fn poll(&mut self, patience: Duration, context: &mut Context<'_>) -> Poll<()> {
        let at = Instant::now() + patience;
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if !self.armed {
            self.armed = true;
            sleep.as_mut().reset(at);
        }
        sleep.as_mut().poll(context)
    }

    fn disarm(&mut self) {
        self.armed = false;
        // Idle connections hold no timer.
        self.sleep = None;
    }
}
