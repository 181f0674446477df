//! An SFU's RoomService that remembers what it was asked and how the caller proved itself.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{
    HeaderMap, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use livekit_wire::proto::{CreateRoomRequest, ParticipantInfo, Room, RoomParticipantIdentity};
use prost::Message;

use super::service::claims;

#[derive(Default)]
pub struct Rooms {
    created: Mutex<Vec<CreateRoomRequest>>,
    refuses: Mutex<bool>,
}

/// A running SFU; its task ends with the test's runtime.
pub struct Sfu {
    pub address: SocketAddr,
    rooms: Arc<Rooms>,
}

impl Sfu {
    pub async fn start() -> Self {
        let rooms = Arc::new(Rooms::default());
        let app = Router::new()
            .route(
                "/sfu/twirp/livekit.RoomService/CreateRoom",
                post(create_room),
            )
            .route(
                "/sfu/twirp/livekit.RoomService/GetParticipant",
                post(get_participant),
            )
            .with_state(rooms.clone());
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, rooms }
    }

    /// What clients connect to; the API is under the same path.
    pub fn url(&self) -> String {
        format!("ws://{}/sfu", self.address)
    }

    /// The rooms it was asked to open.
    pub fn created(&self) -> Vec<CreateRoomRequest> {
        self.rooms.created.lock().unwrap().clone()
    }

    /// From now on it opens none.
    pub fn refuse(&self) {
        *self.rooms.refuses.lock().unwrap() = true;
    }
}

async fn create_room(State(rooms): State<Arc<Rooms>>, headers: HeaderMap, body: Bytes) -> Response {
    let claims = claims(bearer(&headers));
    assert_eq!(claims["video"], serde_json::json!({"roomCreate": true}));
    if *rooms.refuses.lock().unwrap() {
        let error = r#"{"code":"internal","msg":"no"}"#;
        return (StatusCode::INTERNAL_SERVER_ERROR, error).into_response();
    }
    let request = CreateRoomRequest::decode(body).unwrap();
    let room = Room {
        name: request.name.clone(),
        ..Room::default()
    };
    rooms.created.lock().unwrap().push(request);
    protobuf(&room)
}

/// Everybody asked for is there.
async fn get_participant(headers: HeaderMap, body: Bytes) -> Response {
    let request = RoomParticipantIdentity::decode(body).unwrap();
    let claims = claims(bearer(&headers));
    let grant = serde_json::json!({"roomAdmin": true, "room": request.room});
    assert_eq!(claims["video"], grant);
    protobuf(&ParticipantInfo {
        identity: request.identity,
        ..ParticipantInfo::default()
    })
}

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers[AUTHORIZATION].to_str().unwrap();
    value.strip_prefix("Bearer ").unwrap()
}

fn protobuf(message: &impl Message) -> Response {
    let header = [(CONTENT_TYPE, "application/protobuf")];
    (header, message.encode_to_vec()).into_response()
}
