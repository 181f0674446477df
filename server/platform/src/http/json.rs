//! Parsed and checked input: a JSON body or a query string, with every refused field named.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use garde::Validate;
use http::{StatusCode, header, request::Parts};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::{FieldError, Problem, objects::Objects};

/// A JSON body that passed its `garde` rules; as an answer, plain JSON.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the body as application/json.",
            ));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                // The length limit is the only one of these that the sender can mend.
                match rejection {
                    BytesRejection::FailedToBufferBody(cause)
                        if cause.status() == StatusCode::PAYLOAD_TOO_LARGE =>
                    {
                        Problem::new(
                            StatusCode::PAYLOAD_TOO_LARGE,
                            "payload_too_large",
                            "The body is too large.",
                        )
                    }
                    _ => Problem::new(
                        StatusCode::BAD_REQUEST,
                        "body_unreadable",
                        "The body ended before it was complete.",
                    ),
                }
            })?;
        let mut deserializer = serde_json::Deserializer::from_slice(&body);
        let value: T = serde_path_to_error::deserialize(Objects(&mut deserializer))
            .map_err(|error| malformed(&error.path().to_string(), error.inner()))?;
        deserializer.end().map_err(|error| malformed(".", &error))?;
        check(&value)?;
        Ok(Json(value))
    }
}

/// A query string that passed its `garde` rules.
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        let axum::extract::Query(value) =
            axum::extract::Query::<T>::from_request_parts(parts, state)
                .await
                .map_err(|rejection| {
                    Problem::invalid_field("query", "invalid", rejection.body_text())
                })?;
        check(&value)?;
        Ok(Query(value))
    }
}

fn is_json(request: &Request) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

pub(super) fn malformed(path: &str, error: &serde_json::Error) -> Problem {
    match error.classify() {
        serde_json::error::Category::Data => {
            // The position is for programmers; the field says it better.
            let detail = error.to_string();
            let detail = detail.split(" at line ").next().unwrap_or_default();
            // serde blames the object for a field that is missing or too much.
            let named = [
                ("missing field `", "missing"),
                ("unknown field `", "unknown"),
            ]
            .into_iter()
            .find_map(|(start, code)| {
                let (name, _) = detail.strip_prefix(start)?.split_once('`')?;
                Some((name, code))
            });
            match (named, path) {
                (Some((name, code)), ".") => Problem::invalid_field(name, code, detail),
                (Some((name, code)), _) => {
                    // For an unknown field the path ends with its name already.
                    let object = path
                        .strip_suffix(name)
                        .unwrap_or(path)
                        .trim_end_matches('.');
                    let field = if object.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{object}.{name}")
                    };
                    Problem::invalid_field(field, code, detail)
                }
                (None, ".") => Problem::invalid_field("body", "invalid", detail),
                (None, _) => Problem::invalid_field(path, "invalid", detail),
            }
        }
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_json",
            format!("The body is not JSON: {error}."),
        ),
    }
}

fn check<T: Validate<Context = ()>>(value: &T) -> Result<(), Problem> {
    value.validate().map_err(|report| {
        Problem::invalid(
            report
                .iter()
                .map(|(path, error)| FieldError {
                    field: path.to_string(),
                    code: "invalid",
                    detail: error.message().to_owned(),
                })
                .collect(),
        )
    })
}

/// For a body that changes things: a field that is there is a change, also where it is `null`.
#[expect(
    clippy::option_option,
    reason = "left out, null and a value are three things"
)]
pub fn given<'de, D, Value>(deserializer: D) -> Result<Option<Option<Value>>, D::Error>
where
    D: Deserializer<'de>,
    Value: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
