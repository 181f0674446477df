//! A TCP relay in front of a server, cut and joined again as a test likes.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// Passes connections on to one address.
pub struct Relay {
    pub address: SocketAddr,
    target: String,
    running: JoinHandle<()>,
}

impl Relay {
    /// Relays from a free loopback port to `target`.
    pub async fn start(target: String) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Relay {
            address: listener.local_addr().unwrap(),
            running: tokio::spawn(run(listener, target.clone())),
            target,
        }
    }

    /// Breaks every connection and refuses new ones.
    pub async fn cut(&mut self) {
        self.running.abort();
        assert!((&mut self.running).await.is_err());
    }

    /// Takes connections again, on the same port.
    pub async fn join(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.running = tokio::spawn(run(listener, self.target.clone()));
    }
}

async fn run(listener: TcpListener, target: String) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        let (mut from, _) = listener.accept().await.unwrap();
        let target = target.clone();
        connections.spawn(async move {
            let mut to = TcpStream::connect(target).await.unwrap();
            let _ = copy_bidirectional(&mut from, &mut to).await;
        });
    }
}
