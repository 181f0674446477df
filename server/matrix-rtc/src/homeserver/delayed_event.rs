//! Restarting, sending and cancelling delayed events (MSC4140) at a homeserver's client-server API.

use std::time::{Duration, SystemTime};

use futures::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode, header::RETRY_AFTER};
use http_edge::outbound::{Answer, Destination};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::time::timeout;
use url::Url;

use super::{Homeservers, LookupError, exchange::Question};
use crate::{
    delayed_leave::{ActError, Acted, Action, DelayedEvents},
    ids::{DelayId, ServerName},
};

const PATH: [&str; 5] = [
    "_matrix",
    "client",
    "unstable",
    "org.matrix.msc4140",
    "delayed_events",
];
const LARGEST_ANSWER: usize = 16 * 1024;
const ATTEMPT: Duration = Duration::from_secs(5);

/// `M_LIMIT_EXCEEDED` as homeservers wrote it before `Retry-After` was specified.
#[derive(Deserialize)]
struct LimitExceeded {
    retry_after_ms: u64,
}

impl DelayedEvents for Homeservers {
    fn act<'a>(
        &'a self,
        server: &'a ServerName,
        delay_id: &'a DelayId,
        action: Action,
    ) -> BoxFuture<'a, Result<Acted, ActError>> {
        Box::pin(async move {
            let base = self.client_api(server).await.map_err(|error| {
                tracing::debug!(%server, %error, "no client-server API");
                no_client_api(&error)
            })?;
            let transient = |error: &dyn std::fmt::Display| ActError::Transient(error.to_string());
            let destination = Destination::of_url(&base, self.reach(server))
                .map_err(|error| transient(&error))?;
            let question = Question {
                purpose: "delayed_event",
                method: Method::POST,
                path_and_query: path(&base, delay_id, action).ok_or(ActError::NoClientApi)?,
                largest_answer: LARGEST_ANSWER,
            };
            let answer = timeout(ATTEMPT, self.exchanges.ask(&destination, &question))
                .await
                .map_err(|_| transient(&"the homeserver does not answer"))?
                .map_err(|error| transient(&error))?;
            outcome(action, &answer, (self.wall_clock)())
        })
    }
}

/// A homeserver that is silent for a while is asked again; one that says that it has no client-server API is not.
fn no_client_api(error: &LookupError) -> ActError {
    match error {
        LookupError::CircuitOpen | LookupError::Unavailable(_) | LookupError::TimedOut => {
            ActError::Transient(error.to_string())
        }
        LookupError::Refused { .. }
        | LookupError::Denied(_)
        | LookupError::Nonsense
        | LookupError::Foreign(_) => ActError::NoClientApi,
    }
}

/// The id is one segment, whatever it holds: it must not lead to another endpoint.
fn path(base: &Url, delay_id: &DelayId, action: Action) -> Option<String> {
    let action = match action {
        Action::Restart => "restart",
        Action::Send => "send",
        Action::Cancel => "cancel",
    };
    let mut url = base.clone();
    url.path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(PATH)
        .push(delay_id.as_str())
        .push(action);
    Some(url.path().to_owned())
}

fn outcome(action: Action, answer: &Answer, now: SystemTime) -> Result<Acted, ActError> {
    match (answer.status, action) {
        (StatusCode::OK | StatusCode::NO_CONTENT, _) => Ok(Acted::Done),
        (StatusCode::NOT_FOUND, Action::Send | Action::Cancel) => Ok(Acted::AlreadyGone),
        (StatusCode::NOT_FOUND, Action::Restart) => Err(ActError::NotFound),
        (StatusCode::TOO_MANY_REQUESTS, _) => {
            Err(match pause(&answer.headers, &answer.body, now) {
                Some(pause) => ActError::RetryAfter(pause),
                None => ActError::Transient("the homeserver asks to wait".to_owned()),
            })
        }
        (status, _) => Err(ActError::Transient(format!(
            "the homeserver answers {status}"
        ))),
    }
}

/// `Retry-After` in seconds or as a date, else the body's `retry_after_ms`.
fn pause(headers: &HeaderMap, body: &[u8], now: SystemTime) -> Option<Duration> {
    let header = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    if let Some(text) = header {
        if let Ok(seconds) = text.parse::<i64>() {
            return Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
        }
        if let Ok(date) = OffsetDateTime::parse(text, &Rfc2822) {
            return Some(
                SystemTime::from(date)
                    .duration_since(now)
                    .unwrap_or_default(),
            );
        }
    }
    let limit: LimitExceeded = serde_json::from_slice(body).ok()?;
    (limit.retry_after_ms > 0).then(|| Duration::from_millis(limit.retry_after_ms))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use std::time::UNIX_EPOCH;

    use super::*;

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: retry_after
                .map(|value| (RETRY_AFTER, value.parse().unwrap()))
                .into_iter()
                .collect(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn an_id_cannot_lead_to_another_endpoint() {
        let at = |base: &str, id: &str| {
            path(
                &Url::parse(base).unwrap(),
                &DelayId::parse(id).unwrap(),
                Action::Send,
            )
            .unwrap()
        };
        let prefix = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events";
        assert_eq!(at("https://a", "x"), format!("{prefix}/x/send"));
        assert_eq!(at("https://a/b/", "x"), format!("/b{prefix}/x/send"));
        assert_eq!(
            at("https://a", "../../v3/logout?#"),
            format!("{prefix}/..%2F..%2Fv3%2Flogout%3F%23/send")
        );
    }

    #[test]
    fn a_missing_event_means_different_things_to_send_and_restart() {
        let of = |action, status| outcome(action, &answer(status, None, ""), UNIX_EPOCH);
        assert_eq!(of(Action::Send, 200), Ok(Acted::Done));
        assert_eq!(of(Action::Restart, 204), Ok(Acted::Done));
        assert_eq!(of(Action::Send, 404), Ok(Acted::AlreadyGone));
        assert_eq!(of(Action::Cancel, 404), Ok(Acted::AlreadyGone));
        assert_eq!(of(Action::Restart, 404), Err(ActError::NotFound));
        for status in [201, 302, 400, 403, 408, 500, 503] {
            assert!(
                matches!(of(Action::Send, status), Err(ActError::Transient(_))),
                "{status}"
            );
        }
    }

    #[test]
    fn a_homeserver_may_say_in_three_ways_how_long_to_wait() {
        let of = |retry_after, body| {
            let answer = answer(429, retry_after, body);
            outcome(Action::Send, &answer, UNIX_EPOCH + Duration::from_mins(1))
        };
        let wait = |seconds| Err(ActError::RetryAfter(Duration::from_secs_f64(seconds)));
        assert_eq!(of(Some("7"), ""), wait(7.0));
        assert_eq!(of(Some("-7"), ""), wait(0.0));
        assert_eq!(of(Some("Thu, 01 Jan 1970 00:01:30 GMT"), ""), wait(30.0));
        assert_eq!(of(Some("Thu, 01 Jan 1970 00:00:30 GMT"), ""), wait(0.0));
        assert_eq!(
            of(
                None,
                r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}"#
            ),
            wait(1.5)
        );
        assert!(matches!(
            of(Some("soon"), "{}"),
            Err(ActError::Transient(_))
        ));
    }
}
