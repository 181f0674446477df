//! Shares a subscriber's bandwidth among its video tracks: everyone gets the lowest layer before anyone gets more.
//!
//! It knows bitrates and priorities, not tracks or packets.

use super::layer::{Layer, MAX_SPATIAL, MAX_TEMPORAL};
use super::rate::Bitrates;

/// What bandwidth allows a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// No limit.
    Unlimited,
    /// At most this layer.
    Layer(Layer),
    /// Nothing.
    Paused,
}

/// One track that wants bandwidth.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// What each layer costs now; 0 where it is not sent.
    pub bitrates: Bitrates,
    /// The best layer the subscriber wants.
    pub max: Layer,
    /// Screen shares are served in full before all others.
    pub exempt: bool,
    /// Higher is served first: pinned and larger tracks.
    pub priority: u32,
}

impl Demand {
    /// The layers on offer within the wish, cheapest first; a dearer layer is always a better one.
    fn steps(&self) -> Vec<(Layer, u64)> {
        let mut steps = Vec::new();
        for (spatial, row) in (0u8..).zip(&self.bitrates).take(MAX_SPATIAL) {
            for (temporal, &bitrate) in (0u8..).zip(row).take(MAX_TEMPORAL) {
                let layer = Layer { spatial, temporal };
                let wanted = spatial <= self.max.spatial && temporal <= self.max.temporal;
                if wanted && bitrate > steps.last().map_or(0, |&(_, dearest)| dearest) {
                    steps.push((layer, bitrate));
                }
            }
        }
        steps
    }

    /// What the wanted layer costs, in bits per second.
    pub fn wanted_bitrate(&self) -> u64 {
        self.steps().last().map_or(0, |&(_, bitrate)| bitrate)
    }
}

/// Divides `budget` bits per second; the answers stand in the order of `demands`.
///
/// Without `allow_pause` every track keeps its lowest layer, even when the budget does not suffice.
pub fn allocate(budget: u64, demands: &[Demand], allow_pause: bool) -> Vec<Allocation> {
    let steps: Vec<_> = demands.iter().map(Demand::steps).collect();
    let mut order: Vec<usize> = (0..demands.len()).collect();
    order.sort_by_key(|&track| {
        let demand = &demands[track];
        (!demand.exempt, std::cmp::Reverse(demand.priority), track)
    });
    let mut left = budget;
    let mut chosen: Vec<Option<usize>> = vec![None; demands.len()];
    // Screen shares climb as far as they can, then all others start, then they climb in turns.
    for &track in order.iter().filter(|&&track| demands[track].exempt) {
        while climb(&steps[track], &mut chosen[track], &mut left) {}
    }
    for &track in &order {
        let started =
            chosen[track].is_some() || climb(&steps[track], &mut chosen[track], &mut left);
        if !started
            && !allow_pause
            && let Some(&(_, bitrate)) = steps[track].first()
        {
            left = left.saturating_sub(bitrate);
            chosen[track] = Some(0);
        }
    }
    loop {
        let mut any = false;
        for &track in &order {
            any |= chosen[track].is_some() && climb(&steps[track], &mut chosen[track], &mut left);
        }
        if !any {
            break;
        }
    }
    let answer = |(steps, chosen): (&Vec<(Layer, u64)>, &Option<usize>)| match *chosen {
        _ if steps.is_empty() => Allocation::Unlimited, // costs nothing yet: do not hold it back
        None => Allocation::Paused,
        Some(step) if step + 1 == steps.len() => Allocation::Unlimited,
        Some(step) => Allocation::Layer(steps[step].0),
    };
    steps.iter().zip(&chosen).map(answer).collect()
}

/// Takes the next step if the budget covers what it costs more.
fn climb(steps: &[(Layer, u64)], chosen: &mut Option<usize>, left: &mut u64) -> bool {
    let (next, spent) = chosen.map_or((0, 0), |step| (step + 1, steps[step].1));
    let Some(&(_, bitrate)) = steps.get(next) else {
        return false;
    };
    let more = bitrate - spent;
    if more > *left {
        return false;
    }
    *left -= more;
    *chosen = Some(next);
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAMERA: Bitrates = [
        [100_000, 150_000, 0, 0],
        [300_000, 450_000, 0, 0],
        [1_000_000, 1_600_000, 0, 0],
    ];

    fn camera(priority: u32) -> Demand {
        Demand {
            bitrates: CAMERA,
            max: Layer::HIGHEST,
            exempt: false,
            priority,
        }
    }

    fn layer(spatial: u8, temporal: u8) -> Allocation {
        Allocation::Layer(Layer { spatial, temporal })
    }

    #[test]
    fn enough_bandwidth_limits_nobody() {
        let shares = allocate(4_000_000, &[camera(0), camera(0)], false);
        assert_eq!(shares, [Allocation::Unlimited; 2]);
    }

    #[test]
    fn scarce_bandwidth_is_shared_before_anyone_gets_more() {
        assert_eq!(
            allocate(300_000, &[camera(0), camera(0)], false),
            [layer(0, 1), layer(0, 1)]
        );
        assert_eq!(
            allocate(450_000, &[camera(0), camera(5)], false),
            [layer(0, 1), layer(1, 0)]
        );
    }

    #[test]
    fn a_screen_share_is_served_first() {
        let screen = Demand {
            exempt: true,
            ..camera(0)
        };
        let shares = allocate(1_700_000, &[camera(9), screen], false);
        assert_eq!(shares, [layer(0, 0), Allocation::Unlimited]);
    }

    #[test]
    fn tracks_pause_only_when_that_is_allowed() {
        assert_eq!(
            allocate(120_000, &[camera(0), camera(1)], false),
            [layer(0, 0), layer(0, 0)]
        );
        assert_eq!(
            allocate(120_000, &[camera(0), camera(1)], true),
            [Allocation::Paused, layer(0, 0)]
        );
    }

    #[test]
    fn the_wish_bounds_the_share() {
        let small = Demand {
            max: Layer {
                spatial: 0,
                temporal: 3,
            },
            ..camera(0)
        };
        assert_eq!(small.wanted_bitrate(), 150_000);
        assert_eq!(allocate(150_000, &[small], false), [Allocation::Unlimited]);
    }

    #[test]
    fn a_track_that_is_not_measured_yet_is_not_held_back() {
        let fresh = Demand {
            bitrates: Bitrates::default(),
            ..camera(0)
        };
        assert_eq!(allocate(0, &[fresh], true), [Allocation::Unlimited]);
    }

    proptest! {
        #[test]
        fn the_budget_is_kept_when_pausing_is_allowed(
            budget in 0u64..5_000_000,
            tracks in proptest::collection::vec((0u64..9, any::<bool>(), 0u32..3, 0u8..3), 0..12),
        ) {
            let demands: Vec<_> = tracks.iter().map(|&(scale, exempt, priority, spatial)| Demand {
                bitrates: CAMERA.map(|row| row.map(|bitrate| bitrate * scale / 4)),
                max: Layer { spatial, temporal: 3 },
                exempt,
                priority,
            }).collect();
            let shares = allocate(budget, &demands, true);
            let cost: u64 = demands.iter().zip(shares).map(|(demand, share)| match share {
                Allocation::Unlimited => demand.wanted_bitrate(),
                Allocation::Paused => 0,
                Allocation::Layer(l) => {
                    demand.bitrates[usize::from(l.spatial)][usize::from(l.temporal)]
                }
            }).sum();
            prop_assert!(cost <= budget, "{} of {}", cost, budget);
        }
    }
}
