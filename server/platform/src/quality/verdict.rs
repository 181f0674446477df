//! Says in plain statements what samples show. Pure: samples in, statements out.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{QualitySample, SAMPLE, ServerSample};
use crate::clock::Timestamp;

/// Samples that are further apart are two stories.
const GAP: i64 = 3 * SAMPLE;

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// What they sent got lost: others heard and saw them badly. `value` is thousandths.
    LossUp,
    /// What was sent to them got lost: they heard and saw badly. `value` is thousandths.
    LossDown,
    /// Answers took long: people talk at the same time. `value` is milliseconds.
    SlowRoute,
    /// Packets came unevenly: sound breaks. `value` is milliseconds.
    Jitter,
    /// Pictures stood still. `value` is milliseconds of every ten seconds.
    Frozen,
}

/// One plain statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verdict {
    pub trouble: Trouble,
    pub from: Timestamp,
    pub to: Timestamp,
    /// The mean of that time.
    pub value: i64,
}

/// From where on it is worth a word, and how a sample tells it.
type Rule = (Trouble, i64, fn(&QualitySample) -> Option<i64>);

// From a twentieth lost on, Opus can no longer hide it; from 400 ms on (ITU-T G.114) a conversation suffers.
const RULES: [Rule; 5] = [
    (Trouble::LossUp, 50, |sample| sample.loss_up),
    (Trouble::LossDown, 50, |sample| sample.loss_down),
    (Trouble::SlowRoute, 400, |sample| sample.rtt),
    (Trouble::Jitter, 60, |sample| sample.jitter),
    (Trouble::Frozen, 2_000, |sample| Some(sample.frozen)),
];

/// What the page measured and, of times that it did not tell of, what the media server counted.
pub fn known(measured: &[QualitySample], counted: &[ServerSample]) -> Vec<QualitySample> {
    let told: HashSet<_> = measured.iter().map(|sample| sample.at).collect();
    let counted = counted.iter().filter(|sample| !told.contains(&sample.at));
    let mut all: Vec<_> = counted.copied().map(QualitySample::from).collect();
    all.extend(measured);
    all.sort_by_key(|sample| sample.at);
    all
}

impl From<ServerSample> for QualitySample {
    fn from(sample: ServerSample) -> Self {
        QualitySample {
            at: sample.at,
            loss_up: sample.loss_up,
            loss_down: sample.loss_down,
            rtt: sample.rtt,
            jitter: sample.jitter,
            bitrate_up: sample.bitrate_up,
            bitrate_down: sample.bitrate_down,
            frozen: 0,
            route: None,
        }
    }
}

/// What the samples, which stand for `step` milliseconds each and are in their order, show; the earliest first.
pub fn verdicts(samples: &[QualitySample], step: i64) -> Vec<Verdict> {
    let mut all: Vec<Verdict> = RULES
        .iter()
        .flat_map(|rule| of_rule(*rule, samples, step))
        .collect();
    all.sort_by_key(|verdict| verdict.from);
    all
}

fn of_rule((trouble, worth, tell): Rule, samples: &[QualitySample], step: i64) -> Vec<Verdict> {
    let mut found = Vec::new();
    let mut open: Option<(Verdict, i64)> = None;
    let bad = samples
        .iter()
        .filter_map(|sample| Some((sample.at, tell(sample).filter(|value| *value >= worth)?)));
    for (at, value) in bad {
        let to = Timestamp(at.0 + step);
        match &mut open {
            Some((verdict, count)) if at.0 - verdict.to.0 < GAP.max(step) => {
                verdict.to = to;
                verdict.value += value;
                *count += 1;
            }
            _ => {
                found.extend(open.take().map(closed));
                let verdict = Verdict {
                    trouble,
                    from: at,
                    to,
                    value,
                };
                open = Some((verdict, 1));
            }
        }
    }
    found.extend(open.map(closed));
    found
}

fn closed((mut verdict, count): (Verdict, i64)) -> Verdict {
    verdict.value /= count;
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: i64, loss_up: i64, rtt: i64) -> QualitySample {
        QualitySample {
            at: Timestamp(second * 1000),
            loss_up: Some(loss_up),
            loss_down: None,
            rtt: Some(rtt),
            jitter: Some(5),
            bitrate_up: 1,
            bitrate_down: 1,
            frozen: 0,
            route: None,
        }
    }

    #[test]
    fn trouble_that_goes_on_is_one_statement_and_later_trouble_another() {
        let samples = [
            sample(0, 0, 30),
            sample(10, 100, 30),
            sample(20, 140, 30),
            // One good moment between bad ones ends nothing.
            sample(30, 0, 30),
            sample(40, 120, 500),
            sample(50, 0, 30),
            sample(200, 60, 30),
        ];
        let told: Vec<_> = verdicts(&samples, SAMPLE)
            .into_iter()
            .map(|told| (told.trouble, told.from.0, told.to.0, told.value))
            .collect();
        assert_eq!(
            told,
            [
                (Trouble::LossUp, 10_000, 50_000, 120),
                (Trouble::SlowRoute, 40_000, 50_000, 500),
                (Trouble::LossUp, 200_000, 210_000, 60),
            ]
        );
    }

    #[test]
    fn what_the_page_did_not_tell_the_server_did() {
        let counted = |second: i64, loss_up: i64| ServerSample {
            at: Timestamp(second * 1000),
            loss_up: Some(loss_up),
            loss_down: None,
            rtt: None,
            jitter: None,
            bitrate_up: 1,
            bitrate_down: 1,
        };
        // The page's last words were of the tenth second; then it crashed.
        let measured = [sample(0, 0, 30), sample(10, 100, 30)];
        let server = [counted(0, 900), counted(10, 900), counted(20, 200)];
        let told = verdicts(&known(&measured, &server), SAMPLE);
        let told: Vec<_> = told
            .iter()
            .map(|told| (told.from.0, told.to.0, told.value))
            .collect();
        assert_eq!(told, [(10_000, 30_000, 150)]);
    }

    #[test]
    fn a_good_call_has_nothing_to_say() {
        let samples: Vec<_> = (0..100).map(|n| sample(n * 10, 20, 120)).collect();
        assert_eq!(verdicts(&samples, SAMPLE), []);
        assert_eq!(verdicts(&[], SAMPLE), []);
    }
}
