//! Listening sockets that the service manager has opened for us (systemd's socket activation): ports 80 and 443 without a
//! right of ours, and no connection refused while the site restarts.

use std::net::TcpListener;

use anyhow::Context;
use listenfd::ListenFd;

/// What we were started with, until it is taken.
pub struct PassedSockets(Vec<TcpListener>);

impl PassedSockets {
    /// Takes all of them from the environment, so that no child inherits one.
    pub fn take() -> anyhow::Result<PassedSockets> {
        let mut passed = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..passed.len() {
            let socket = passed.take_tcp_listener(index).context(
                "the service manager passed something that is no TCP socket (LISTEN_FDS); see convoke.socket",
            )?;
            sockets.extend(socket);
        }
        Ok(PassedSockets(sockets))
    }

    /// The one that listens on `port`.
    pub fn on(&mut self, port: u16) -> Option<TcpListener> {
        let found = self.0.iter().position(|socket| {
            let address = socket.local_addr();
            address.is_ok_and(|address| address.port() == port)
        })?;
        Some(self.0.swap_remove(found))
    }

    /// Names those that nothing here wants: whoever connects to them would wait for ever.
    pub fn warn_of_the_rest(self) {
        for socket in self.0 {
            if let Ok(address) = socket.local_addr() {
                tracing::warn!(
                    %address,
                    "the service manager listens on a port that neither server.port nor server.redirect_port names"
                );
            }
        }
    }
}
