//! How often packets were asked for again since the last report, of totals that start anew with each stream.

use std::collections::HashMap;

use str0m::media::{Mid, Rid};

/// The totals of the last reports.
#[derive(Debug, Default)]
pub(super) struct Nacks {
    sent: Totals,
    received: Totals,
}

type Totals = HashMap<(Mid, Option<Rid>), u64>;

impl Nacks {
    /// What is new in `total` of those that we sent for an incoming stream.
    pub(super) fn sent(&mut self, mid: Mid, rid: Option<Rid>, total: u64) -> u64 {
        since(&mut self.sent, (mid, rid), total)
    }

    /// What is new in `total` of those that the client sent for an outgoing stream.
    pub(super) fn received(&mut self, mid: Mid, rid: Option<Rid>, total: u64) -> u64 {
        since(&mut self.received, (mid, rid), total)
    }
}

fn since(totals: &mut Totals, stream: (Mid, Option<Rid>), total: u64) -> u64 {
    let before = totals.insert(stream, total).unwrap_or(0);
    // Another track plays on the m-line: its total began at nothing.
    total.checked_sub(before).unwrap_or(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_counts_also_when_a_stream_starts_anew() {
        let mut nacks = Nacks::default();
        let (audio, video) = (Mid::from("0"), Mid::from("1"));
        let rid = Some(Rid::from("h"));
        assert_eq!(nacks.sent(video, rid, 5), 5);
        assert_eq!(nacks.sent(video, rid, 7), 2);
        assert_eq!(nacks.sent(video, None, 1), 1);
        assert_eq!(nacks.sent(audio, None, 0), 0);
        assert_eq!(nacks.received(video, rid, 4), 4);
        assert_eq!(nacks.sent(video, rid, 3), 3, "a new stream");
    }
}
