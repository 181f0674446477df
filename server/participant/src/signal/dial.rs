//! Opens a WebSocket, encrypted where the address says so.

use std::{
    io,
    sync::{Arc, LazyLock},
};

use http_edge::outbound::Trust;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::either::Either;
use url::Url;

use super::SignalError;

/// All participants of a process share the sessions in it.
static TLS: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> =
    LazyLock::new(|| Trust::System.client_config().map(Arc::new));

/// Bytes to the server, in the clear or not.
pub(super) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

pub(super) async fn dial(url: &Url) -> Result<WebSocketStream<Stream>, SignalError> {
    let unreachable = |error: io::Error| {
        let mut plain = url.clone();
        // The token stands there.
        plain.set_query(None);
        SignalError::Unreachable(plain, error)
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or_default();
    let tcp = TcpStream::connect((host, port))
        .await
        .map_err(unreachable)?;
    // Signal messages are small and somebody waits for each.
    tcp.set_nodelay(true).map_err(unreachable)?;
    let stream = if url.scheme() == "wss" {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| unreachable(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let connector = TlsConnector::from(TLS.clone()?);
        Either::Right(connector.connect(name, tcp).await.map_err(unreachable)?)
    } else {
        Either::Left(tcp)
    };
    let (socket, _) = client_async(url.as_str(), stream).await?;
    Ok(socket)
}
