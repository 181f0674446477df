//! Everybody who is in any call now, for what concerns people wherever they are. It must not know whom it concerns.

use livekit_protocol as proto;

use super::{LiveKit, LiveKitError, identity::Identity, room_service::RoomName};
use crate::{app::App, clock::Timestamp};

/// Somebody in a call.
#[derive(Debug)]
pub struct InCall {
    pub room: RoomName,
    pub identity: Identity,
    pub info: proto::ParticipantInfo,
}

/// Everybody in every region that answers.
pub struct Everybody<'a> {
    /// Each with the media server where they are.
    pub present: Vec<(&'a LiveKit, InCall)>,
    failed: Option<LiveKitError>,
}

impl Everybody<'_> {
    /// An error where a region did not answer: whoever is there was not among them.
    pub fn complete(self) -> Result<(), LiveKitError> {
        self.failed.map_or(Ok(()), Err)
    }
}

impl App {
    /// Everybody in every room that is live. A region that is down keeps nobody from acting in the others.
    pub async fn everybody(&self) -> Everybody<'_> {
        let mut all = Everybody {
            present: Vec::new(),
            failed: None,
        };
        for region in self.every_region() {
            match region.livekit.everybody(self.now()).await {
                Ok(there) => {
                    let there = there.into_iter();
                    all.present
                        .extend(there.map(|present| (region.livekit, present)));
                }
                Err(error) => {
                    all.failed.get_or_insert(error);
                }
            }
        }
        all
    }
}

impl LiveKit {
    /// Everybody in every room that is live.
    async fn everybody(&self, now: Timestamp) -> Result<Vec<InCall>, LiveKitError> {
        let mut all = Vec::new();
        for room in self.list_rooms(now).await? {
            let room = RoomName(room.name);
            for info in self.list_participants(&room, now).await? {
                // LiveKit knows identities that are none of ours and none that we could name.
                if let Ok(identity) = info.identity.parse() {
                    let room = room.clone();
                    all.push(InCall {
                        room,
                        identity,
                        info,
                    });
                }
            }
        }
        Ok(all)
    }

    /// Sends somebody out, unless they have left.
    pub async fn send_out(
        &self,
        room: &RoomName,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<(), LiveKitError> {
        match self.remove_participant(room, identity, now).await {
            Ok(()) | Err(LiveKitError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
