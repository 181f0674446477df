//! A recorder for tests: LiveKit's Egress with its states, webhooks and files, which can lose and break what a real
//! one can.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use livekit_protocol as proto;
use parking_lot::Mutex;
use prost::Message;
use proto::{EgressStatus, egress_info::Request};
use serde_json::json;

use super::{TestApp, livekit};
use crate::clock::Timestamp;

/// What its one track holds.
const TRACK: &[u8] = b"a voice";
/// What [`FakeRecorder::add_file`] calls a first version of a film.
pub const PREVIEW: &str = "preview.webm";

/// What goes wrong next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// It begins as it is asked, and the connection breaks before the answer.
    StartAnswerLost,
    /// It begins as it is asked, and is away from then on.
    AwayOnceBegun,
    /// It begins as it is asked, and answers after so long.
    StartSlow(Duration),
    /// A start never arrives.
    StartLost,
    /// It begins as it is asked, and answers what nobody understands.
    StartAnswerGarbled,
    /// It neither does what it is asked nor answers.
    Away,
    /// It refuses with this Twirp code and text.
    Refuse(&'static str, &'static str),
    /// Nobody hears that it is to stop, as LiveKit says it.
    StopUnheard,
    /// A file breaks off after so many bytes.
    PartialFile(usize),
}

#[derive(Default)]
struct Inside {
    fault: Fault,
    count: i64,
    /// In the order of their beginning.
    egresses: Vec<proto::EgressInfo>,
    files: HashMap<String, Bytes>,
    stops: Vec<String>,
    forgotten: Vec<String>,
}

/// The recorder; clones are the same one.
#[derive(Clone, Default)]
pub struct FakeRecorder(Arc<Mutex<Inside>>);

impl FakeRecorder {
    pub fn fail(&self, fault: Fault) {
        self.0.lock().fault = fault;
    }

    /// Everything that it knows.
    pub fn egresses(&self) -> Vec<proto::EgressInfo> {
        self.0.lock().egresses.clone()
    }

    /// Whose end was asked for, as often as it was.
    pub fn stops(&self) -> Vec<String> {
        self.0.lock().stops.clone()
    }

    /// Whose files it was told to forget.
    pub fn forgotten(&self) -> Vec<String> {
        self.0.lock().forgotten.clone()
    }

    /// It has one more file of an egress.
    pub fn add_file(&self, egress_id: &str, name: &str, bytes: &[u8]) {
        let path = format!("{egress_id}/{name}");
        self.0
            .lock()
            .files
            .insert(path, Bytes::copy_from_slice(bytes));
    }

    /// Its disk is lost.
    pub fn lose_files(&self) {
        self.0.lock().files.clear();
    }

    /// It was started anew and knows nothing.
    pub fn forget_everything(&self) {
        self.0.lock().egresses.clear();
    }

    /// Another program asks it to record a room.
    pub fn begin(&self, request: proto::RoomCompositeEgressRequest) -> proto::EgressInfo {
        let room = request.room_name.clone();
        self.0.lock().begin(room, Request::RoomComposite(request))
    }

    /// The newest one gets this status; no webhook tells of it.
    pub fn become_(&self, status: EgressStatus, now: Timestamp) -> proto::EgressInfo {
        let mut inside = self.0.lock();
        inside.count += 1;
        let count = inside.count;
        let info = inside.egresses.last_mut().unwrap();
        info.status = status.into();
        info.updated_at = now.0 * 1_000_000 + count;
        info.clone()
    }

    /// The newest one ends with a film of these bytes and so many seconds; no webhook tells of it.
    pub fn finish(
        &self,
        status: EgressStatus,
        film: &[u8],
        seconds: i64,
        now: Timestamp,
    ) -> proto::EgressInfo {
        self.become_(status, now);
        let mut inside = self.0.lock();
        let info = inside.egresses.last_mut().unwrap();
        let Some(Request::RoomComposite(request)) = &info.request else {
            panic!("it began with another request");
        };
        let kind = if request.audio_only { "ogg" } else { "mp4" };
        let name = format!("{}.{kind}", request.file_outputs[0].filepath);
        info.ended_at = now.0 * 1_000_000;
        info.details = "End reason: StopEgress API".to_owned();
        info.file_results = vec![proto::FileInfo {
            filename: name.clone(),
            started_at: info.started_at,
            ended_at: info.ended_at,
            duration: seconds * 1_000_000_000,
            size: i64::try_from(film.len()).unwrap(),
            location: name.clone(),
        }];
        let (path, info) = (format!("{}/{name}", info.egress_id), info.clone());
        inside.files.insert(path, Bytes::copy_from_slice(film));
        info
    }

    /// Tells the platform of it as LiveKit does.
    pub async fn tell(&self, app: &TestApp, kind: &str, info: &proto::EgressInfo) {
        let event = proto::WebhookEvent {
            event: kind.to_owned(),
            id: format!("EV_{kind}_{}", info.updated_at),
            created_at: app.app().now().as_seconds(),
            room: Some(proto::Room {
                sid: info.room_id.clone(),
                name: info.room_name.clone(),
                ..Default::default()
            }),
            egress_info: Some(info.clone()),
            ..Default::default()
        };
        assert_eq!(livekit::deliver(app, &event).await.status, 200);
    }

    /// The newest one records from now on, and says so.
    pub async fn activate(&self, app: &TestApp) -> proto::EgressInfo {
        let info = self.become_(EgressStatus::EgressActive, app.app().now());
        self.tell(app, "egress_updated", &info).await;
        info
    }

    pub(super) fn router(&self) -> Router {
        Router::new()
            .route("/twirp/livekit.Egress/{method}", post(answer))
            .route("/egress/{id}/files/{*name}", get(file))
            .route("/egress/{id}/preview", get(preview))
            .route("/egress/{id}/tracks", get(tracks))
            .route("/egress/{id}/tracks/{name}", get(track))
            .route("/egress/{id}", axum::routing::delete(forget))
            .with_state(self.clone())
    }
}

impl Inside {
    fn begin(&mut self, room_name: String, request: Request) -> proto::EgressInfo {
        self.count += 1;
        let info = proto::EgressInfo {
            egress_id: format!("EG_{}", self.count),
            room_id: "RM_1".to_owned(),
            room_name,
            status: EgressStatus::EgressStarting.into(),
            updated_at: self.count,
            request: Some(request),
            ..Default::default()
        };
        self.egresses.push(info.clone());
        info
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut proto::EgressInfo)) -> Response {
        let mut all = self.egresses.iter_mut();
        let Some(info) = all.find(|info| info.egress_id == id) else {
            return twirp_error("not_found", "egress does not exist");
        };
        if info.status >= EgressStatus::EgressEnding as i32 {
            return twirp_error("failed_precondition", "egress has ended");
        }
        change(info);
        encoded(&info.clone())
    }
}

fn encoded(message: &impl Message) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/protobuf")];
    (kind, message.encode_to_vec()).into_response()
}

fn twirp_error(code: &str, message: &str) -> Response {
    let status = match code {
        "not_found" => StatusCode::NOT_FOUND,
        "unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        "failed_precondition" => StatusCode::PRECONDITION_FAILED,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let body = serde_json::json!({ "code": code, "msg": message });
    (status, axum::Json(body)).into_response()
}

/// An answer that never comes: the connection ends instead.
fn broken() -> Response {
    let error = std::io::Error::other("broken");
    let body = Body::from_stream(futures::stream::once(async { Err::<Bytes, _>(error) }));
    ([(header::CONTENT_LENGTH, "100")], body).into_response()
}

fn may_record(headers: &HeaderMap) -> bool {
    let token = headers[header::AUTHORIZATION].to_str().unwrap();
    livekit::claims(token.trim_start_matches("Bearer "))
        .video
        .room_record
}

async fn answer(
    State(recorder): State<FakeRecorder>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !may_record(&headers) {
        return twirp_error("permission_denied", "permissions denied");
    }
    let slow = match recorder.0.lock().fault {
        Fault::StartSlow(slow) if method.starts_with("Start") => slow,
        _ => Duration::ZERO,
    };
    tokio::time::sleep(slow).await;
    let mut inside = recorder.0.lock();
    match inside.fault {
        Fault::Away => return broken(),
        Fault::Refuse(code, message) => return twirp_error(code, message),
        Fault::StopUnheard if method == "StopEgress" => {
            return twirp_error("unavailable", "no response from servers");
        }
        _ if !method.starts_with("Start") => {}
        Fault::StartLost => return broken(),
        Fault::StartAnswerLost => {
            perform(&mut inside, &method, body);
            return broken();
        }
        Fault::AwayOnceBegun => {
            perform(&mut inside, &method, body);
            inside.fault = Fault::Away;
            return broken();
        }
        Fault::StartAnswerGarbled => {
            perform(&mut inside, &method, body);
            return "what".into_response();
        }
        Fault::None | Fault::StartSlow(_) | Fault::StopUnheard | Fault::PartialFile(_) => {}
    }
    perform(&mut inside, &method, body)
}

fn perform(inside: &mut Inside, method: &str, body: Bytes) -> Response {
    match method {
        "StartRoomCompositeEgress" => {
            let request = proto::RoomCompositeEgressRequest::decode(body).unwrap();
            let room = request.room_name.clone();
            encoded(&inside.begin(room, Request::RoomComposite(request)))
        }
        "StartParticipantEgress" => {
            let request = proto::ParticipantEgressRequest::decode(body).unwrap();
            let room = request.room_name.clone();
            encoded(&inside.begin(room, Request::Participant(request)))
        }
        "UpdateStream" => {
            let request = proto::UpdateStreamRequest::decode(body).unwrap();
            inside.change(&request.egress_id, |info| {
                let gone = |url: &String| request.remove_output_urls.contains(url);
                info.stream_results.retain(|stream| !gone(&stream.url));
                let added = request.add_output_urls.iter();
                info.stream_results
                    .extend(added.map(|url| proto::StreamInfo {
                        url: url.clone(),
                        ..Default::default()
                    }));
            })
        }
        "UpdateLayout" => {
            let asked = proto::UpdateLayoutRequest::decode(body).unwrap();
            inside.change(&asked.egress_id, |info| {
                if let Some(Request::RoomComposite(request)) = &mut info.request {
                    request.layout = asked.layout;
                }
            })
        }
        "ListEgress" => {
            let request = proto::ListEgressRequest::decode(body).unwrap();
            let mut items = inside.egresses.clone();
            items.retain(|info| {
                (request.room_name.is_empty() || info.room_name == request.room_name)
                    && (request.egress_id.is_empty() || info.egress_id == request.egress_id)
                    && (!request.active || info.status < EgressStatus::EgressComplete as i32)
            });
            encoded(&proto::ListEgressResponse {
                items,
                next_page_token: None,
            })
        }
        "StopEgress" => {
            let request = proto::StopEgressRequest::decode(body).unwrap();
            inside.stops.push(request.egress_id.clone());
            let found = inside
                .egresses
                .iter_mut()
                .find(|info| info.egress_id == request.egress_id);
            match found {
                None => twirp_error("not_found", "egress does not exist"),
                Some(info) if info.status > EgressStatus::EgressEnding as i32 => {
                    twirp_error("failed_precondition", "it cannot be stopped")
                }
                Some(info) => {
                    info.status = EgressStatus::EgressEnding.into();
                    encoded(&info.clone())
                }
            }
        }
        _ => twirp_error("bad_route", method),
    }
}

async fn file(
    State(recorder): State<FakeRecorder>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !may_record(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let inside = recorder.0.lock();
    let Some(film) = inside.files.get(&format!("{id}/{name}")).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if inside.fault == Fault::Away {
        return broken();
    }
    let Some(range) = headers.get(header::RANGE) else {
        return film.into_response();
    };
    let range = range.to_str().unwrap().to_owned();
    let (from, to) = range.trim_start_matches("bytes=").split_once('-').unwrap();
    let from: usize = from.parse().unwrap();
    let to = to.parse::<usize>().map_or(film.len(), |to| to + 1);
    let total = film.len();
    if from >= total {
        return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    }
    let part = film.slice(from..to.min(total));
    let content_range = format!("bytes {from}-{}/{total}", from + part.len() - 1);
    if let Fault::PartialFile(most) = inside.fault
        && part.len() > most
    {
        let length = part.len().to_string();
        let sent = part.slice(..most);
        let pieces = [Ok(sent), Err(std::io::Error::other("broken"))];
        let body = Body::from_stream(futures::stream::iter(pieces));
        let heads = [
            (header::CONTENT_RANGE, content_range),
            (header::CONTENT_LENGTH, length),
        ];
        return (StatusCode::PARTIAL_CONTENT, heads, body).into_response();
    }
    let heads = [(header::CONTENT_RANGE, content_range)];
    (StatusCode::PARTIAL_CONTENT, heads, part).into_response()
}

async fn preview(
    state: State<FakeRecorder>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    file(state, Path((id, PREVIEW.to_owned())), headers).await
}

/// One track, whatever the egress: until its files are lost or forgotten.
async fn tracks(
    State(recorder): State<FakeRecorder>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !may_record(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let inside = recorder.0.lock();
    if inside.fault == Fault::Away {
        return broken();
    }
    if inside.files.is_empty() || inside.forgotten.contains(&id) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let crc32 = crc32fast::hash(TRACK);
    axum::Json(json!([{"name": "TR_a.0.webm", "size": TRACK.len(), "crc32": crc32}]))
        .into_response()
}

async fn track(headers: HeaderMap) -> Response {
    let range = headers[header::RANGE].to_str().unwrap();
    assert_eq!(range, format!("bytes=0-{}", TRACK.len() - 1));
    let heads = [(
        header::CONTENT_RANGE,
        format!("bytes 0-{}/{}", TRACK.len() - 1, TRACK.len()),
    )];
    (StatusCode::PARTIAL_CONTENT, heads, TRACK).into_response()
}

async fn forget(
    State(recorder): State<FakeRecorder>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> StatusCode {
    if !may_record(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let mut inside = recorder.0.lock();
    let prefix = format!("{id}/");
    inside.files.retain(|path, _| !path.starts_with(&prefix));
    inside.forgotten.push(id);
    StatusCode::NO_CONTENT
}
