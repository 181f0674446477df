//! What an operator can graph, in the OpenMetrics format. Labels come from closed lists: no name that a client could
//! choose is one.

mod process;

use std::{fmt, sync::atomic::AtomicU64, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

pub use process::ProcessUsage;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Last line of every answer.
const END: &str = "# EOF\n";

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

    /// A number as it is now.
    pub fn gauge(&mut self, name: &str, help: &str, value: u64) {
        let gauge = Gauge::<u64, AtomicU64>::default();
        gauge.set(value);
        self.registry.register(name, help, gauge);
    }

    /// Numbers as they are now, told apart by `label`.
    pub fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        let family = Family::<[(&'static str, &'static str); 1], Gauge<u64, AtomicU64>>::default();
        for (of, value) in values {
            family.get_or_create(&[(label, of)]).set(value);
        }
        self.registry.register(name, help, family);
    }

    /// A measure as it is now, in `unit` (which becomes the end of the name).
    pub fn measure(&mut self, name: &str, help: &str, unit: Unit, value: f64) {
        let gauge = Gauge::<f64, AtomicU64>::default();
        gauge.set(value);
        self.registry.register_with_unit(name, help, unit, gauge);
    }

    /// A total that was counted elsewhere; its name ends with `_total`.
    pub fn counter(&mut self, name: &str, help: &str, total: u64) {
        let counter = Counter::<u64, AtomicU64>::default();
        counter.inc_by(total);
        self.registry.register(name, help, counter);
    }

    /// Totals that were counted elsewhere, told apart by `label`.
    pub fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        totals: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        let family =
            Family::<[(&'static str, &'static str); 1], Counter<u64, AtomicU64>>::default();
        for (of, total) in totals {
            family.get_or_create(&[(label, of)]).inc_by(total);
        }
        self.registry.register(name, help, family);
    }

    /// Which version runs, and what else stays the same while it does.
    pub fn build_info(&mut self, version: &str, facts: &[(&'static str, &str)]) {
        let labels: Vec<(&'static str, String)> = [("version", version)]
            .iter()
            .chain(facts)
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let family = Family::<Vec<(&'static str, String)>, Gauge>::default();
        family.get_or_create(&labels).set(1);
        self.registry.register("build_info", "Always 1", family);
    }

    /// What this process takes from its machine.
    pub fn process(&mut self) {
        let usage = ProcessUsage::now();
        let cpu = Counter::<f64, AtomicU64>::default();
        cpu.inc_by(usage.cpu_seconds);
        self.registry.register_with_unit(
            "process_cpu",
            "Processor time since the start",
            Unit::Seconds,
            cpu,
        );
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Resident memory",
                usage.memory_bytes,
            ),
            ("process_open_fds", "Open files and sockets", usage.open_fds),
            (
                "process_max_fds",
                "Files and sockets that may be open",
                usage.max_fds,
            ),
        ] {
            if let Some(value) = value {
                self.gauge(name, help, value);
            }
        }
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
            Ok(text) => answer(text),
            Err(error) => {
                tracing::error!(%error, "the metrics cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A text in the OpenMetrics format as an answer.
pub fn answer(text: String) -> Response {
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}

/// Texts of several services as one; their names must begin with prefixes of their own.
pub fn joined(texts: impl IntoIterator<Item = String>) -> String {
    let mut all = String::new();
    for text in texts {
        all.push_str(text.strip_suffix(END).unwrap_or(&text));
    }
    all.push_str(END);
    all
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
