//! A room with scripted participants, whose peer connections only take notes.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use livekit_protocol as proto;
use livekit_wire::{
    ApiKeys, Claims, Identity, ParticipantSid, RoomName, VerifiedToken, VideoGrants,
};
use prost::Message as _;
use proto::signal_request::Message as Request;
use proto::signal_response::Message as Response;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use str0m::media::MediaKind;
use tokio::sync::mpsc;

use crate::forward::Codec;
use crate::ground::{
    AgentNews, EgressRequest, EgressWish, JoinRequest, NodeInfo, Now, Resume, SessionId, Settings,
    SignalMode, SignalOut,
};
use crate::participant::{Connection, ConnectionFactory, IceLite};
use crate::peer::Datagram;
use crate::peer::{
    AnswerPlan, Backlog, DataChannel, Description, DownRtp, DownTrackId, DownTrackSpec,
    NegotiationError, Output, PeerEvent, PeerId, PeerRole, SectionsRequirement, SendDataError,
    UpTrack, UpTrackId,
};
use crate::room::{Room, RoomOptions, Shared};

const FRAMES: usize = 256;

/// What happened to one fake connection.
#[derive(Default)]
pub struct Notes {
    pub events: VecDeque<PeerEvent>,
    pub data: Vec<(DataChannel, Vec<u8>)>,
    pub down_tracks: Vec<(DownTrackId, DownTrackSpec)>,
    pub plans: Vec<AnswerPlan>,
    pub keyframes: Vec<(UpTrackId, u8)>,
    pub ice_restarts: usize,
    pub datagrams: usize,
    pub backlog: Backlog,
    pub full: bool,
    next: u32,
}

type AllNotes = Arc<Mutex<HashMap<PeerId, Notes>>>;

#[derive(Default)]
pub struct FakeConnections(AllNotes);

struct FakeConnection {
    id: PeerId,
    notes: AllNotes,
}

impl ConnectionFactory for FakeConnections {
    fn open(&self, _: PeerRole, _: IceLite, _: Instant) -> (PeerId, Box<dyn Connection>) {
        let mut all = self.0.lock().unwrap();
        let id = PeerId {
            shard: 0,
            number: u32::try_from(all.len()).unwrap(),
        };
        all.insert(id, Notes::default());
        (
            id,
            Box::new(FakeConnection {
                id,
                notes: Arc::clone(&self.0),
            }),
        )
    }
}

impl FakeConnection {
    fn note<T>(&self, take: impl FnOnce(&mut Notes) -> T) -> T {
        take(self.notes.lock().unwrap().get_mut(&self.id).unwrap())
    }
}

impl Connection for FakeConnection {
    fn handle_offer(
        &mut self,
        offer: &Description,
        plan: &AnswerPlan,
        _: Instant,
    ) -> Result<Description, NegotiationError> {
        if offer.sdp.is_empty() {
            return Err(NegotiationError::Malformed("empty".to_owned()));
        }
        self.note(|notes| notes.plans.push(plan.clone()));
        Ok(Description {
            sdp: "answer".to_owned(),
            id: offer.id,
            ..Description::default()
        })
    }

    fn create_offer(&mut self, _: Instant) -> Option<Description> {
        Some(Description {
            sdp: "offer".to_owned(),
            id: 1,
            ..Description::default()
        })
    }

    fn handle_answer(&mut self, answer: &Description, _: Instant) -> Result<(), NegotiationError> {
        if answer.sdp.is_empty() {
            Err(NegotiationError::Stale)
        } else {
            Ok(())
        }
    }

    fn forget_offer(&mut self) {}

    fn set_section_reuse(&mut self, _: bool) {}

    fn sections_requirement(&self) -> SectionsRequirement {
        SectionsRequirement {
            audios: 1,
            videos: 2,
        }
    }

    fn ice_restart(&mut self) {
        self.note(|notes| notes.ice_restarts += 1);
    }

    fn add_remote_candidate(&mut self, _: &str, _: Instant) {}

    fn add_down_track(&mut self, spec: DownTrackSpec) -> DownTrackId {
        self.note(|notes| {
            let id = DownTrackId(notes.next);
            notes.next += 1;
            notes.events.push_back(PeerEvent::NegotiationNeeded);
            notes.down_tracks.push((id, spec));
            id
        })
    }

    fn remove_down_track(&mut self, track: DownTrackId) {
        self.note(|notes| notes.down_tracks.retain(|(id, _)| *id != track));
    }

    fn write_rtp(&mut self, _: DownTrackId, _: &DownRtp<'_>) -> bool {
        true
    }

    fn request_keyframe(&mut self, track: UpTrackId, stream: u8) {
        self.note(|notes| notes.keyframes.push((track, stream)));
    }

    fn send_data(
        &mut self,
        channel: DataChannel,
        payload: &Bytes,
        _: Instant,
    ) -> Result<(), SendDataError> {
        self.note(|notes| {
            if notes.full {
                return Err(SendDataError::Full);
            }
            notes.data.push((channel, payload.to_vec()));
            Ok(())
        })
    }

    fn data_backlog(&self) -> Backlog {
        self.note(|notes| notes.backlog)
    }

    fn forget_data(&mut self) {
        self.note(|notes| notes.backlog = Backlog::default());
    }

    fn max_data_size(&self) -> usize {
        65_536
    }

    fn accepts(&self, _: &Datagram) -> bool {
        true
    }

    fn handle_datagram(&mut self, _: &Datagram, _: Instant) {
        self.note(|notes| notes.datagrams += 1);
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_output(&mut self, now: Instant) -> Output {
        self.note(|notes| {
            notes.events.pop_front().map_or_else(
                || Output::Timeout(now + Duration::from_hours(24)),
                Output::Event,
            )
        })
    }
}

/// One scripted participant.
pub struct Guest {
    pub sid: ParticipantSid,
    pub identity: String,
    pub session: SessionId,
    pub publisher: PeerId,
    pub subscriber: PeerId,
    frames: mpsc::Receiver<SignalOut>,
    /// The signal connection was closed by the server.
    pub closed: bool,
}

/// A room under test.
pub struct House {
    pub room: Room,
    pub now: Now,
    pub notes: AllNotes,
    webhooks: mpsc::UnboundedReceiver<proto::WebhookEvent>,
    wishes: mpsc::Receiver<EgressWish>,
    told: mpsc::UnboundedReceiver<AgentNews>,
    next_up: u32,
}

pub fn settings() -> Settings {
    Settings {
        room: crate::ground::RoomDefaults::default(),
        limit: crate::config::Limit::default(),
        keys: ApiKeys::new([("key".to_owned(), "secret".to_owned().into())]).unwrap(),
        node: NodeInfo {
            node_id: "ND_test".to_owned(),
            version: "1.13.5".to_owned(),
            region: String::new(),
        },
        ice_servers: Arc::new(|_| Vec::new()),
        allow_pause: false,
    }
}

pub fn request(identity: &str) -> JoinRequest {
    JoinRequest {
        room: RoomName::new("room"),
        identity: Identity::parse(identity).unwrap(),
        token: VerifiedToken {
            api_key: "key".to_owned(),
            expires_at: SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000),
            not_before: None,
            claims: Claims {
                identity: identity.to_owned(),
                video: Some(VideoGrants {
                    room_join: true,
                    room: "room".to_owned(),
                    ..VideoGrants::default()
                }),
                ..Claims::default()
            },
        },
        mode: SignalMode::Single,
        client: proto::ClientInfo {
            protocol: 17,
            ..proto::ClientInfo::default()
        },
        client_address: String::new(),
        auto_subscribe: true,
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

impl House {
    pub fn new() -> Self {
        Self::with(settings(), RoomOptions::default())
    }

    pub fn with(settings: Settings, options: RoomOptions) -> Self {
        let notes = AllNotes::default();
        let (sender, webhooks) = mpsc::unbounded_channel();
        let (wish, wishes) = mpsc::channel(16);
        let (tell, told) = mpsc::unbounded_channel();
        let shared = Shared {
            settings,
            connections: Box::new(FakeConnections(Arc::clone(&notes))),
            webhooks: sender,
            egress: wish,
            agents: Box::new(move |news| drop(tell.send(news))),
            traffic: Arc::default(),
        };
        let now = Now {
            instant: Instant::now(),
            system: SystemTime::UNIX_EPOCH + Duration::from_hours(500_000),
        };
        let random = StdRng::seed_from_u64(1);
        let room = Room::new(
            Arc::new(shared),
            RoomName::new("room"),
            options,
            random,
            now,
        );
        Self {
            room,
            now,
            notes,
            webhooks,
            wishes,
            told,
            next_up: 0,
        }
    }

    pub fn enter(&mut self, request: &JoinRequest) -> Guest {
        let (sender, frames) = mpsc::channel(FRAMES);
        let before = self.notes.lock().unwrap().len();
        let joined = self.room.join(request, sender, self.now);
        self.room.flush(self.now);
        let number = u32::try_from(before).unwrap();
        let publisher = PeerId { shard: 0, number };
        let subscriber = match request.mode {
            SignalMode::Single | SignalMode::OneShot => publisher,
            SignalMode::Dual => PeerId {
                shard: 0,
                number: number + 1,
            },
        };
        Guest {
            sid: joined.participant,
            identity: request.identity.as_str().to_owned(),
            session: joined.session,
            publisher,
            subscriber,
            frames,
            closed: false,
        }
    }

    /// What agents got to know since the last call.
    pub fn told_agents(&mut self) -> Vec<AgentNews> {
        std::iter::from_fn(|| self.told.try_recv().ok()).collect()
    }

    /// What is to be recorded since the last call.
    pub fn wishes(&mut self) -> Vec<EgressRequest> {
        std::iter::from_fn(|| self.wishes.try_recv().ok())
            .map(|wish| wish.request)
            .collect()
    }

    /// Joins and forgets the first frames.
    pub fn join(&mut self, identity: &str) -> Guest {
        let mut guest = self.enter(&request(identity));
        self.frames(&mut guest);
        guest
    }

    /// Joins, connects its media and forgets the first frames.
    pub fn arrive(&mut self, identity: &str) -> Guest {
        let mut guest = self.join(identity);
        self.connect(&guest);
        self.frames(&mut guest);
        guest
    }

    pub fn resume(&mut self, guest: &mut Guest) {
        let request = JoinRequest {
            reconnect: Some(Resume {
                participant_sid: Some(guest.sid.clone()),
                reason: proto::ReconnectReason::RrSignalDisconnected,
            }),
            ..request(&guest.identity)
        };
        let again = self.enter(&request);
        guest.session = again.session;
        guest.frames = again.frames;
        guest.closed = false;
    }

    pub fn connect(&mut self, guest: &Guest) {
        self.tell(guest.publisher, PeerEvent::IceConnected);
        self.tell(guest.publisher, PeerEvent::Connected);
        if guest.subscriber != guest.publisher {
            self.tell(guest.subscriber, PeerEvent::IceConnected);
            self.tell(guest.subscriber, PeerEvent::Connected);
        }
    }

    pub fn tell(&mut self, peer: PeerId, event: PeerEvent) {
        self.room.handle_peer_event(peer, event, self.now);
        self.room.flush(self.now);
    }

    pub fn say(&mut self, guest: &Guest, message: Request) {
        let request = proto::SignalRequest {
            message: Some(message),
        };
        self.room
            .handle_signal(&guest.sid, guest.session, request, self.now);
        self.room.flush(self.now);
    }

    pub fn hang_up(&mut self, guest: &Guest) {
        self.room
            .handle_signal_closed(&guest.sid, guest.session, self.now);
        self.room.flush(self.now);
    }

    /// Everything the guest was sent since the last call.
    #[expect(
        clippy::unused_self,
        reason = "reads as what it is: the house hands out frames"
    )]
    pub fn frames(&mut self, guest: &mut Guest) -> Vec<Response> {
        let mut all = Vec::new();
        loop {
            match guest.frames.try_recv() {
                Ok(SignalOut::Message(frame)) => all.extend(frame.message),
                Ok(SignalOut::Close) | Err(mpsc::error::TryRecvError::Disconnected) => {
                    guest.closed = true;
                    return all;
                }
                Err(mpsc::error::TryRecvError::Empty) => return all,
            }
        }
    }

    /// The last state of another participant in the guest's updates.
    pub fn seen(&mut self, guest: &mut Guest, identity: &str) -> Option<proto::ParticipantInfo> {
        let frames = self.frames(guest);
        participants(&frames)
            .into_iter()
            .rfind(|info| info.identity == identity)
    }

    pub fn webhooks(&mut self) -> Vec<proto::WebhookEvent> {
        std::iter::from_fn(|| self.webhooks.try_recv().ok()).collect()
    }

    pub fn webhook_names(&mut self) -> Vec<String> {
        self.webhooks()
            .into_iter()
            .map(|event| event.event)
            .collect()
    }

    /// Lets time pass, in the steps the room asks for.
    pub fn advance(&mut self, duration: Duration) {
        let end = self.now.instant + duration;
        while self.room.deadline() <= end && !self.room.is_finished() {
            let step = self
                .room
                .deadline()
                .saturating_duration_since(self.now.instant);
            self.now.instant += step;
            self.now.system += step;
            self.room.handle_timeout(self.now);
            self.room.flush(self.now);
        }
        self.now.system += end.saturating_duration_since(self.now.instant);
        self.now.instant = end;
    }

    pub fn notes(&self) -> MutexGuard<'_, HashMap<PeerId, Notes>> {
        self.notes.lock().unwrap()
    }

    /// Track sids that a guest is being sent.
    pub fn receives(&self, guest: &Guest) -> Vec<String> {
        let notes = self.notes();
        notes[&guest.subscriber]
            .down_tracks
            .iter()
            .map(|(_, spec)| spec.track_sid.clone())
            .collect()
    }

    pub fn make_ready(&mut self, guest: &Guest) {
        let ids: Vec<_> = self.notes()[&guest.subscriber]
            .down_tracks
            .iter()
            .map(|(id, spec)| (*id, spec.codecs.clone()))
            .collect();
        for (track, codecs) in ids {
            self.tell(
                guest.subscriber,
                PeerEvent::DownTrackReady { track, codecs },
            );
        }
    }

    /// `addTrack` and the media of it; the answer is the sid.
    pub fn publish(&mut self, guest: &mut Guest, source: proto::TrackSource) -> String {
        let sid = self.announce(guest, &add_track(source));
        self.media(guest, &sid, source);
        sid
    }

    /// `addTrack`; the answer is the sid.
    pub fn announce(&mut self, guest: &mut Guest, request: &proto::AddTrackRequest) -> String {
        self.say(guest, Request::AddTrack(request.clone()));
        self.frames(guest)
            .into_iter()
            .find_map(|frame| match frame {
                Response::TrackPublished(published) => Some(published.track.unwrap().sid),
                _ => None,
            })
            .expect("trackPublished")
    }

    /// The offer carries an announced track.
    pub fn media(&mut self, guest: &Guest, sid: &str, source: proto::TrackSource) -> UpTrackId {
        let id = UpTrackId(self.next_up);
        self.next_up += 1;
        let video = is_video(source);
        self.tell(
            guest.publisher,
            PeerEvent::UpTrack(UpTrack {
                id,
                mid: "7".to_owned(),
                track_sid: sid.to_owned(),
                cid: cid(source),
                sdp_cid: None,
                kind: if video {
                    MediaKind::Video
                } else {
                    MediaKind::Audio
                },
                rids: Vec::new(),
                codec: if video { Codec::Vp8 } else { Codec::Opus },
                fmtp: None,
            }),
        );
        id
    }

    pub fn send_data(&mut self, guest: &Guest, channel: DataChannel, packet: &proto::DataPacket) {
        let payload = packet.encode_to_vec();
        self.tell(guest.publisher, PeerEvent::Data { channel, payload });
    }

    /// Data packets that a guest was sent.
    pub fn data(&self, guest: &Guest) -> Vec<proto::DataPacket> {
        self.notes()[&guest.subscriber]
            .data
            .iter()
            .map(|(_, bytes)| proto::DataPacket::decode(bytes.as_slice()).unwrap())
            .collect()
    }

    /// Does something with the room, as the API does, and takes the answer.
    pub fn act<T>(&mut self, work: impl FnOnce(&mut Room, Now) -> T) -> T {
        let answer = work(&mut self.room, self.now);
        self.room.flush(self.now);
        answer
    }
}

pub fn identity(text: &str) -> Identity {
    Identity::parse(text).unwrap()
}

pub fn cid(source: proto::TrackSource) -> String {
    format!("cid-{}", source.as_str_name())
}

fn is_video(source: proto::TrackSource) -> bool {
    matches!(
        source,
        proto::TrackSource::Camera | proto::TrackSource::ScreenShare
    )
}

pub fn add_track(source: proto::TrackSource) -> proto::AddTrackRequest {
    let kind = if is_video(source) {
        proto::TrackType::Video
    } else {
        proto::TrackType::Audio
    };
    proto::AddTrackRequest {
        cid: cid(source),
        r#type: kind.into(),
        source: source.into(),
        ..proto::AddTrackRequest::default()
    }
}

/// All participants in `update` frames, in order.
pub fn participants(frames: &[Response]) -> Vec<proto::ParticipantInfo> {
    frames
        .iter()
        .filter_map(|frame| match frame {
            Response::Update(update) => Some(update.participants.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The `leave` among frames.
pub fn leave(frames: &[Response]) -> Option<proto::LeaveRequest> {
    frames.iter().find_map(|frame| match frame {
        Response::Leave(leave) => Some(leave.clone()),
        _ => None,
    })
}
