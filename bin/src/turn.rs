//! TURN on the site's own port: TLS ends here, and what is inside goes to the media server. It must not know what TURN says.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use http_edge::{Beside, Decrypted};
use tokio::{io::copy_bidirectional, net::TcpStream, time::timeout};

/// The media server is on this machine.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);

/// STUN begins with two bits of zero (RFC 8489, 5), and so does TURN; letters of HTTP do not.
const fn is_stun(first: u8) -> bool {
    first < 4
}

/// Connects each client that speaks TURN with the media server's port for it.
pub fn passed_on_to(media_server: SocketAddr) -> Beside {
    Beside {
        is: is_stun,
        take: Arc::new(move |client, peer| Box::pin(pass_on(client, peer, media_server))),
    }
}

async fn pass_on(mut client: Decrypted, peer: SocketAddr, media_server: SocketAddr) {
    if let Err(error) = try_pass_on(&mut client, media_server).await {
        tracing::debug!(%error, %peer, "a connection of TURN ended");
    }
}

/// Until either side ends: the media server sends away who says nothing.
async fn try_pass_on(client: &mut Decrypted, media_server: SocketAddr) -> io::Result<()> {
    let mut server = timeout(CONNECTED_WITHIN, TcpStream::connect(media_server)).await??;
    server.set_nodelay(true)?;
    copy_bidirectional(client, &mut server).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_never_taken_for_turn() {
        // A binding request and an Allocate; HTTP/1, and HTTP/2 with its preface.
        assert!(is_stun(0x00));
        for first in [b'G', b'P', b'D', b'O', b'\r', 0x16] {
            assert!(!is_stun(first), "{first}");
        }
    }
}
