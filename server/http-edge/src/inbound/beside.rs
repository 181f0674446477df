//! Another protocol on the same port, told by the first byte that a client sends once TLS stands. It must not know what it
//! is that it hands over.

use std::{
    future::Future,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// A connection as its client sees it: nothing of it is read yet.
pub type Decrypted = Rewound<TlsStream<TcpStream>>;

/// Whoever takes connections of the other protocol.
#[derive(Clone)]
pub struct Beside {
    /// Whether a client that begins so speaks it.
    pub is: fn(u8) -> bool,
    /// Serves one until it ends.
    pub take: Take,
}

/// Serves one connection.
pub type Take =
    Arc<dyn Fn(Decrypted, SocketAddr) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A stream of which the first byte was read, and is read again.
#[derive(Debug)]
pub struct Rewound<S> {
    first: Option<u8>,
    stream: S,
}

impl<S: AsyncRead + Unpin> Rewound<S> {
    /// Waits for the first byte; `None` where the stream ends without one.
    pub(super) async fn after_first(mut stream: S) -> io::Result<Option<(u8, Self)>> {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        let [first] = byte;
        let rewound = Self {
            first: Some(first),
            stream,
        };
        Ok(Some((first, rewound)))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buffer.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_looked_at_is_read_again() {
        let (first, mut rewound) = Rewound::after_first(&b"GET /"[..]).await.unwrap().unwrap();
        let mut text = String::new();
        rewound.read_to_string(&mut text).await.unwrap();
        assert_eq!((first, text.as_str()), (b'G', "GET /"));
        assert!(Rewound::after_first(&b""[..]).await.unwrap().is_none());
    }
}
