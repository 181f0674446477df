//! What is counted as it happens; the rest is asked for when somebody looks.

use std::time::Duration;

use http::StatusCode;
use http_edge::metrics::{Metrics, seconds};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
};

use super::gather::PREFIX;

/// Paths that are no route of ours: one label for all of them.
const NO_ROUTE: &str = "none";

/// Totals since the start.
pub struct Counters {
    metrics: Metrics,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<RouteLabel, Histogram>,
    sign_ins: Family<OutcomeLabel, Counter>,
    joins: Family<OutcomeLabel, Counter>,
    webhook_attempts: Family<OutcomeLabel, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

impl Default for Counters {
    fn default() -> Counters {
        let mut metrics = Metrics::new(PREFIX);
        let requests = Family::<RequestLabels, Counter>::default();
        let request_seconds =
            Family::<RouteLabel, Histogram>::new_with_constructor(seconds as fn() -> Histogram);
        let sign_ins = Family::<OutcomeLabel, Counter>::default();
        let joins = Family::<OutcomeLabel, Counter>::default();
        let webhook_attempts = Family::<OutcomeLabel, Counter>::default();
        let registry = metrics.registry();
        registry.register(
            "requests",
            "Answered requests by route and class of status",
            requests.clone(),
        );
        registry.register(
            "request_seconds",
            "Time until an answer begins",
            request_seconds.clone(),
        );
        registry.register("sign_ins", "Attempts to sign in", sign_ins.clone());
        registry.register(
            "joins",
            "Requests to join a room that got a token, or none",
            joins.clone(),
        );
        registry.register(
            "webhook_attempts",
            "Attempts to deliver an event to a webhook",
            webhook_attempts.clone(),
        );
        // There from the start: a rate needs a zero to begin with.
        for family in [&sign_ins, &joins] {
            for outcome in [DONE, REFUSED] {
                let _ = family.get_or_create(&OutcomeLabel { outcome });
            }
        }
        for outcome in [TAKEN, FAILED] {
            let _ = webhook_attempts.get_or_create(&OutcomeLabel { outcome });
        }
        Counters {
            metrics,
            requests,
            request_seconds,
            sign_ins,
            joins,
            webhook_attempts,
        }
    }
}

const DONE: &str = "done";
const REFUSED: &str = "refused";
const TAKEN: &str = "taken";
const FAILED: &str = "failed";

impl Counters {
    /// A request was answered; `route` is the pattern that it matched.
    pub fn answered(&self, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = route.unwrap_or(NO_ROUTE).to_owned();
        let labels = RequestLabels {
            route: route.clone(),
            status: class(status),
        };
        self.requests.get_or_create(&labels).inc();
        self.request_seconds
            .get_or_create(&RouteLabel { route })
            .observe(took.as_secs_f64());
    }

    /// Somebody tried to sign in.
    pub fn signed_in(&self, done: bool) {
        count(&self.sign_ins, if done { DONE } else { REFUSED });
    }

    /// Somebody asked to join a room.
    pub fn joined(&self, done: bool) {
        count(&self.joins, if done { DONE } else { REFUSED });
    }

    /// A webhook's receiver was asked.
    pub fn webhook_sent(&self, taken: bool) {
        count(&self.webhook_attempts, if taken { TAKEN } else { FAILED });
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

fn count(family: &Family<OutcomeLabel, Counter>, outcome: &'static str) {
    family.get_or_create(&OutcomeLabel { outcome }).inc();
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}
