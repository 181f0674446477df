//! Answers with a file of a recording, or with the part of it that is asked for. It must not know where the file is.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    http::Problem,
    storage::{self, ByteRange, Wanted},
};

/// The file as it is answered.
pub struct Served<'a> {
    /// In bytes.
    pub size: u64,
    pub media_type: &'a str,
    /// Another one whenever the file is another.
    pub etag: &'a str,
}

/// The answer to a request with these headers; `read` gives the bytes of a part.
pub async fn answer(
    headers: &HeaderMap,
    served: &Served<'_>,
    read: impl AsyncFnOnce(ByteRange) -> Result<Body, Problem>,
) -> Result<Response, Problem> {
    let Served {
        size,
        media_type,
        etag,
    } = *served;
    let (status, range) = match storage::wanted(headers, size, etag) {
        Wanted::All => (StatusCode::OK, ByteRange::whole(size)),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let heads = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, heads).into_response());
        }
    };
    let mut answer = Response::new(read(range).await?);
    *answer.status_mut() = status;
    let mut add = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            answer.headers_mut().insert(name, value);
        }
    };
    add(header::CONTENT_TYPE, media_type);
    add(header::CONTENT_LENGTH, &range.length().to_string());
    add(header::ACCEPT_RANGES, "bytes");
    add(header::ETAG, etag);
    add(header::CACHE_CONTROL, "private, no-cache");
    if status == StatusCode::PARTIAL_CONTENT {
        let ByteRange { first, last } = range;
        let range = format!("bytes {first}-{last}/{size}");
        add(header::CONTENT_RANGE, &range);
    }
    Ok(answer)
}
