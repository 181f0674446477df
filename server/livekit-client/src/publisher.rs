//! Passes what a publisher over HTTP asks (WHIP, RFC 9725) on to the server. It must not log the address of a request: it
//! may hold a stream key.

use axum::extract::Request;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use tokio::time::timeout;

use crate::{
    CallError, SignalProxy, SignalProxyError, Visitor,
    signal_proxy::{HEAD_TIMEOUT, forwarded_headers},
};

/// What of an encoder's request is for the server, besides who it is.
const REQUEST_HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::IF_MATCH];
/// What of the answer is for the encoder.
const ANSWER_HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::ETAG,
    header::LINK,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("accept-patch"),
];
/// A session description, however long.
const LARGEST_ANSWER: usize = 1024 * 1024;

impl SignalProxy {
    /// Passes one request on, whatever its method and path, and answers what the server does.
    pub async fn pass_publisher(
        &self,
        request: Request<Bytes>,
        visitor: &Visitor<'_>,
    ) -> Result<Response<Bytes>, SignalProxyError> {
        let (parts, body) = request.into_parts();
        let url = self.address_of(&parts.uri)?;
        let mut headers = forwarded_headers(&parts.headers, visitor);
        headers.extend(picked(&parts.headers, &REQUEST_HEADERS));
        let sent = self.http.request(parts.method, url).headers(headers);
        let answered = async {
            let mut answer = sent.body(body).send().await?;
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await? {
                if body.len() + chunk.len() > LARGEST_ANSWER {
                    return Err(CallError::Nonsense("WHIP: a long answer".to_owned()));
                }
                body.extend_from_slice(&chunk);
            }
            Ok((answer.status(), answer.headers().clone(), body))
        };
        let answered = timeout(HEAD_TIMEOUT, answered).await;
        let (status, headers, body) = answered.map_err(|_elapsed| CallError::Deadline)??;
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        response
            .headers_mut()
            .extend(picked(&headers, &ANSWER_HEADERS));
        Ok(response)
    }
}

fn picked<'a>(
    from: &'a HeaderMap,
    names: &'a [HeaderName],
) -> impl Iterator<Item = (HeaderName, HeaderValue)> + 'a {
    names.iter().flat_map(|name| {
        let values = from.get_all(name).into_iter();
        values.map(|value| (name.clone(), value.clone()))
    })
}
