//! One call of the Egress service, as somebody made it or as a room wishes it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use livekit_wire::{Claims, Encoding, VideoGrants, token::sign, twirp::Code};
use prost::Message as _;
use serde::Deserialize;

use super::EgressClient;
use crate::ground::EgressRequest;

const TOKEN_LIFE: Duration = Duration::from_mins(1);
/// A day's recordings in one list.
const LARGEST_ANSWER: usize = 16 << 20;

/// What came back, whatever it says.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// How its body is to be read.
    pub content_type: Option<HeaderValue>,
    /// Its body, whole.
    pub body: Bytes,
}

/// Nothing came back. The text is what livekit-server says when no worker answers; the cause is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no response from servers")]
pub struct NoAnswer;

/// Why a recording was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Nobody answers.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// The server does not want to.
    #[error("{message}")]
    Refused {
        /// Twirp's code.
        code: Code,
        /// Its words.
        message: String,
    },
}

#[derive(Deserialize)]
struct TwirpBody {
    code: String,
    #[serde(default)]
    msg: String,
}

impl EgressClient {
    /// Makes a call in the caller's own bytes. Whether the caller may is decided before: the token is ours.
    pub async fn forward(
        &self,
        method: &str,
        encoding: Encoding,
        body: Bytes,
    ) -> Result<Answer, NoAnswer> {
        let mut address = self.url.clone();
        address.set_path(&format!("/twirp/livekit.Egress/{method}"));
        let content_type = match encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/protobuf",
        };
        let (api_key, secret) = self.keys.first();
        let now = (self.wall_clock)();
        let token = sign(&may_record(), api_key, secret, now, TOKEN_LIFE).map_err(|error| {
            tracing::error!(%error, "no token for the egress server");
            NoAnswer
        })?;
        let asked = self
            .http
            .post(address)
            .header(CONTENT_TYPE, content_type)
            .bearer_auth(token)
            .body(body)
            .send();
        match read(asked).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => {
                tracing::warn!(method, "the egress server's answer is too large");
                Err(NoAnswer)
            }
            Err(error) => {
                let error = causes(&error.without_url());
                tracing::warn!(method, error, "the egress server does not answer");
                Err(NoAnswer)
            }
        }
    }

    /// Starts a recording.
    pub async fn start(&self, request: &EgressRequest) -> Result<(), StartError> {
        let (method, body) = match request {
            EgressRequest::RoomComposite(request) => {
                ("StartRoomCompositeEgress", request.encode_to_vec())
            }
            EgressRequest::Participant(request) => {
                ("StartParticipantEgress", request.encode_to_vec())
            }
            EgressRequest::Track(request) => ("StartTrackEgress", request.encode_to_vec()),
        };
        let answer = self
            .forward(method, Encoding::Protobuf, body.into())
            .await?;
        if answer.status == StatusCode::OK {
            Ok(())
        } else {
            Err(refusal(&answer))
        }
    }
}

fn may_record() -> Claims {
    Claims {
        video: Some(VideoGrants {
            room_record: true,
            ..VideoGrants::default()
        }),
        ..Claims::default()
    }
}

/// `None` for more than anybody sends.
async fn read(
    asked: impl Future<Output = reqwest::Result<reqwest::Response>>,
) -> reqwest::Result<Option<Answer>> {
    let mut response = asked.await?;
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    let headers: &HeaderMap = response.headers();
    Ok(Some(Answer {
        status: response.status(),
        content_type: headers.get(CONTENT_TYPE).cloned(),
        body: body.freeze(),
    }))
}

fn refusal(answer: &Answer) -> StartError {
    match serde_json::from_slice::<TwirpBody>(&answer.body) {
        Ok(TwirpBody { code, msg }) => StartError::Refused {
            code: Code::from_word(&code).unwrap_or(Code::Unknown),
            message: msg,
        },
        Err(_) => StartError::Refused {
            code: Code::Internal,
            message: format!("the egress server answers {}", answer.status),
        },
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use livekit_wire::{ApiKeys, RoomName, RoomSid, egress::FORWARDER_WAITS, proto};
    use tokio::{net::TcpListener, sync::mpsc};

    use super::*;
    use crate::{egress::Launches, ground::EgressWish};

    /// Whoever connects waits for ever.
    async fn silent() -> (TcpListener, EgressClient) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let keys = ApiKeys::one("key".to_owned(), "secret".into());
        let client = EgressClient::new(url.parse().unwrap(), keys, || SystemTime::UNIX_EPOCH);
        (listener, client.unwrap())
    }

    fn wish(track: usize) -> EgressWish {
        EgressWish {
            room: RoomName::new("room"),
            room_sid: RoomSid::from_wire("RM_1".to_owned()),
            request: EgressRequest::Track(Box::new(proto::TrackEgressRequest {
                track_id: format!("TR_{track}"),
                ..proto::TrackEgressRequest::default()
            })),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_is_given_up() {
        let (_listener, client) = silent().await;
        let start = tokio::time::Instant::now();
        let answer = client.start(&wish(0).request).await;
        assert_eq!(answer, Err(StartError::NoAnswer(NoAnswer)));
        assert!(start.elapsed() >= FORWARDER_WAITS);
    }

    #[tokio::test(start_paused = true)]
    async fn every_wish_that_fails_is_told_however_many_there_are() {
        let (_listener, client) = silent().await;
        let (wishes, wished) = mpsc::channel(100);
        let (webhooks, mut told) = mpsc::unbounded_channel();
        let launches = Launches::start(Some(client), wished, webhooks, || SystemTime::UNIX_EPOCH);
        for track in 0..40 {
            wishes.try_send(wish(track)).unwrap();
        }
        let mut tracks = Vec::new();
        for _ in 0..40 {
            let info = told.recv().await.unwrap().egress_info.unwrap();
            assert_eq!(info.error, "no response from servers");
            let Some(proto::egress_info::Request::Track(request)) = info.request else {
                panic!("{info:?}")
            };
            tracks.push(request.track_id);
        }
        tracks.sort();
        tracks.dedup();
        assert_eq!(tracks.len(), 40);

        wishes.try_send(wish(40)).unwrap();
        drop(wishes);
        launches.ended().await;
        assert!(
            told.recv().await.is_none(),
            "the rooms are gone, so is who is told"
        );
    }
}
