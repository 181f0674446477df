//! One call of the API, in the order of its checks: token, pin, delay, SIP status, failure, answer.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{
    HeaderMap, HeaderValue, Request, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use livekit_wire::Encoding;
use prost_reflect::DynamicMessage;
use serde_json::Value;
use tokio::{task::yield_now, time::sleep};

use crate::{
    body,
    control::{Control, FAIL_DELAY, FailMode},
    failure::Failure,
    message::{self, NotTheMessage},
    methods::{Messages, Method},
    permission,
    populate::populated,
    region::{Dropped, Region},
};

/// A call whose body is read.
struct Call<'a> {
    region: &'a Region,
    control: &'a Control,
    encoding: Encoding,
    /// Absent for a method of the future.
    method: Option<&'a Method>,
    /// Absent where nobody reads the request.
    request: Option<Result<DynamicMessage, NotTheMessage>>,
}

/// How a call ends when it does not end well.
enum End {
    Failed(Failure),
    Dropped,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Answers the call of the method `key`.
pub(crate) async fn answer(
    region: &Region,
    key: &str,
    request: Request<Body>,
) -> Result<Response, Dropped> {
    match served(region, key, request).await {
        Ok(response) => Ok(response),
        Err(End::Failed(failure)) => Ok(failure.into_response()),
        Err(End::Dropped) => Err(Dropped),
    }
}

async fn served(region: &Region, key: &str, request: Request<Body>) -> Result<Response, End> {
    let (parts, body) = request.into_parts();
    // First of all: a client that is still writing would not read a refusal.
    let body = body::read(body).await.map_err(Failure::Body)?;
    let control = region.control(&parts.headers).map_err(Failure::Control)?;
    let encoding = message::encoding(&parts.headers);
    let method = region.mock.methods.get(key);
    let messages = method.and_then(|method| method.messages.as_ref());
    let call = Call {
        region,
        control: &control,
        encoding,
        method,
        request: messages.map(|messages| message::decode(encoding, &messages.request, &body)),
    };

    call.authorize(&parts.headers)?;
    if control.pins_away(&region.name()) {
        return Err(Failure::PinnedElsewhere.into());
    }
    if let Some(latency) = call.latency() {
        sleep(latency).await;
    }
    let dials = method.is_some_and(|method| method.dial.is_some());
    if let Some(status) = control.sip_status.clone().filter(|_| dials) {
        return Err(Failure::Sip(status).into());
    }
    if control.fails(region.index) {
        return call.fail().await;
    }
    Ok(call.respond()?)
}

impl Call<'_> {
    fn message(&self) -> Option<&DynamicMessage> {
        self.request.as_ref()?.as_ref().ok()
    }

    fn authorize(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let Some(method) = self.method.filter(|_| !self.control.skip_auth) else {
            return Ok(());
        };
        let mock = &self.region.mock;
        let claims = permission::claims(headers, &mock.api_secret, (mock.clock)())
            .map_err(Failure::Token)?;
        method
            .grants
            .iter()
            .try_for_each(|grant| permission::check(*grant, &claims, self.message()))
            .map_err(Failure::Missing)
    }

    /// What is wished, else the method's natural latency.
    fn latency(&self) -> Option<Duration> {
        let natural = || self.method?.dial?.latency(self.message());
        self.control
            .delay
            .or_else(natural)
            .filter(|latency| !latency.is_zero())
    }

    async fn fail(&self) -> Result<Response, End> {
        match self.control.fail_mode {
            FailMode::Status => {}
            FailMode::Drop => return Err(End::Dropped),
            FailMode::Delay => sleep(self.control.fail_delay.unwrap_or(FAIL_DELAY)).await,
            FailMode::Truncate => return Ok(self.written()?.halved()),
        }
        let status = self
            .control
            .fail_status
            .unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let code = self
            .control
            .fail_twirp_code
            .clone()
            .filter(|code| !code.is_empty());
        Err(Failure::Asked(status, code).into())
    }

    fn respond(&self) -> Result<Response, Failure> {
        Ok(self.written()?.whole())
    }

    /// The good answer.
    fn written(&self) -> Result<Written<'_>, Failure> {
        let messages = self.method.and_then(|method| method.messages.as_ref());
        let body = match (messages, &self.request) {
            (Some(messages), Some(request)) => {
                let request = request
                    .as_ref()
                    .map_err(|error| Failure::Request(error.clone()))?;
                let message = self.message_of(messages, request)?;
                message::encode(self.encoding, &message).map_err(Failure::Encoding)?
            }
            // No bytes are any message's defaults.
            _ => match self.encoding {
                Encoding::Protobuf => Vec::new(),
                Encoding::Json => b"{}".to_vec(),
            },
        };
        Ok(Written {
            region: self.region,
            encoding: self.encoding,
            body: body.into(),
        })
    }

    fn message_of(
        &self,
        messages: &Messages,
        request: &DynamicMessage,
    ) -> Result<DynamicMessage, Failure> {
        match &self.control.response {
            None => Ok(populated(&messages.response, request)),
            Some(wished) => message::from_json(&messages.response, Value::Object(wished.clone()))
                .map_err(Failure::Response),
        }
    }
}

/// A good answer, ready to go.
struct Written<'a> {
    region: &'a Region,
    encoding: Encoding,
    body: Bytes,
}

impl Written<'_> {
    fn whole(self) -> Response {
        let content_type = HeaderValue::from_static(message::content_type(self.encoding));
        let headers = [(CONTENT_TYPE, content_type), self.region.header()];
        (headers, self.body).into_response()
    }

    /// Announced in full (one byte at least), and broken off after half of it.
    fn halved(self) -> Response {
        let announced = HeaderValue::from(self.body.len().max(1));
        let half = self.body.slice(..self.body.len() / 2);
        let broken = stream::once(async {
            // The first half is on its way before the connection breaks.
            yield_now().await;
            Err(Dropped)
        });
        let frames = stream::iter([Ok(half)]).chain(broken);
        let mut response = self.whole();
        response.headers_mut().insert(CONTENT_LENGTH, announced);
        *response.body_mut() = Body::from_stream(frames);
        response
    }
}
