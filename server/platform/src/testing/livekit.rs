//! A LiveKit endpoint for tests: speaks Twirp in protobuf, records calls, and can misbehave.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{
        Path, Request, State, WebSocketUpgrade,
        ws::{Message as Frame, rejection::WebSocketUpgradeRejection},
    },
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post},
};
use http::{HeaderMap, StatusCode, header};
use livekit_protocol as proto;
use livekit_wire::{
    ApiKeys, VideoGrants,
    quality::ConnectionTotals,
    token::{read_unverified, verify},
};
use parking_lot::Mutex;
use prost::Message;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use super::{Answer, FakeRecorder, StoppedClock, TestApp, TestClient};
use crate::clock::Timestamp;

pub const API_KEY: &str = "testkey";
pub const API_SECRET: &str = "test-secret-test-secret-test-secret";

/// How the endpoint answers API calls.
#[derive(Debug, Clone, Default)]
pub enum Behaviour {
    #[default]
    Normal,
    /// Takes the request and never answers.
    Hang,
    /// Answers with this status and text.
    Say(u16, &'static str),
}

/// What a token of ours says.
#[derive(Debug, Clone)]
pub struct Claims {
    pub sub: String,
    pub name: String,
    pub video: VideoGrants,
    pub attributes: HashMap<String, String>,
    pub nbf: i64,
    pub exp: i64,
}

/// One API call that arrived with a good token.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub claims: Claims,
    pub body: Bytes,
}

impl Call {
    /// The request as the method takes it.
    pub fn request<T: Message + Default>(&self) -> T {
        T::decode(self.body.clone()).unwrap()
    }
}

/// One signal request that arrived.
#[derive(Debug, Clone)]
pub struct Signal {
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
}

#[derive(Default)]
struct Inside {
    behaviour: Behaviour,
    /// `None`: as a livekit-server without Redis.
    ingresses: Option<Vec<proto::IngressInfo>>,
    takes_rtmp: bool,
    /// The room whose participants are not told.
    unlisted: String,
    /// `None`: as LiveKit's own server, which does not tell.
    connections: Option<Vec<ConnectionTotals>>,
    calls: Vec<Call>,
    signals: Vec<Signal>,
    rooms: HashMap<String, (proto::Room, Vec<proto::ParticipantInfo>)>,
    count: u64,
}

impl Inside {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn room(&mut self, name: &str) -> &mut (proto::Room, Vec<proto::ParticipantInfo>) {
        if !self.rooms.contains_key(name) {
            let number = self.next();
            let room = proto::Room {
                sid: format!("RM_{number}"),
                name: name.to_owned(),
                ..Default::default()
            };
            self.rooms.insert(name.to_owned(), (room, Vec::new()));
        }
        self.rooms.get_mut(name).unwrap()
    }
}

/// The endpoint; ends when dropped.
pub struct FakeLiveKit {
    pub url: Url,
    /// Its Egress service.
    pub recorder: FakeRecorder,
    inside: Arc<Mutex<Inside>>,
    server: JoinHandle<()>,
}

impl Drop for FakeLiveKit {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl FakeLiveKit {
    pub async fn start() -> FakeLiveKit {
        FakeLiveKit::start_with(Router::new()).await
    }

    /// Starts with services that it does not have itself.
    pub async fn start_with(services: Router) -> FakeLiveKit {
        let inside = Arc::new(Mutex::new(Inside::default()));
        let recorder = FakeRecorder::default();
        let router = Router::new()
            .route("/twirp/livekit.RoomService/{method}", post(answer))
            .route("/twirp/livekit.Ingress/{method}", post(ingress))
            .route("/rtc", get(signal))
            .route("/rtc/v1", get(signal))
            .route("/rtc/validate", get(validate))
            .route(livekit_wire::quality::PATH, get(connections))
            .route("/whip/v1", post(publisher))
            .route("/whip/v1/{sid}", patch(publisher).delete(publisher))
            .route("/w", post(publisher))
            .route("/w/{key}", post(publisher))
            .route("/w/{key}/{session}", delete(publisher))
            .with_state(inside.clone())
            .merge(recorder.router())
            .merge(services);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        FakeLiveKit {
            url,
            recorder,
            inside,
            server,
        }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.inside.lock().behaviour = behaviour;
    }

    /// Fails to list the participants of one room, and of none before.
    pub fn refuse_to_list(&self, room: &str) {
        room.clone_into(&mut self.inside.lock().unlisted);
    }

    /// Has ingresses from now on.
    pub fn take_streams(&self) {
        self.inside.lock().ingresses = Some(Vec::new());
    }

    /// Takes RTMP from now on.
    pub fn take_rtmp(&self) {
        self.inside.lock().takes_rtmp = true;
    }

    /// Tells this of its connections from now on.
    pub fn count_connections(&self, connections: Vec<ConnectionTotals>) {
        self.inside.lock().connections = Some(connections);
    }

    /// The calls of one method so far.
    pub fn calls(&self, method: &str) -> Vec<Call> {
        let inside = self.inside.lock();
        inside
            .calls
            .iter()
            .filter(|call| call.method == method)
            .cloned()
            .collect()
    }

    /// The signal requests so far.
    pub fn signals(&self) -> Vec<Signal> {
        self.inside.lock().signals.clone()
    }

    /// Somebody connects; no webhook tells of it.
    pub fn enter(&self, room: &str, identity: &str, at: Timestamp) -> proto::ParticipantInfo {
        self.enter_with(room, identity, HashMap::new(), at)
    }

    /// Somebody connects with a token that has these attributes.
    pub fn enter_with(
        &self,
        room: &str,
        identity: &str,
        attributes: HashMap<String, String>,
        at: Timestamp,
    ) -> proto::ParticipantInfo {
        let mut inside = self.inside.lock();
        let number = inside.next();
        let info = proto::ParticipantInfo {
            sid: format!("PA_{number}"),
            identity: identity.to_owned(),
            name: format!("Name of {identity}"),
            state: proto::participant_info::State::Active.into(),
            joined_at: at.as_seconds(),
            joined_at_ms: at.0,
            attributes,
            permission: Some(proto::ParticipantPermission {
                can_subscribe: true,
                can_publish: true,
                can_publish_data: true,
                ..Default::default()
            }),
            ..Default::default()
        };
        let (listed, participants) = inside.room(room);
        if listed.creation_time_ms == 0 {
            listed.creation_time_ms = at.0;
        }
        participants.push(info.clone());
        info
    }

    /// Somebody turns out to be no person.
    pub fn turn_into(&self, room: &str, identity: &str, kind: proto::participant_info::Kind) {
        for info in &mut self.inside.lock().room(room).1 {
            if info.identity == identity {
                info.kind = kind.into();
            }
        }
    }

    /// Somebody publishes a track.
    pub fn publish(&self, room: &str, identity: &str, source: proto::TrackSource) -> String {
        let mime_type = match source {
            proto::TrackSource::Camera | proto::TrackSource::ScreenShare => "video/VP8",
            proto::TrackSource::Microphone
            | proto::TrackSource::ScreenShareAudio
            | proto::TrackSource::Unknown => "audio/opus",
        };
        self.publish_as(room, identity, source, mime_type).sid
    }

    /// Somebody publishes media under the name of a source.
    pub fn publish_as(
        &self,
        room: &str,
        identity: &str,
        source: proto::TrackSource,
        mime_type: &str,
    ) -> proto::TrackInfo {
        let mut inside = self.inside.lock();
        let track = proto::TrackInfo {
            sid: format!("TR_{}", inside.next()),
            source: source.into(),
            mime_type: mime_type.to_owned(),
            ..Default::default()
        };
        for info in &mut inside.room(room).1 {
            if info.identity == identity {
                info.tracks.push(track.clone());
            }
        }
        track
    }

    /// Somebody encrypts what they send end to end.
    pub fn encrypt(&self, room: &str, identity: &str) {
        let mut inside = self.inside.lock();
        let track = proto::TrackInfo {
            sid: format!("TR_{}", inside.next()),
            encryption: proto::encryption::Type::Gcm.into(),
            ..Default::default()
        };
        for info in &mut inside.room(room).1 {
            if info.identity == identity {
                info.tracks.push(track.clone());
            }
        }
    }

    /// Somebody is gone; no webhook tells of it.
    pub fn leave(&self, room: &str, identity: &str) {
        self.inside
            .lock()
            .room(room)
            .1
            .retain(|info| info.identity != identity);
    }

    /// The room is gone; no webhook tells of it.
    pub fn close(&self, room: &str) {
        self.inside.lock().rooms.remove(room);
    }

    /// Who is in the room.
    pub fn identities(&self, room: &str) -> Vec<String> {
        let inside = self.inside.lock();
        inside
            .rooms
            .get(room)
            .map_or_else(Vec::new, |(_, participants)| {
                participants
                    .iter()
                    .map(|info| info.identity.clone())
                    .collect()
            })
    }

    /// A webhook event about the room as it is now.
    pub fn event(
        &self,
        kind: &str,
        room: &str,
        participant: Option<&proto::ParticipantInfo>,
        at: Timestamp,
    ) -> proto::WebhookEvent {
        let mut inside = self.inside.lock();
        let number = inside.next();
        proto::WebhookEvent {
            event: kind.to_owned(),
            id: format!("EV_{number}"),
            created_at: at.as_seconds(),
            room: Some(inside.room(room).0.clone()),
            participant: participant.cloned(),
            ..Default::default()
        }
    }
}

/// Signs an event as LiveKit does and delivers it on the child's listener.
pub async fn deliver(app: &TestApp, event: &proto::WebhookEvent) -> Answer {
    let body = serde_json::to_string(event).unwrap();
    let token = sign(&body, API_SECRET);
    send(&mut app.internal(), body, &token).await
}

/// LiveKit's token for a webhook's body.
pub fn sign(body: &str, secret: &str) -> String {
    sign_claims(&livekit_wire::Claims::of_body(body), secret)
}

/// A token from the day before the stopped clock starts, which outlives every test.
pub fn sign_claims(claims: &livekit_wire::Claims, secret: &str) -> String {
    let start = SystemTime::UNIX_EPOCH + StoppedClock::START - Duration::from_hours(24);
    let year = Duration::from_hours(365 * 24);
    livekit_wire::token::sign(claims, API_KEY, &secret.into(), start, year).unwrap()
}

/// Posts a webhook.
pub async fn send(client: &mut TestClient, body: String, token: &str) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri("/api/livekit/webhook")
        .header(header::CONTENT_TYPE, "application/webhook+json")
        .header(header::AUTHORIZATION, token)
        .body(Body::from(body))
        .unwrap();
    client.request(request).await
}

/// What a token of ours claims; its time is the stopped clock's and not checked.
pub fn claims(token: &str) -> Claims {
    let keys = ApiKeys::one(API_KEY.to_owned(), API_SECRET.into());
    let start = read_unverified(token).unwrap().not_before.unwrap();
    let verified = verify(token, &keys, start).unwrap();
    let seconds = |time| Timestamp::from(time).as_seconds();
    Claims {
        sub: verified.claims.identity,
        name: verified.claims.name,
        video: verified.claims.video.unwrap_or_default(),
        attributes: verified.claims.attributes.into_iter().collect(),
        nbf: seconds(start),
        exp: seconds(verified.expires_at),
    }
}

fn twirp_error(status: StatusCode, code: &str) -> Response {
    (
        status,
        axum::Json(serde_json::json!({ "code": code, "msg": code })),
    )
        .into_response()
}

async fn connections(State(inside): State<Arc<Mutex<Inside>>>, headers: HeaderMap) -> Response {
    assert!(claims(bearer(&headers)).video.room_list);
    match &inside.lock().connections {
        Some(connections) => axum::Json(connections).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> &str {
    let header = headers[header::AUTHORIZATION].to_str().unwrap();
    header.trim_start_matches("Bearer ")
}

async fn answer(
    State(inside): State<Arc<Mutex<Inside>>>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let behaviour = inside.lock().behaviour.clone();
    match behaviour {
        Behaviour::Normal => {}
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Say(status, text) => {
            return (StatusCode::from_u16(status).unwrap(), text).into_response();
        }
    }
    let call = Call {
        method,
        claims: claims(bearer(&headers)),
        body,
    };
    let mut inside = inside.lock();
    inside.calls.push(call.clone());
    perform(&mut inside, &call)
}

fn perform(inside: &mut Inside, call: &Call) -> Response {
    fn encoded(message: &impl Message) -> Response {
        (
            [(header::CONTENT_TYPE, "application/protobuf")],
            message.encode_to_vec(),
        )
            .into_response()
    }
    let not_found = || twirp_error(StatusCode::NOT_FOUND, "not_found");
    let find = |inside: &mut Inside, room: &str, identity: &str| {
        let participants = &inside.rooms.get(room)?.1;
        participants
            .iter()
            .position(|info| info.identity == identity)
    };
    match call.method.as_str() {
        "CreateRoom" => {
            let request: proto::CreateRoomRequest = call.request();
            let room = &mut inside.room(&request.name).0;
            room.empty_timeout = request.empty_timeout;
            room.departure_timeout = request.departure_timeout;
            room.max_participants = request.max_participants;
            room.metadata = request.metadata;
            encoded(&room.clone())
        }
        "ListRooms" => {
            let request: proto::ListRoomsRequest = call.request();
            let rooms = inside
                .rooms
                .values()
                .filter(|(room, _)| request.names.is_empty() || request.names.contains(&room.name))
                .map(|(room, participants)| proto::Room {
                    num_participants: u32::try_from(participants.len()).unwrap(),
                    ..room.clone()
                })
                .collect();
            encoded(&proto::ListRoomsResponse { rooms })
        }
        "DeleteRoom" => {
            let request: proto::DeleteRoomRequest = call.request();
            match inside.rooms.remove(&request.room) {
                Some(_) => encoded(&proto::DeleteRoomResponse {}),
                None => not_found(),
            }
        }
        "ListParticipants" => {
            let request: proto::ListParticipantsRequest = call.request();
            if request.room == inside.unlisted {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            let participants = inside
                .rooms
                .get(&request.room)
                .map_or_else(Vec::new, |r| r.1.clone());
            encoded(&proto::ListParticipantsResponse { participants })
        }
        "GetParticipant" => {
            let request: proto::RoomParticipantIdentity = call.request();
            match find(inside, &request.room, &request.identity) {
                Some(index) => encoded(&inside.room(&request.room).1[index].clone()),
                None => not_found(),
            }
        }
        "RemoveParticipant" => {
            let request: proto::RoomParticipantIdentity = call.request();
            match find(inside, &request.room, &request.identity) {
                Some(index) => {
                    inside.room(&request.room).1.remove(index);
                    encoded(&proto::RemoveParticipantResponse {})
                }
                None => not_found(),
            }
        }
        "MutePublishedTrack" => {
            let request: proto::MuteRoomTrackRequest = call.request();
            let Some(index) = find(inside, &request.room, &request.identity) else {
                return not_found();
            };
            let info = &mut inside.room(&request.room).1[index];
            let track = info
                .tracks
                .iter_mut()
                .find(|track| track.sid == request.track_sid);
            match track {
                Some(track) => {
                    track.muted = request.muted;
                    encoded(&proto::MuteRoomTrackResponse {
                        track: Some(track.clone()),
                    })
                }
                None => not_found(),
            }
        }
        "UpdateParticipant" => {
            let request: proto::UpdateParticipantRequest = call.request();
            let Some(index) = find(inside, &request.room, &request.identity) else {
                return not_found();
            };
            let info = &mut inside.room(&request.room).1[index];
            if request.permission.is_some() {
                info.permission = request.permission;
            }
            if !request.name.is_empty() {
                info.name = request.name;
            }
            if !request.metadata.is_empty() {
                info.metadata = request.metadata;
            }
            info.attributes.extend(request.attributes);
            info.attributes.retain(|_, value| !value.is_empty());
            encoded(&info.clone())
        }
        "UpdateRoomMetadata" => {
            let request: proto::UpdateRoomMetadataRequest = call.request();
            match inside.rooms.get_mut(&request.room) {
                Some((room, _)) => {
                    room.metadata = request.metadata;
                    encoded(&room.clone())
                }
                None => not_found(),
            }
        }
        "SendData" => {
            let request: proto::SendDataRequest = call.request();
            if inside.rooms.contains_key(&request.room) {
                encoded(&proto::SendDataResponse {})
            } else {
                not_found()
            }
        }
        _ => twirp_error(StatusCode::NOT_FOUND, "bad_route"),
    }
}

async fn ingress(
    State(inside): State<Arc<Mutex<Inside>>>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = headers[header::AUTHORIZATION].to_str().unwrap();
    let claims = claims(token.trim_start_matches("Bearer "));
    assert!(claims.video.ingress_admin);
    let call = Call {
        method,
        claims,
        body,
    };
    let mut inside = inside.lock();
    inside.calls.push(call.clone());
    let number = inside.next();
    let takes_rtmp = inside.takes_rtmp;
    let Some(all) = &mut inside.ingresses else {
        let error = serde_json::json!({
            "code": "internal", "msg": "ingress not connected (redis required)",
        });
        return (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(error)).into_response();
    };
    let answer = match call.method.as_str() {
        "CreateIngress" => {
            let request: proto::CreateIngressRequest = call.request();
            if request.input_type() != proto::IngressInput::WhipInput && !takes_rtmp {
                return twirp_error(StatusCode::NOT_IMPLEMENTED, "unimplemented");
            }
            let made = proto::IngressInfo {
                ingress_id: format!("IN_{number}"),
                stream_key: format!("streamkey{number}"),
                name: request.name,
                input_type: request.input_type,
                room_name: request.room_name,
                participant_identity: request.participant_identity,
                participant_name: request.participant_name,
                enabled: request.enabled,
                ..Default::default()
            };
            all.push(made.clone());
            made.encode_to_vec()
        }
        "ListIngress" => proto::ListIngressResponse {
            items: all.clone(),
            ..Default::default()
        }
        .encode_to_vec(),
        "UpdateIngress" => {
            let request: proto::UpdateIngressRequest = call.request();
            let found = all
                .iter_mut()
                .find(|info| info.ingress_id == request.ingress_id);
            let Some(info) = found else {
                return twirp_error(StatusCode::NOT_FOUND, "not_found");
            };
            info.enabled = request.enabled.or(info.enabled);
            for (field, text) in [
                (&mut info.name, request.name),
                (&mut info.room_name, request.room_name),
                (&mut info.participant_name, request.participant_name),
                (&mut info.participant_identity, request.participant_identity),
            ] {
                if !text.is_empty() {
                    *field = text;
                }
            }
            info.encode_to_vec()
        }
        _ => {
            let request: proto::DeleteIngressRequest = call.request();
            let found = all
                .iter()
                .position(|info| info.ingress_id == request.ingress_id);
            let Some(index) = found else {
                return twirp_error(StatusCode::NOT_FOUND, "not_found");
            };
            all.remove(index).encode_to_vec()
        }
    };
    ([(header::CONTENT_TYPE, "application/protobuf")], answer).into_response()
}

async fn signal(
    State(inside): State<Arc<Mutex<Inside>>>,
    headers: HeaderMap,
    uri: http::Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    inside.lock().signals.push(Signal {
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
    });
    let Ok(upgrade) = upgrade else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Says every binary frame back with a mark in front.
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(frame)) = socket.recv().await {
            if let Frame::Binary(bytes) = frame {
                let said = [b"said ".as_slice(), &bytes].concat();
                if socket.send(Frame::Binary(said.into())).await.is_err() {
                    return;
                }
            }
        }
    })
}

/// A publisher over HTTP: noted like a signal request, and let in.
async fn publisher(
    State(inside): State<Arc<Mutex<Inside>>>,
    headers: HeaderMap,
    uri: http::Uri,
    body: Bytes,
) -> impl IntoResponse {
    inside.lock().signals.push(Signal {
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
    });
    (
        StatusCode::CREATED,
        [
            ("content-type", "application/sdp"),
            ("location", "/whip/v1/PA_1"),
            ("etag", "\"1\""),
            ("link", "<stun:stun.example>; rel=\"ice-server\""),
            ("set-cookie", "not=ours"),
        ],
        body,
    )
}

async fn validate() -> impl IntoResponse {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], "success")
}
