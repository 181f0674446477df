//! Errors on the wire: RFC 9457 `application/problem+json`.
//!
//! An action has a closed error enum and one exhaustive `impl From<ItsError> for Problem`;
//! its handler returns `Result<_, Problem>` and lets `?` do the mapping.

use std::{borrow::Cow, fmt::Display, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::db::{self, DbError, Failure};

// A full disk is emptied by people, a database that went away is often back at once.
const RETRY_FULL: Duration = Duration::from_secs(30);
const RETRY_UNAVAILABLE: Duration = Duration::from_secs(2);

/// One refused field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Dotted path of the field, such as `media.audio`.
    pub field: String,
    /// Stable word for programs and translations.
    pub code: &'static str,
    /// A sentence for people, in English.
    pub detail: String,
}

/// An RFC 9457 problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    document: Box<Document>,
    retry_after: Option<Duration>,
}

/// The body of a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
struct Document {
    /// `urn:convoke:problem:<code>`
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    #[schema(value_type = u16)]
    #[serde(serialize_with = "status_as_number")]
    status: StatusCode,
    /// Stable word for programs and translations.
    code: &'static str,
    /// A sentence for people, in English.
    detail: String,
    /// The first refused field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Document::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Document::schemas(schemas);
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn status_as_number<S: serde::Serializer>(
    status: &StatusCode,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem with this status, stable code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        let document = Document {
            kind: format!("urn:convoke:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status,
            code,
            detail: detail.into(),
            field: None,
            errors: Vec::new(),
        };
        Problem {
            document: Box::new(document),
            retry_after: None,
        }
    }

    /// The same, said of one field of the input.
    pub fn about(mut self, field: &str) -> Problem {
        let document = &mut self.document;
        document.field = Some(field.to_owned());
        document.errors = vec![FieldError {
            field: field.to_owned(),
            code: document.code,
            detail: document.detail.clone(),
        }];
        self
    }

    /// Whether it says something of what was asked for, and not of the server.
    pub fn is_theirs(&self) -> bool {
        self.document.status.is_client_error()
    }

    /// 401: nobody is signed in.
    pub fn unauthenticated() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first.",
        )
    }

    /// 403: signed in, or not, this is not theirs to do.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: `what` names the missing thing, such as "room".
    pub fn not_found(what: &str) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}."),
        )
    }

    /// 412: the caller's `If-Match` names an older state.
    pub fn changed_meanwhile() -> Problem {
        Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed_meanwhile",
            "Somebody else changed this meanwhile. Look at it as it is now, then change it.",
        )
    }

    /// 422: every refused field at once.
    pub fn invalid(errors: Vec<FieldError>) -> Problem {
        let detail = match errors.first() {
            Some(first) => format!("{}: {}", first.field, first.detail),
            None => "The input is not valid.".to_owned(),
        };
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation_failed",
            detail,
        );
        problem.document.field = errors.first().map(|first| first.field.clone());
        problem.document.errors = errors;
        problem
    }

    /// 422 for one field.
    pub fn invalid_field(
        field: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Problem {
        Problem::invalid(vec![FieldError {
            field: field.into(),
            code,
            detail: detail.into(),
        }])
    }

    /// 429: too many tries; `retry_after` is rounded up to whole seconds.
    pub fn rate_limited(retry_after: Duration) -> Problem {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "Too many tries. Wait a little.",
        )
        .retry_after(retry_after)
    }

    /// 500: logs the cause, once, and shows none of it.
    pub fn internal(cause: &(impl Display + ?Sized)) -> Problem {
        tracing::error!(error = %cause, "request failed");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on the server; its log says what.",
        )
    }

    /// Adds a Retry-After header, in whole seconds and at least one.
    pub fn retry_after(mut self, wait: Duration) -> Problem {
        self.retry_after = Some(wait);
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.document.code
    }
}

impl From<DbError> for Problem {
    /// Logs the cause, once, and shows none of it.
    fn from(error: DbError) -> Problem {
        let problem = match db::failure(&error) {
            Failure::StorageFull => Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "The server's disk is full: nothing can be saved until there is room.",
            )
            .retry_after(RETRY_FULL),
            Failure::Unavailable => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The server's database does not answer. Try again in a moment.",
            )
            .retry_after(RETRY_UNAVAILABLE),
            Failure::ReferenceGone => Problem::new(
                StatusCode::CONFLICT,
                "deleted_meanwhile",
                "Something this needs was deleted a moment ago.",
            ),
            Failure::Unexpected => return Problem::internal(&error),
        };
        let code = problem.document.code;
        tracing::error!(code, %error, "request failed");
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.document.status, axum::Json(&self.document)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                headers.insert(header::RETRY_AFTER, value);
            }
        }
        response
    }
}
