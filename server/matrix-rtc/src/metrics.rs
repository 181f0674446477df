//! What the service counts of its own: homeservers and delayed leaves.

use std::{fmt, time::Duration};

use http_edge::metrics::{Metrics, seconds};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
};

use crate::delayed_leave::{Leaves, Snapshot};

/// What every name begins with.
pub const PREFIX: &str = "convoke_matrix";

/// What is counted of homeservers; cheap to clone.
#[derive(Clone)]
pub struct HomeserverMetrics {
    exchanges: Family<ExchangeLabels, Counter>,
    exchange_seconds: Family<PurposeLabel, Histogram>,
    circuits_opened: Counter,
    circuits_refused: Counter,
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

impl HomeserverMetrics {
    /// Everything at zero.
    pub fn new(metrics: &mut Metrics) -> Self {
        let homeservers = Self {
            exchanges: Family::default(),
            exchange_seconds: Family::new_with_constructor(seconds),
            circuits_opened: Counter::default(),
            circuits_refused: Counter::default(),
        };
        let registry = metrics.registry();
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
        homeservers
    }

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

/// Lets the delayed leaves' own numbers appear too.
pub fn include(metrics: &mut Metrics, delayed_leaves: Leaves) {
    metrics
        .registry()
        .register_collector(Box::new(DelayedLeavesCollector(delayed_leaves)));
}

struct DelayedLeavesCollector(Leaves);

impl fmt::Debug for DelayedLeavesCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DelayedLeavesCollector")
    }
}

impl Collector for DelayedLeavesCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let Snapshot {
            holds,
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
        let gauge = ConstGauge::new(u32::from(holds));
        gauge.encode(encoder.encode_descriptor(
            "delayed_leaves_holder",
            "Whether this process holds the delayed leave events: one of those that share them does",
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
