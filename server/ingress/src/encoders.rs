//! Takes encoders: how many, who may, and what becomes of each. It must not know what they send.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http_edge::{Refused, Remarks, Seat};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::OwnedSemaphorePermit,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;

use crate::{
    media_server::{self, LetIn, NotLetIn},
    publish,
    rtmp::{Connection, PublishRequest, RtmpError},
    server::Shared,
};

/// For the handshake and the commands up to the key.
const KEY_WITHIN: Duration = Duration::from_secs(10);
/// After an accept that failed, for want of descriptors perhaps.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// A guess holds a seat for so long, and an address has few of those.
const REFUSED_AFTER: Duration = Duration::from_secs(1);
const FULL: &str = "the server takes no more streams";

/// Takes encoders for ever.
pub async fn take_all(listener: TcpListener, shared: Arc<Shared>, tasks: &TaskTracker) {
    let mut remarks = Remarks::default();
    loop {
        let (socket, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                if remarks.due() {
                    tracing::warn!(%error, "an encoder cannot be taken");
                }
                sleep(AGAIN_AFTER).await;
                continue;
            }
        };
        let seat = match shared.strangers.take(address.ip()) {
            Ok(seat) => seat,
            Err(refused) => {
                if remarks.due() {
                    let all = refused == Refused::Full;
                    tracing::warn!(%address, all, "encoders are sent away: too many have named no stream key yet");
                }
                continue;
            }
        };
        let shared = Arc::clone(&shared);
        tasks.spawn(async move {
            let stop = shared.stop.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                let_in = enter(&shared, socket, address, seat) => {
                    if let Some((connection, let_in, seat)) = let_in {
                        Box::pin(publish::run(&shared, connection, let_in)).await;
                        drop(seat);
                    }
                }
            }
        });
    }
}

async fn enter(
    shared: &Shared,
    socket: TcpStream,
    address: SocketAddr,
    stranger: Seat,
) -> Option<(Connection, LetIn, OwnedSemaphorePermit)> {
    let named = async {
        let mut connection = Connection::open(socket).await?;
        let request = connection.publish_request().await?;
        Ok::<_, RtmpError>((connection, request))
    };
    let (mut connection, request) = match timeout(KEY_WITHIN, named).await {
        Ok(Ok(named)) => named,
        Ok(Err(error)) => {
            tracing::info!(%address, %error, "an encoder went before it named a stream key");
            return None;
        }
        Err(_) => {
            tracing::info!(%address, "an encoder named no stream key in time");
            return None;
        }
    };
    let (let_in, seat) = match judged(shared, &request).await {
        Ok(let_in) => let_in,
        Err(reason) => {
            tracing::info!(%address, reason, "an encoder is refused");
            // Whoever guesses keys does it slowly.
            sleep(REFUSED_AFTER).await;
            connection.refuse(&request, &reason).await;
            return None;
        }
    };
    drop(stranger);
    let ingress = let_in.ingress.ingress_id.clone();
    tracing::info!(%address, ingress, room = let_in.ingress.room_name, "an encoder is let in");
    match connection.accept(&request).await {
        Ok(()) => Some((connection, let_in, seat)),
        Err(error) => {
            let_in.word.ended(Some(error.to_string())).await;
            None
        }
    }
}

async fn judged(
    shared: &Shared,
    request: &PublishRequest,
) -> Result<(LetIn, OwnedSemaphorePermit), String> {
    if shared.encoders.available_permits() == 0 {
        return Err(FULL.to_owned());
    }
    if let Some(admission) = &shared.admission {
        admission.ask(&request.stream_key).await?;
    }
    let now = (shared.wall_clock)();
    let let_in = media_server::let_in(&shared.endpoint, now, request.stream_key.clone()).await;
    let let_in = let_in.map_err(|error| {
        if let NotLetIn::Unreachable(why) = &error {
            tracing::warn!(why, "the media server cannot be asked");
        }
        error.to_string()
    })?;
    // Only now: a bad key takes no good one's place.
    if let Ok(seat) = Arc::clone(&shared.encoders).try_acquire_owned() {
        return Ok((let_in, seat));
    }
    let_in.word.ended(Some(FULL.to_owned())).await;
    Err(FULL.to_owned())
}
