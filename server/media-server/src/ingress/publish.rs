//! Publishing by a stream key: the participant that comes of it, and how its ingress is doing from then on. It must not know
//! HTTP.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use livekit_wire::{
    ApiKeys, Claims, Identity, RoomName, VerifiedToken, VideoGrants,
    proto::{
        AddTrackRequest, ClientInfo, IngressInfo, IngressInput, InputAudioState, InputVideoState,
        ParticipantInfo, TrackInfo, TrackSource, TrackType, ingress_state::Status,
        participant_info::State,
    },
};
use tokio_util::task::TaskTracker;

use super::{Ingress, Ingresses, NotPublished, end, nanos};
use crate::{
    ground::{JoinRequest, RoomError, SignalMode},
    peer::OneShotOffer,
    room::RoomOptions,
    shard::Rooms,
    whip::{Publisher, Publishers, Started, join_request},
};

/// How often somebody who has been let in is looked at until media flows.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Nobody refreshes the token of an encoder; it lasts as long as an encoder may.
pub(super) const TOKEN_LIFE: Duration = Duration::from_hours(24 * 365);

/// Where encoders are let in.
#[derive(Clone)]
pub struct Door {
    /// The rooms.
    pub rooms: Rooms,
    /// Those that publish over HTTP.
    pub publishers: Publishers,
    /// The first one signs for encoders.
    pub keys: ApiKeys,
    /// What has to end before the server does.
    pub connections: TaskTracker,
}

impl Ingresses {
    /// Lets an encoder in that has a stream key. Whoever publishes by the same key is replaced. An encoder that hangs up
    /// before it has the answer is let in all the same, noted, and gone once it sends nothing.
    pub async fn publish(
        &self,
        door: Door,
        stream_key: &str,
        offer: OneShotOffer,
        client_address: String,
    ) -> Result<Started, NotPublished> {
        let (this, key) = (self.clone(), stream_key.to_owned());
        let started = tokio::spawn(async move {
            let coming_in = this.with_key(&key).await?.coming_in;
            let _alone = coming_in.lock().await;
            this.let_in(door, &key, offer, client_address).await
        });
        started.await.unwrap_or(Err(NotPublished::NoSuchKey))
    }

    async fn let_in(
        &self,
        door: Door,
        stream_key: &str,
        offer: OneShotOffer,
        client_address: String,
    ) -> Result<Started, NotPublished> {
        let info = self.with_key(stream_key).await?.info;
        if info.input_type() != IngressInput::WhipInput {
            return Err(NotPublished::OtherInput);
        }
        if info.enabled == Some(false) {
            return Err(NotPublished::Disabled);
        }
        let room = RoomName::parse(info.room_name.as_str()).map_err(|_| NotPublished::NoRoom)?;
        let identity = Identity::parse(info.participant_identity.as_str());
        let identity = identity.map_err(|_| NotPublished::NoSuchKey)?;
        // Whoever made the ingress wanted somebody in this room.
        let opened = door.rooms.at_place(&room, |place| {
            place.room_or_open(RoomOptions::default()).map(|_| ())
        });
        opened.await.map_err(NotPublished::Room)?;
        let now = (self.inside.wall_clock)();
        let token = token(&info, &room, &door.keys, now);
        let request = request(room, identity, token, client_address);
        let mut request = join_request(request, &offer);
        for track in &mut request.add_track_requests {
            describe(track, &info);
        }
        let connection = door.connections.token();
        let started = door
            .publishers
            .start(&door.rooms, request, offer, connection)
            .await?;
        let publisher = started.publisher.clone();
        let noted_publisher = publisher.clone();
        let noted = self.note(&info.ingress_id, move |ingress| {
            let state = ingress.info.state.get_or_insert_default();
            state.status = Status::EndpointBuffering.into();
            state.error.clear();
            state.started_at = nanos(now);
            state.ended_at = 0;
            state.updated_at = state.started_at;
            noted_publisher
                .sid
                .as_str()
                .clone_into(&mut state.resource_id);
            ingress.publisher = Some(noted_publisher);
        });
        let Some(info) = noted.await else {
            // It was deleted meanwhile.
            publisher.end().await;
            return Err(NotPublished::NoSuchKey);
        };
        let (all, rooms) = (self.clone(), door.rooms.clone());
        let connection = door.connections.token();
        tokio::spawn(async move {
            all.follow(&rooms, info, &publisher).await;
            drop(connection);
        });
        Ok(started)
    }

    pub(super) async fn with_key(&self, stream_key: &str) -> Result<Ingress, NotPublished> {
        let all = self.inside.all.lock().await;
        all.values()
            .find(|ingress| !stream_key.is_empty() && ingress.info.stream_key == stream_key)
            .cloned()
            .ok_or(NotPublished::NoSuchKey)
    }

    /// The publisher with this sid, if it publishes by this key.
    pub async fn publisher(&self, stream_key: &str, sid: &str) -> Option<Publisher> {
        let all = self.inside.all.lock().await;
        let mut with_key = all
            .values()
            .filter(|ingress| ingress.info.stream_key == stream_key);
        let publisher = with_key.next()?.publisher.clone();
        publisher.filter(|publisher| publisher.sid.as_str() == sid)
    }

    /// Notes how an ingress is doing until its publisher is gone.
    async fn follow(&self, rooms: &Rooms, mut info: IngressInfo, publisher: &Publisher) {
        let id = info.ingress_id.clone();
        let published = tokio::select! {
            room_id = published(rooms, publisher) => Some(room_id),
            () = publisher.ended() => None,
        };
        if let Some(room_id) = &published {
            let now = (self.inside.wall_clock)();
            let (of, room_id) = (publisher.clone(), room_id.clone());
            let noted = self.note(&id, move |ingress| {
                if is_of(ingress, &of) {
                    let state = ingress.info.state.get_or_insert_default();
                    state.status = Status::EndpointPublishing.into();
                    state.room_id = room_id;
                    state.updated_at = nanos(now);
                }
            });
            if let Some(noted) = noted.await {
                info = noted;
            }
            self.tell("ingress_started", &info);
        }
        publisher.ended().await;
        let now = (self.inside.wall_clock)();
        end(info.state.get_or_insert_default(), now);
        let of = publisher.clone();
        self.note(&id, move |ingress| {
            // One that has come in its place is not over.
            if is_of(ingress, &of) {
                end(ingress.info.state.get_or_insert_default(), now);
                ingress.publisher = None;
            }
        })
        .await;
        if published.is_some() {
            self.tell("ingress_ended", &info);
        }
    }
}

fn is_of(ingress: &Ingress, publisher: &Publisher) -> bool {
    let current = ingress.publisher.as_ref();
    current.is_some_and(|current| current.sid == publisher.sid)
}

pub(super) fn token(
    info: &IngressInfo,
    room: &RoomName,
    keys: &ApiKeys,
    now: SystemTime,
) -> VerifiedToken {
    VerifiedToken {
        api_key: keys.first().0.to_owned(),
        expires_at: now + TOKEN_LIFE,
        not_before: Some(now),
        claims: Claims {
            identity: info.participant_identity.clone(),
            name: info.participant_name.clone(),
            metadata: info.participant_metadata.clone(),
            kind: "ingress".to_owned(),
            video: Some(VideoGrants {
                room_join: true,
                room: room.as_str().to_owned(),
                can_publish: Some(true),
                can_publish_data: Some(false),
                can_subscribe: Some(false),
                ..VideoGrants::default()
            }),
            ..Claims::default()
        },
    }
}

fn request(
    room: RoomName,
    identity: Identity,
    token: VerifiedToken,
    client_address: String,
) -> JoinRequest {
    JoinRequest {
        room,
        identity,
        token,
        mode: SignalMode::OneShot,
        client: ClientInfo {
            address: client_address.clone(),
            ..ClientInfo::default()
        },
        client_address,
        auto_subscribe: false,
        adaptive_stream: false,
        reconnect: None,
        publisher_offer: None,
        add_track_requests: Vec::new(),
        attributes: HashMap::new(),
        metadata: String::new(),
        sync_state: None,
        disable_ice_lite: false,
        subscriber_allow_pause: None,
    }
}

/// Names and sources as the ingress wants them.
fn describe(track: &mut AddTrackRequest, info: &IngressInfo) {
    let (name, source) = match track.r#type() {
        TrackType::Video => match &info.video {
            Some(options) => (&options.name, options.source()),
            None => return,
        },
        TrackType::Audio | TrackType::Data => match &info.audio {
            Some(options) => (&options.name, options.source()),
            None => return,
        },
    };
    if !name.is_empty() {
        track.name.clone_from(name);
    }
    if source != TrackSource::Unknown {
        track.source = source.into();
    }
}

/// Waits until media flows; the room's sid.
async fn published(rooms: &Rooms, publisher: &Publisher) -> String {
    loop {
        if let Ok((room_sid, participant)) = look(rooms, publisher).await
            && participant.state() == State::Active
            && !participant.tracks.is_empty()
        {
            return room_sid;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(
    rooms: &Rooms,
    publisher: &Publisher,
) -> Result<(String, ParticipantInfo), RoomError> {
    let sid = publisher.sid.clone();
    let identity = publisher.identity.clone();
    rooms
        .on_room(&publisher.room, move |room, _| {
            let info = room.info_of(room.key_of(identity.as_str())?)?;
            if info.sid == sid.as_str() {
                Ok((room.info().sid, info))
            } else {
                Err(RoomError::ParticipantNotFound)
            }
        })
        .await
}

/// What is known of an ingress, with what it publishes at this moment.
pub(super) async fn as_it_is(rooms: &Rooms, ingress: Ingress) -> IngressInfo {
    let mut info = ingress.info;
    let looked = match (ingress.publisher, ingress.relayed) {
        (Some(publisher), _) => look(rooms, &publisher).await,
        (None, Some(relayed)) => relayed.look(rooms).await,
        (None, None) => return info,
    };
    let Ok((room_id, participant)) = looked else {
        return info;
    };
    let state = info.state.get_or_insert_default();
    state.room_id = room_id;
    let of = |kind| {
        let mut tracks = participant.tracks.iter();
        tracks.find(move |track| track.r#type() == kind)
    };
    state.video = of(TrackType::Video).map(video);
    state.audio = of(TrackType::Audio).map(|track| InputAudioState {
        mime_type: track.mime_type.clone(),
        ..InputAudioState::default()
    });
    state.tracks = participant.tracks;
    info
}

fn video(track: &TrackInfo) -> InputVideoState {
    InputVideoState {
        mime_type: track.mime_type.clone(),
        width: track.width,
        height: track.height,
        ..InputVideoState::default()
    }
}
