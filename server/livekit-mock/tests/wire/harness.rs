//! A running mock and what is needed to talk to it.

use std::{
    sync::{LazyLock, Once},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use livekit_mock::{DefaultControl, Options, Server};
use livekit_wire::{Claims, VideoGrants, token::SipGrants};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, MethodDescriptor};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

pub const SECRET: &str = "secret";
pub const CREATE_ROOM: &str = "livekit.RoomService/CreateRoom";
pub const CREATE_SIP_PARTICIPANT: &str = "livekit.SIP/CreateSIPParticipant";
pub const TRANSFER_SIP_PARTICIPANT: &str = "livekit.SIP/TransferSIPParticipant";

/// Longer than anything here takes on a busy machine; only a failing test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// What is not to happen has not happened by then.
pub const A_WHILE: Duration = Duration::from_millis(400);

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let descriptors = include_bytes!("../../src/descriptors.binpb");
    DescriptorPool::decode(descriptors.as_slice()).unwrap()
});

/// Two regions.
pub struct Mock {
    pub urls: Vec<String>,
    pub default_control: DefaultControl,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Protobuf,
}

pub const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::Protobuf];

impl Encoding {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/protobuf",
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `X-Lk-Mock-Region`.
    pub region: Option<String>,
    pub content_type: String,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The message of a good answer, as JSON whatever it came in.
    pub fn message(&self, key: &str) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        if self.content_type == Encoding::Json.content_type() {
            return self.json();
        }
        assert_eq!(self.content_type, Encoding::Protobuf.content_type());
        let message =
            DynamicMessage::decode(method(key).unwrap().output(), self.body.clone()).unwrap();
        serde_json::to_value(message).unwrap()
    }

    /// Checks that no region served, and gives the Twirp code.
    pub fn failure(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.region.as_deref(),
            Some(""),
            "a failure names no region"
        );
        assert_eq!(self.content_type, "application/json");
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Mock {
    pub async fn start() -> Self {
        Self::with(options()).await
    }

    pub async fn with(options: Options) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // A second call fails when another test was first, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let server = Server::bind(options).await.unwrap();
        let urls = server.urls().to_vec();
        let default_control = server.default_control();
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(server.serve(shutdown.clone()));
        Self {
            urls,
            default_control,
            shutdown,
            running,
        }
    }

    /// Stops, and fails when something is left running.
    pub async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.running).await.unwrap().unwrap();
    }

    pub fn call(&self, key: &str) -> Call<'_> {
        Call {
            mock: self,
            region: 0,
            method: Method::POST,
            path: format!("/twirp/{key}"),
            encoding: Encoding::Json,
            headers: Vec::new(),
            key: key.to_owned(),
            body: None,
        }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        Call {
            method: Method::GET,
            path: path.to_owned(),
            ..self.call("")
        }
    }

    /// A call of CreateRoom that needs no token.
    pub fn create_room(&self) -> Call<'_> {
        self.call(CREATE_ROOM).header("X-Lk-Mock-Skip-Auth", "true")
    }
}

/// A request to be sent.
#[derive(Clone)]
pub struct Call<'a> {
    mock: &'a Mock,
    region: usize,
    method: Method,
    path: String,
    encoding: Encoding,
    headers: Vec<(String, String)>,
    key: String,
    body: Option<Bytes>,
}

impl Call<'_> {
    pub fn region(mut self, region: usize) -> Self {
        self.region = region;
        self
    }

    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn control(self, control: &Value) -> Self {
        self.header("X-Lk-Mock", control.to_string())
    }

    pub fn token(self, claims: &Claims) -> Self {
        let bearer = format!("Bearer {}", token(claims));
        self.header("Authorization", bearer)
    }

    /// The request, in either encoding; fields that it does not have are left out, and all where it has no descriptor.
    pub fn request(mut self, request: &Value) -> Self {
        if let Some(method) = method(&self.key) {
            let message = from_json(&method.input(), request);
            self.body = Some(match self.encoding {
                Encoding::Json => serde_json::to_vec(&message).unwrap().into(),
                Encoding::Protobuf => message.encode_to_vec().into(),
            });
        }
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it; an error when the connection broke.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{}", self.mock.urls[self.region], self.path);
        let mut request = reqwest::Client::new()
            .request(self.method, url)
            .timeout(PATIENCE);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if !self.key.is_empty() {
            let empty = match self.encoding {
                Encoding::Json => Bytes::from_static(b"{}"),
                Encoding::Protobuf => Bytes::new(),
            };
            request = request
                .header("Content-Type", self.encoding.content_type())
                .body(self.body.unwrap_or(empty));
        }
        let answer = request.send().await?;
        let header = |name: &str| {
            let value = answer.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        Ok(Answer {
            status: answer.status().as_u16(),
            region: header("X-Lk-Mock-Region"),
            content_type: header("Content-Type").unwrap_or_default(),
            body: answer.bytes().await?,
        })
    }

    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }

    /// The connection broke, for want of an answer rather than of patience.
    pub async fn breaks(self) {
        let error = self.try_send().await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
    }
}

pub fn options() -> Options {
    Options {
        ports: vec![0, 0],
        ..Options::loopback(SECRET.into(), SystemTime::now)
    }
}

fn method(key: &str) -> Option<MethodDescriptor> {
    let (service, method) = key.split_once('/').unwrap();
    let service = POOL.get_service_by_name(service)?;
    service
        .methods()
        .find(|candidate| candidate.name() == method)
}

fn from_json(message: &MessageDescriptor, json: &Value) -> DynamicMessage {
    let options = prost_reflect::DeserializeOptions::new().deny_unknown_fields(false);
    DynamicMessage::deserialize_with_options(message.clone(), json, &options).unwrap()
}

pub fn token(claims: &Claims) -> String {
    sign(claims, SECRET)
}

pub fn sign(claims: &Claims, secret: &str) -> String {
    let (now, valid_for) = (SystemTime::now(), Duration::from_mins(10));
    livekit_wire::token::sign(claims, "devkey", &secret.into(), now, valid_for).unwrap()
}

pub fn video(grants: VideoGrants) -> Claims {
    Claims {
        video: Some(grants),
        ..Claims::default()
    }
}

/// All the API asks for, in the room `r` and on to the room `dr`.
pub fn everything() -> Claims {
    let grants = VideoGrants {
        room_create: true,
        room_list: true,
        room_record: true,
        ingress_admin: true,
        room_admin: true,
        room: "r".to_owned(),
        destination_room: "dr".to_owned(),
        ..VideoGrants::default()
    };
    let sip = SipGrants {
        admin: true,
        call: true,
    };
    Claims {
        sip: Some(sip),
        ..video(grants)
    }
}

/// Says something under most of the names that answers echo.
pub fn request() -> Value {
    json!({
        "name": "n1", "room": "r", "room_name": "r", "identity": "me", "metadata": "md", "empty_timeout": 7,
        "max_participants": 3, "departure_timeout": 9, "destination_room": "dr", "sip_trunk_id": "ST_1",
        "egress_id": "EG_1", "ingress_id": "IN_1", "participant_identity": "pi", "participant_name": "pn",
        "sip_dispatch_rule_id": "SDR_1", "payload": "pl", "url": "u", "hide_phone_number": true,
        "enable_transcoding": true, "whatsapp_call_id": "wa",
    })
}
