//! `If-Match`: changes something only while it is as the caller last saw it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use utoipa::IntoParams;

use crate::clock::Timestamp;

/// The states that the caller allows the change in.
#[derive(Debug, Clone, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// `"<updated_at>"` as last seen, in quotes: answered 412 when somebody changed it since.
    /// Without it the change is made in any case.
    #[param(rename = "if-match", value_type = Option<String>, example = "\"1790000000000\"")]
    allowed: Option<Vec<String>>,
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> IfMatch {
        let mut values = headers.get_all(header::IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return IfMatch { allowed: None };
        }
        let tags = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
        IfMatch {
            allowed: Some(tags.map(|tag| tag.trim().to_owned()).collect()),
        }
    }

    /// Whether the change may be made to what was last changed at `updated_at`.
    pub fn allows(&self, updated_at: Timestamp) -> bool {
        let current = format!("\"{}\"", updated_at.0);
        self.allowed
            .as_ref()
            .is_none_or(|tags| tags.iter().any(|tag| *tag == current || tag == "*"))
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IfMatch, Infallible> {
        Ok(IfMatch::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn allows(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static(value));
        IfMatch::of(&headers).allows(Timestamp(7))
    }

    #[test]
    fn only_the_state_that_was_seen_is_changed() {
        assert!(IfMatch::of(&HeaderMap::new()).allows(Timestamp(7)));
        assert!(allows("\"7\""));
        assert!(allows("\"6\", \"7\""));
        assert!(allows("*"));
        // Weak tags never match here (RFC 9110), nor does what is no tag.
        for other in ["\"6\"", "W/\"7\"", "7", ""] {
            assert!(!allows(other), "{other}");
        }
    }
}
