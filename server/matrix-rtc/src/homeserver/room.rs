//! Room in a bounded memory: names are chosen by strangers, who must neither fill it nor keep others out.

use std::{collections::HashMap, hash::Hash};

use tokio::time::Instant;

/// Leaves room for one more entry below `most`, by letting go of the one with the earliest time.
pub fn make_room<K: Clone + Eq + Hash, V>(
    memory: &mut HashMap<K, V>,
    most: usize,
    time: impl Fn(&V) -> Instant,
) {
    while memory.len() >= most {
        let earliest = memory.iter().min_by_key(|(_, value)| time(value));
        let Some(key) = earliest.map(|(key, _)| key.clone()) else {
            return;
        };
        memory.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_entry_with_the_earliest_time_makes_room() {
        let now = Instant::now();
        let mut memory: HashMap<_, _> = (1..=3)
            .map(|number| (number, now + Duration::from_secs(number)))
            .collect();
        make_room(&mut memory, 4, |time| *time);
        assert_eq!(memory.len(), 3);
        make_room(&mut memory, 3, |time| *time);
        assert!(memory.len() == 2 && !memory.contains_key(&1));
        make_room(&mut memory, 0, |time| *time);
        assert!(memory.is_empty());
    }
}
