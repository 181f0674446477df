//! Publishers that come over HTTP (WHIP, RFC 9725): each is a participant whose signal session is kept here for it, found
//! again by its sid. It must not know HTTP, tokens or ingresses.

mod publisher;
mod session;

use std::{collections::HashMap, sync::Arc};

use livekit_wire::ParticipantSid;
use parking_lot::Mutex;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::{
    ground::{JoinRefused, JoinRequest},
    peer::OneShotOffer,
    shard::Rooms,
};

pub use publisher::{NotRestarted, NotTrickled, Publisher};
pub use session::{NotStarted, join_request};

/// Those that publish now. Cheap to clone.
#[derive(Clone, Default)]
pub struct Publishers {
    by_sid: Arc<Mutex<HashMap<ParticipantSid, Publisher>>>,
}

/// A publisher that has been let in.
#[derive(Debug)]
pub struct Started {
    /// What it is asked by from now on.
    pub publisher: Publisher,
    /// The SDP answer.
    pub answer: String,
    /// Names the generation of its ICE credentials; without quotes.
    pub etag: String,
    /// STUN and TURN servers for it.
    pub ice_servers: Vec<livekit_wire::proto::IceServer>,
}

impl Publishers {
    /// Lets a publisher in; `request` is of [`join_request`]. The connection counts for as long as it publishes.
    pub async fn start(
        &self,
        rooms: &Rooms,
        request: JoinRequest,
        offer: OneShotOffer,
        connection: TaskTrackerToken,
    ) -> Result<Started, NotStarted> {
        let (room, identity) = (request.room.clone(), request.identity.clone());
        let session = rooms.join(request).await.map_err(NotStarted::from)?;
        let (welcome, work) = session::welcome(session, offer).await?;
        let (publisher, asks) = Publisher::new(welcome.sid, room, identity);
        let sid = publisher.sid.clone();
        tracing::info!(room = %publisher.room, identity = %publisher.identity, %sid, "publisher over HTTP");
        self.by_sid.lock().insert(sid.clone(), publisher.clone());
        let (all, ended) = (self.clone(), publisher.end_mark());
        tokio::spawn(async move {
            work.run(asks).await;
            all.by_sid.lock().remove(&sid);
            ended.cancel();
            drop(connection);
        });
        Ok(Started {
            publisher,
            answer: welcome.answer,
            etag: welcome.etag,
            ice_servers: welcome.ice_servers,
        })
    }

    /// The publisher with this sid.
    pub fn find(&self, sid: &str) -> Option<Publisher> {
        self.by_sid.lock().get(sid).cloned()
    }
}

impl From<JoinRefused> for NotStarted {
    fn from(refused: JoinRefused) -> Self {
        Self::Refused(refused)
    }
}
