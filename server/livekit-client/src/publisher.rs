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
        let path = parts.uri.path();
        if !is_plain(path) {
            return Err(SignalProxyError::Malformed);
        }
        let mut url = self.endpoint.address_of(path.trim_start_matches('/'));
        url.set_query(parts.uri.query());
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

/// Whether a path leads where it says: keys and ids are letters, digits and these two. Dots, backslashes and what is written
/// with a percent sign would be resolved on the way, to whatever else the server has.
fn is_plain(path: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/');
    path.bytes().all(is_of_word)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_be_resolved_on_the_way_is_not_plain() {
        for good in ["/whip/v1", "/whip/v1/PA_a-b_9", "/w/Key/PA_1"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "/w/..\\whip\\v1",
            "/w/%2e%2e/metrics",
            "/w/.%2E/metrics",
            "/whip/v1/../../twirp",
            "/w/a;b",
            "/w/a b",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
