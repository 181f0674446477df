//! Publishing through the ingress process, which turns what an encoder sends into a participant: who it may be, and how its
//! ingress is doing from then on. It must not know HTTP, nor the encoder's protocol.

use std::{sync::Arc, time::SystemTime};

use livekit_wire::{
    ApiKeys, Identity, RoomName,
    ids::random_id,
    proto::{IngressInfo, IngressInput, ParticipantInfo, ingress_state::Status},
    token::sign,
};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::{
    Ingress, Ingresses, NotPublished, end, nanos,
    publish::{TOKEN_LIFE, token},
};
use crate::{ground::RoomError, participant::CloseReason, room::RoomOptions, shard::Rooms};

/// The state is written to the disk and told by webhooks.
const LONGEST_ERROR: usize = 500;

/// One encoder of the ingress process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Relayed {
    /// Names this run; `resource_id` of the ingress's state.
    run: String,
    ingress_id: String,
    room: RoomName,
    identity: Identity,
    /// What was told when it began; what is told of its end, even where the ingress is gone by then.
    told: Arc<Mutex<Option<IngressInfo>>>,
    /// Who it is in the room, once it publishes: somebody else with its identity is not its to remove.
    sid: Arc<Mutex<Option<String>>>,
    stop: CancellationToken,
    over: CancellationToken,
}

/// What the ingress process needs to publish.
#[derive(Debug)]
pub struct Pass {
    /// The ingress, without its key.
    pub ingress: IngressInfo,
    /// Joins its room.
    pub token: String,
}

impl Ingresses {
    /// Lets an encoder in that has a stream key. As with LiveKit's service, whoever publishes by it already stays: two encoders that
    /// both come again and again would otherwise throw each other out for ever.
    pub async fn relay(
        &self,
        rooms: &Rooms,
        keys: &ApiKeys,
        stream_key: &str,
    ) -> Result<(Relayed, Pass), NotPublished> {
        let (this, rooms, keys) = (self.clone(), rooms.clone(), keys.clone());
        let key = stream_key.to_owned();
        // Whoever hangs up meanwhile leaves no half of it.
        let let_in = tokio::spawn(async move {
            let coming_in = this.with_key(&key).await?.coming_in;
            let _alone = coming_in.lock().await;
            this.let_relay_in(&rooms, &keys, &key).await
        });
        let_in.await.unwrap_or(Err(NotPublished::NoSuchKey))
    }

    async fn let_relay_in(
        &self,
        rooms: &Rooms,
        keys: &ApiKeys,
        stream_key: &str,
    ) -> Result<(Relayed, Pass), NotPublished> {
        let Ingress { info, relayed, .. } = self.with_key(stream_key).await?;
        if info.input_type() != IngressInput::RtmpInput {
            return Err(NotPublished::OtherInput);
        }
        if info.enabled == Some(false) {
            return Err(NotPublished::Disabled);
        }
        if relayed.is_some() {
            return Err(NotPublished::Taken);
        }
        let room = RoomName::parse(info.room_name.as_str()).map_err(|_| NotPublished::NoRoom)?;
        let identity = Identity::parse(info.participant_identity.as_str());
        let identity = identity.map_err(|_| NotPublished::NoSuchKey)?;
        // Whoever made the ingress wanted somebody in this room.
        let opened = rooms.at_place(&room, |place| {
            place.room_or_open(RoomOptions::default()).map(|_| ())
        });
        opened.await.map_err(NotPublished::Room)?;
        let now = (self.inside.wall_clock)();
        let claims = token(&info, &room, keys, now).claims;
        let (key, secret) = keys.first();
        let token =
            sign(&claims, key, secret, now, TOKEN_LIFE).map_err(|_| NotPublished::NoRoom)?;
        let relayed = Relayed {
            run: random_id("RES_", &mut rand::rng()),
            ingress_id: info.ingress_id.clone(),
            room,
            identity,
            told: Arc::default(),
            sid: Arc::default(),
            stop: CancellationToken::new(),
            over: CancellationToken::new(),
        };
        let noted_as = relayed.clone();
        let noted = self.note(&info.ingress_id, move |ingress| {
            let state = ingress.info.state.get_or_insert_default();
            state.status = Status::EndpointBuffering.into();
            state.error.clear();
            state.room_id.clear();
            state.started_at = nanos(now);
            state.ended_at = 0;
            state.updated_at = state.started_at;
            state.resource_id.clone_from(&noted_as.run);
            ingress.relayed = Some(noted_as);
        });
        // It may have been deleted meanwhile.
        let mut ingress = noted.await.ok_or(NotPublished::NoSuchKey)?;
        ingress.stream_key.clear();
        Ok((relayed, Pass { ingress, token }))
    }

    /// The encoder's media is in the room.
    pub async fn relay_publishes(&self, relayed: &Relayed, rooms: &Rooms) {
        let Ok((room_id, info)) = relayed.look(rooms).await else {
            // It is on its way out already.
            return;
        };
        *relayed.sid.lock() = Some(info.sid);
        let now = (self.inside.wall_clock)();
        let (run, told) = (relayed.run.clone(), Arc::clone(&relayed.told));
        let noted = self.note(&relayed.ingress_id, move |ingress| {
            let state = ingress.info.state.get_or_insert_default();
            if state.resource_id == run && state.status() == Status::EndpointBuffering {
                state.status = Status::EndpointPublishing.into();
                state.room_id = room_id;
                state.updated_at = nanos(now);
                *told.lock() = Some(ingress.info.clone());
            }
        });
        noted.await;
        let begun = relayed.told.lock().clone();
        if let Some(info) = begun {
            self.tell("ingress_started", &info);
        }
    }

    /// The encoder publishes no more.
    pub async fn relay_ended(&self, relayed: &Relayed, rooms: &Rooms, error: Option<String>) {
        let now = (self.inside.wall_clock)();
        relayed.leave(rooms).await;
        let (run, failed) = (relayed.run.clone(), error.clone());
        let noted = self.note(&relayed.ingress_id, move |ingress| {
            let of_run = |current: &Relayed| current.run == run;
            if !ingress.relayed.as_ref().is_some_and(of_run) {
                return;
            }
            ingress.relayed = None;
            let state = ingress.info.state.get_or_insert_default();
            finish(state, failed, now);
        });
        noted.await;
        let begun = relayed.told.lock().take();
        if let Some(mut info) = begun {
            finish(info.state.get_or_insert_default(), error, now);
            self.tell("ingress_ended", &info);
        }
        relayed.over.cancel();
    }
}

fn finish(state: &mut livekit_wire::proto::IngressState, error: Option<String>, now: SystemTime) {
    end(state, now);
    if let Some(error) = error {
        state.status = Status::EndpointError.into();
        state.error = error.chars().take(LONGEST_ERROR).collect();
    }
}

impl Relayed {
    /// Returns when it is to be ended.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Ends it; returns when it is over.
    pub(super) async fn end(&self) {
        self.stop.cancel();
        self.over.cancelled().await;
    }

    /// Nobody waits for a participant whose encoder is gone to resume.
    async fn leave(&self, rooms: &Rooms) {
        let identity = self.identity.clone();
        let sid = self.sid.lock().clone();
        let left = rooms.at_place(&self.room, move |place| {
            let now = place.now();
            if let Some(room) = place.room()
                && let Ok(key) = room.key_of(identity.as_str())
                && let Ok(info) = room.info_of(key)
                && sid.is_none_or(|sid| sid == info.sid)
            {
                room.remove(key, CloseReason::Removed, now);
            }
            Ok::<(), RoomError>(())
        });
        if let Err(error) = left.await {
            tracing::debug!(%error, "an encoder's participant is gone already");
        }
    }

    /// Its room's sid, and who it is there.
    pub(super) async fn look(&self, rooms: &Rooms) -> Result<(String, ParticipantInfo), RoomError> {
        let identity = self.identity.clone();
        rooms
            .on_room(&self.room, move |room, _| {
                let info = room.info_of(room.key_of(identity.as_str())?)?;
                Ok((room.info().sid, info))
            })
            .await
    }
}
