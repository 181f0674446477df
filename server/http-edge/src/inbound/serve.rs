//! Takes connections, gives each its bounds and hands its requests to the service until it is told to stop.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{Service, ServiceExt};

use super::{
    activity::{Activity, Answer},
    beside::{Beside, Rewound},
    limits::Limits,
    remarks::Remarks,
    seats::{Refused, Seat, Seats},
    stream::{Bounds, Guarded},
};

/// How long to wait when the system has no connection to give.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Sign of life of a quiet peer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Unacknowledged data means a dead peer after so long.
const UNACKNOWLEDGED: Duration = Duration::from_mins(1);
/// HTTP/2 streams of one connection at a time.
const STREAMS: u32 = 100;
/// Headers of one HTTP/2 stream: it has no seat for a large head, and there are many.
const STREAM_HEADERS: u32 = 64 << 10;

/// Tells the TLS settings of the moment, so that a renewed certificate counts from the next connection on.
pub type TlsSource = Arc<dyn Fn() -> Arc<rustls::ServerConfig> + Send + Sync>;

/// A listener with what it serves.
pub struct Server<S> {
    listener: TcpListener,
    service: S,
    limits: Limits,
    exempt: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
    tls: Option<TlsSource>,
    beside: Option<Beside>,
}

impl<S> Server<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    /// Plain HTTP/1 and HTTP/2 with the usual limits.
    pub fn new(listener: TcpListener, service: S) -> Self {
        Self {
            listener,
            service,
            limits: Limits::default(),
            exempt: Arc::new(|_| false),
            tls: None,
            beside: None,
        }
    }

    /// Other limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Addresses that speak for many, such as proxies, have no share of their own to exceed.
    #[must_use]
    pub fn exempt(mut self, exempt: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.exempt = Arc::new(exempt);
        self
    }

    /// Over TLS.
    #[must_use]
    pub fn tls(mut self, tls: TlsSource) -> Self {
        self.tls = Some(tls);
        self
    }

    /// With another protocol on the same port; without TLS there is none.
    #[must_use]
    pub fn beside(mut self, other: Beside) -> Self {
        self.beside = Some(other);
        self
    }

    /// Serves until `stop`; then takes no new connection, gives those that are open `grace` to end and cuts the rest.
    pub async fn serve(self, stop: CancellationToken, grace: Duration) {
        let Self {
            listener,
            service,
            limits,
            exempt,
            tls,
            beside,
        } = self;
        let for_heads = exempt.clone();
        let seats = Seats::new(
            limits.connections,
            limits.connections_per_address,
            move |address| exempt(address),
        );
        let bounds = Arc::new(Bounds {
            limits,
            large_heads: Seats::new(
                limits.large_heads,
                limits.large_heads_per_address,
                move |address| for_heads(address),
            ),
        });
        let cut = CancellationToken::new();
        let running = TaskTracker::new();
        let mut remarks = Remarks::default();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    cannot_accept(&mut remarks, &error);
                    sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            };
            let seat = match seats.take(peer.ip()) {
                Ok(seat) => seat,
                Err(refused) => {
                    refuse(&mut remarks, refused, peer.ip());
                    continue;
                }
            };
            if let Err(error) = prepare(&stream) {
                tracing::debug!(%error, "a connection cannot be prepared");
            }
            let connection = Connection {
                peer,
                bounds: bounds.clone(),
                service: service.clone(),
                beside: beside.clone(),
                stop: stop.clone(),
            };
            let (tls, cut) = (tls.clone(), cut.clone());
            running.spawn(async move {
                tokio::select! {
                    () = connection.serve(stream, seat, tls) => {}
                    () = cut.cancelled() => {}
                }
            });
        }
        drop(listener);
        running.close();
        if timeout(grace, running.wait()).await.is_err() {
            cut.cancel();
            running.wait().await;
        }
    }
}

/// Small messages must not wait for an acknowledgement of the last one, and a peer that has vanished is noticed.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(UNACKNOWLEDGED))?;
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))
}

struct Connection<S> {
    peer: SocketAddr,
    bounds: Arc<Bounds>,
    service: S,
    beside: Option<Beside>,
    stop: CancellationToken,
}

impl<S> Connection<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    async fn serve(self, stream: TcpStream, seat: Seat, tls: Option<TlsSource>) {
        let Some(tls) = tls else {
            return self.speak(stream, seat).await;
        };
        let accept = TlsAcceptor::from(tls()).accept(stream);
        let accepted = tokio::select! {
            accepted = timeout(self.bounds.limits.head_timeout, accept) => accepted,
            () = self.stop.cancelled() => return,
        };
        match accepted {
            Ok(Ok(stream)) => match self.beside.clone() {
                None => self.speak(stream, seat).await,
                Some(beside) => self.tell_apart(stream, seat, beside).await,
            },
            Ok(Err(error)) => tracing::debug!(%error, "no TLS came about"),
            Err(_) => tracing::debug!("no TLS came about in time"),
        }
    }

    /// By the first byte and never by ALPN, of which clients say what they like.
    async fn tell_apart(self, stream: TlsStream<TcpStream>, seat: Seat, beside: Beside) {
        let first = timeout(
            self.bounds.limits.head_timeout,
            Rewound::after_first(stream),
        );
        let first = tokio::select! {
            first = first => first,
            () = self.stop.cancelled() => return,
        };
        match first {
            Ok(Ok(Some((first, stream)))) if (beside.is)(first) => {
                (beside.take)(stream, self.peer).await;
                drop(seat);
            }
            Ok(Ok(Some((_, stream)))) => self.speak(stream, seat).await,
            // Browsers open connections ahead and may never need them.
            Ok(Ok(None)) | Err(_) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a connection ended before it said anything"),
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, seat: Seat) {
        let Self {
            peer,
            bounds,
            service,
            stop,
            beside: _,
        } = self;
        let limits = bounds.limits;
        let activity = Activity::new();
        let answer = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let active = activity.begin();
            let service = service.clone();
            async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                let response = service.oneshot(request).await?;
                Ok::<_, Infallible>(response.map(|body| Answer {
                    body,
                    _active: active,
                }))
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            // The stream looks after the heads itself.
            .header_read_timeout(None)
            .max_buf_size(limits.largest_head);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(STREAM_HEADERS);
        let stream = Guarded::new(stream, peer.ip(), bounds, seat);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), answer);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            () = activity.ceased(limits.idle_timeout) => {
                connection.as_mut().graceful_shutdown();
                timeout(limits.stall_timeout, connection).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "connection ended");
        }
    }
}

fn cannot_accept(remarks: &mut Remarks, error: &io::Error) {
    if remarks.due() {
        tracing::warn!(%error, "cannot accept a connection");
    }
}

fn refuse(remarks: &mut Remarks, refused: Refused, address: IpAddr) {
    if !remarks.due() {
        return;
    }
    match refused {
        Refused::Full => tracing::warn!("connections are refused: all are taken"),
        Refused::AddressFull => tracing::warn!(
            %address,
            "connections of an address are refused: it has as many as one may have, unless it is a trusted proxy"
        ),
    }
}
