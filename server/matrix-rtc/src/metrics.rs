//! What an operator can graph. Labels come from closed lists: no name that a client could choose is one.

use std::{fmt, time::Duration};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::delayed_leave::{DelayedLeaves, Snapshot};

/// The media type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<EndpointLabel, Histogram>,
    homeservers: HomeserverMetrics,
}

/// What is counted of homeservers; cheap to clone.
#[derive(Clone)]
pub struct HomeserverMetrics {
    exchanges: Family<ExchangeLabels, Counter>,
    exchange_seconds: Family<PurposeLabel, Histogram>,
    circuits_opened: Counter,
    circuits_refused: Counter,
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

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ExchangeLabels {
    purpose: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PurposeLabel {
    purpose: &'static str,
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("convoke_matrix"),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            homeservers: HomeserverMetrics {
                exchanges: Family::default(),
                exchange_seconds: Family::new_with_constructor(seconds),
                circuits_opened: Counter::default(),
                circuits_refused: Counter::default(),
            },
        };
        let (registry, homeservers) = (&mut metrics.registry, &metrics.homeservers);
        registry.register("requests", "Answered requests", metrics.requests.clone());
        registry.register(
            "request_seconds",
            "Time to answer a request",
            metrics.request_seconds.clone(),
        );
        registry.register(
            "homeserver_requests",
            "Requests to homeservers",
            homeservers.exchanges.clone(),
        );
        registry.register(
            "homeserver_request_seconds",
            "Time until a homeserver answered or failed",
            homeservers.exchange_seconds.clone(),
        );
        registry.register(
            "homeserver_circuits_opened",
            "Homeservers given a pause after failures in a row",
            homeservers.circuits_opened.clone(),
        );
        registry.register(
            "homeserver_circuits_refused",
            "Lookups not made because the homeserver had a pause",
            homeservers.circuits_refused.clone(),
        );
        metrics
    }

    /// Lets the delayed leaves' own numbers appear too.
    pub fn include(&mut self, delayed_leaves: DelayedLeaves) {
        self.registry
            .register_collector(Box::new(DelayedLeavesCollector(delayed_leaves)));
    }

    /// A request was answered.
    pub fn answered(&self, endpoint: &'static str, status: u16, took: Duration) {
        self.requests
            .get_or_create(&RequestLabels { endpoint, status })
            .inc();
        self.request_seconds
            .get_or_create(&EndpointLabel { endpoint })
            .observe(took.as_secs_f64());
    }

    /// The part that is about homeservers.
    pub fn homeservers(&self) -> HomeserverMetrics {
        self.homeservers.clone()
    }

    /// All of it in the OpenMetrics format.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

impl HomeserverMetrics {
    /// A homeserver was asked.
    pub fn exchanged(&self, purpose: &'static str, outcome: &'static str, took: Duration) {
        self.exchanges
            .get_or_create(&ExchangeLabels { purpose, outcome })
            .inc();
        self.exchange_seconds
            .get_or_create(&PurposeLabel { purpose })
            .observe(took.as_secs_f64());
    }

    /// A homeserver gets a pause.
    pub fn circuit_opened(&self) {
        self.circuits_opened.inc();
    }

    /// A homeserver was not asked because of its pause.
    pub fn circuit_refused(&self) {
        self.circuits_refused.inc();
    }
}

/// From 1 ms to about 16 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 15))
}

struct DelayedLeavesCollector(DelayedLeaves);

impl fmt::Debug for DelayedLeavesCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DelayedLeavesCollector")
    }
}

impl Collector for DelayedLeavesCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let Snapshot {
            live,
            taken_over,
            restarts,
            failed_restarts,
            sends,
            failed_sends,
            failed_lookups,
            failed_writes,
        } = self.0.snapshot();
        let gauge = ConstGauge::new(u32::try_from(live).unwrap_or(u32::MAX));
        gauge.encode(encoder.encode_descriptor(
            "delayed_leaves",
            "Delayed leave events held",
            None,
            gauge.metric_type(),
        )?)?;
        for (name, help, total) in [
            (
                "delayed_leaves_taken_over",
                "Delayed leave events taken over",
                taken_over,
            ),
            (
                "delayed_leave_restarts",
                "Restarts that a homeserver accepted",
                restarts,
            ),
            (
                "delayed_leave_restarts_failed",
                "Delayed leave events given up",
                failed_restarts,
            ),
            (
                "delayed_leave_sends",
                "Leaves that a homeserver accepted",
                sends,
            ),
            (
                "delayed_leave_sends_failed",
                "Leaves that no homeserver accepted in time",
                failed_sends,
            ),
            (
                "delayed_leave_lookups_failed",
                "Lookups that the SFU did not answer",
                failed_lookups,
            ),
            (
                "delayed_leave_writes_failed",
                "Failed writes to the store",
                failed_writes,
            ),
        ] {
            let counter = ConstCounter::new(total);
            counter.encode(encoder.encode_descriptor(
                name,
                help,
                None,
                counter.metric_type(),
            )?)?;
        }
        Ok(())
    }
}
