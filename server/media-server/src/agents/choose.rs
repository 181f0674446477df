//! Which worker is asked first: by chance, the more likely the less it has to do (selectWorkerWeightedByLoad).

/// One of the workers, each with its load (1 is all it can do), by a number from 0 to 1. `None` where none has room.
pub fn choose<T>(workers: impl IntoIterator<Item = (T, f32)>, chance: f32) -> Option<T> {
    let mut free: Vec<(T, f32)> = workers
        .into_iter()
        .map(|(worker, load)| (worker, (1.0 - load).clamp(0.0, 1.0)))
        .filter(|(_, free)| *free > 0.0)
        .collect();
    let mut left = chance * free.iter().map(|(_, free)| free).sum::<f32>();
    let chosen = free.iter().position(|(_, free)| {
        left -= free;
        left <= 0.0
    });
    // Sums of fractions may miss the last one by a hair.
    let chosen = chosen.or(free.len().checked_sub(1))?;
    Some(free.swap_remove(chosen).0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_worker_with_less_to_do_is_asked_more_often() {
        let workers = [("busy", 0.75), ("idle", 0.25)];
        assert_eq!(choose(workers, 0.24), Some("busy"));
        assert_eq!(choose(workers, 0.26), Some("idle"));
        assert_eq!(choose(workers, 1.0), Some("idle"));
    }

    #[test]
    fn a_worker_that_can_do_no_more_is_never_asked() {
        assert_eq!(choose([("full", 1.0), ("over", 3.0)], 0.0), None);
        assert_eq!(choose([("full", 1.0), ("free", 0.9)], 0.0), Some("free"));
        assert_eq!(choose([("broken", f32::NAN)], 0.5), None);
    }

    proptest! {
        #[test]
        fn somebody_is_chosen_whenever_somebody_is_free(
            loads in proptest::collection::vec(0.0f32..1.5, 0..8), chance in 0.0f32..=1.0,
        ) {
            let some = loads.iter().any(|load| *load < 1.0);
            let chosen = choose(loads.iter().map(|load| (*load, *load)), chance);
            prop_assert_eq!(chosen.is_some(), some);
            prop_assert!(chosen.is_none_or(|load| load < 1.0));
        }
    }
}
