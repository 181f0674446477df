//! What an operator can graph, in the OpenMetrics format. Labels come from closed lists: no name that a client could
//! choose is one.

use std::{fmt, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that one service counts.
pub struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Nothing is counted yet; every name will begin with `prefix`.
    pub fn new(prefix: &str) -> Self {
        Self {
            registry: Registry::with_prefix(prefix),
        }
    }

    /// Where a service adds what only it counts.
    pub fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// All of it as text.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }

    /// All of it as an answer.
    pub fn answer(&self) -> Response {
        match self.text() {
            Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "the metrics cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Answered requests and how long they took; cheap to clone.
#[derive(Clone)]
pub struct Requests {
    answered: Family<RequestLabels, Counter>,
    seconds: Family<EndpointLabel, Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

impl Requests {
    /// None yet.
    pub fn new(metrics: &mut Metrics) -> Self {
        let requests = Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(seconds),
        };
        let registry = metrics.registry();
        registry.register("requests", "Answered requests", requests.answered.clone());
        registry.register(
            "request_seconds",
            "Time to answer a request",
            requests.seconds.clone(),
        );
        requests
    }

    /// One was answered.
    pub fn answered(&self, endpoint: &'static str, status: u16, took: Duration) {
        self.answered
            .get_or_create(&RequestLabels { endpoint, status })
            .inc();
        self.seconds
            .get_or_create(&EndpointLabel { endpoint })
            .observe(took.as_secs_f64());
    }
}

/// Times from 1 ms to about 16 s.
pub fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answered_requests_are_counted_by_endpoint_and_status() {
        let mut metrics = Metrics::new("convoke_test");
        let requests = Requests::new(&mut metrics);
        for status in [200, 200, 404] {
            requests.answered("/here", status, Duration::from_millis(3));
        }
        let text = metrics.text().unwrap();
        for line in [
            r#"convoke_test_requests_total{endpoint="/here",status="200"} 2"#,
            r#"convoke_test_requests_total{endpoint="/here",status="404"} 1"#,
            r#"convoke_test_request_seconds_bucket{le="0.002",endpoint="/here"} 0"#,
            r#"convoke_test_request_seconds_bucket{le="0.004",endpoint="/here"} 3"#,
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(metrics.answer().headers()[CONTENT_TYPE], OPEN_METRICS);
    }
}
