//! Lets `instant-acme` speak through an HTTP client of ours.

use std::{error::Error as StdError, future::Future, pin::Pin};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

/// Chains and directories are some kilobytes.
const LARGEST_ANSWER: usize = 1 << 20;

pub(crate) struct Through(pub reqwest::Client);

impl HttpClient for Through {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes(),
                Err(never) => match never {},
            };
            let request = Request::from_parts(parts, body);
            let request = reqwest::Request::try_from(request).map_err(|error| told(&error))?;
            let mut answer = client
                .execute(request)
                .await
                .map_err(|error| told(&error))?;
            let mut head = Response::builder().status(answer.status());
            if let Some(headers) = head.headers_mut() {
                *headers = std::mem::take(answer.headers_mut());
            }
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(|error| told(&error))? {
                if body.len() + chunk.len() > LARGEST_ANSWER {
                    return Err(Error::Str("an answer of a sensible size"));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(head.body(Full::new(Bytes::from(body)))?.into())
        })
    }
}

/// With its causes: what a TLS library says of a certificate stands at the end of them.
fn told(error: &reqwest::Error) -> Error {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Error::Other(text.into())
}
