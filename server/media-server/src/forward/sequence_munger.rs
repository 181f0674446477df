//! Renumbers packets for one subscriber: no holes where we drop, real holes where the publisher's packets are missing.
//!
//! It knows sequence numbers only: not layers, not codecs.

use std::collections::VecDeque;

/// Spans kept; each dropped frame costs two, so this is seconds of history.
const MAX_SPANS: usize = 256;
/// Late packets further back than this are refused.
const WINDOW: u64 = 512;

/// Incoming numbers from `from` up to the next span share one fate.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: u64,
    /// Outgoing = incoming − offset (wrapping); `None`: these were dropped.
    offset: Option<u64>,
}

/// Where an accepted packet stands in the outgoing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Follows the last one directly.
    Next,
    /// Packets before it are missing.
    AfterGap,
    /// Fills a hole left earlier.
    Late,
}

/// Sequence numbers of one outgoing stream.
#[derive(Debug, Clone)]
pub struct SequenceMunger {
    spans: VecDeque<Span>,
    highest_in: u64,
    last_out: u64,
    /// Bit n: incoming number n modulo WINDOW was seen.
    seen: [u64; (WINDOW / 64) as usize],
}

impl SequenceMunger {
    /// The first packet will be sent as `first`.
    pub fn new(first: u16) -> Self {
        Self {
            spans: VecDeque::new(),
            highest_in: 0,
            // Out numbers start above zero so that late packets cannot go below it.
            last_out: u64::from(first & 0x7fff),
            seen: [0; (WINDOW / 64) as usize],
        }
    }

    /// The last outgoing number.
    pub const fn last_out(&self) -> u64 {
        self.last_out
    }

    /// From incoming number `seq` on, packets belong to another source; it follows the last packet without a hole.
    pub fn switch(&mut self, seq: u64) {
        self.spans.clear();
        self.spans.push_back(Span {
            from: seq,
            offset: Some(seq.wrapping_sub(self.last_out + 1)),
        });
        self.highest_in = seq.wrapping_sub(1);
        self.seen = [0; (WINDOW / 64) as usize];
    }

    /// How an incoming number would be ordered; `None` when it is a duplicate, was dropped, or is too old.
    pub fn order(&self, seq: u64) -> Option<Order> {
        self.place(seq).map(|(_, order)| order)
    }

    /// Numbers an incoming packet; `None` as for [`Self::order`].
    pub fn forward(&mut self, seq: u64) -> Option<u64> {
        let (out, order) = self.place(seq)?;
        if order != Order::Late {
            self.advance(seq);
        }
        // A late packet can be the furthest so far, when all after it were dropped.
        self.last_out = self.last_out.max(out);
        self.mark(seq);
        Some(out)
    }

    /// Drops an incoming packet and closes the gap that it would leave; late packets keep their hole.
    pub fn drop(&mut self, seq: u64) {
        let Some((_, Order::Next | Order::AfterGap)) = self.place(seq) else {
            return;
        };
        self.advance(seq);
        self.mark(seq);
        let Some(last) = self.spans.back().copied() else {
            return;
        };
        let offset = last.offset.map(|offset| offset.wrapping_add(1));
        let after_drop = self.spans.len() >= 2
            && last.from == seq
            && self.spans[self.spans.len() - 2].offset.is_none();
        if after_drop {
            // The run of dropped packets grows by one.
            if let Some(back) = self.spans.back_mut() {
                *back = Span {
                    from: seq + 1,
                    offset,
                };
            }
            return;
        }
        if last.from == seq {
            self.spans.pop_back();
        }
        self.spans.push_back(Span {
            from: seq,
            offset: None,
        });
        self.spans.push_back(Span {
            from: seq + 1,
            offset,
        });
        while self.spans.len() > MAX_SPANS {
            self.spans.pop_front();
        }
    }

    fn place(&self, seq: u64) -> Option<(u64, Order)> {
        // `highest_in` may be "one below zero" right after a switch to number zero.
        let ahead = seq.wrapping_sub(self.highest_in);
        let order = match ahead {
            0 => return None,
            1 => Order::Next,
            2..=0x7fff_ffff_ffff_ffff => Order::AfterGap,
            _ => Order::Late,
        };
        if order == Order::Late
            && (self.highest_in.wrapping_sub(seq) >= WINDOW || self.was_seen(seq))
        {
            return None;
        }
        let offset = self
            .spans
            .iter()
            .rev()
            .find(|span| span.from <= seq)?
            .offset?;
        Some((seq.wrapping_sub(offset), order))
    }

    /// Forgets the numbers that leave the window.
    fn advance(&mut self, seq: u64) {
        let steps = seq.wrapping_sub(self.highest_in);
        if steps >= WINDOW {
            self.seen = [0; (WINDOW / 64) as usize];
        } else {
            for skipped in 1..=steps {
                let number = self.highest_in.wrapping_add(skipped);
                let (word, bit) = Self::slot(number);
                self.seen[word] &= !bit;
            }
        }
        self.highest_in = seq;
    }

    fn mark(&mut self, seq: u64) {
        let (word, bit) = Self::slot(seq);
        self.seen[word] |= bit;
    }

    fn was_seen(&self, seq: u64) -> bool {
        let (word, bit) = Self::slot(seq);
        self.seen[word] & bit != 0
    }

    const fn slot(seq: u64) -> (usize, u64) {
        let number = seq % WINDOW;
        ((number / 64) as usize, 1 << (number % 64))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn started(first: u16, seq: u64) -> SequenceMunger {
        let mut munger = SequenceMunger::new(first);
        munger.switch(seq);
        munger
    }

    #[test]
    fn the_first_packet_follows_the_start_number() {
        let mut munger = started(99, 5000);
        assert_eq!(munger.forward(5000), Some(100));
        assert_eq!(munger.forward(5001), Some(101));
    }

    #[test]
    fn dropped_packets_leave_no_hole() {
        let mut munger = started(0, 10);
        assert_eq!(munger.forward(10), Some(1));
        munger.drop(11);
        munger.drop(12);
        assert_eq!(munger.forward(13), Some(2));
    }

    #[test]
    fn missing_packets_leave_a_hole_that_late_ones_fill() {
        let mut munger = started(0, 10);
        munger.forward(10);
        assert_eq!(munger.order(12), Some(Order::AfterGap));
        assert_eq!(munger.forward(12), Some(3));
        munger.drop(13);
        assert_eq!(munger.forward(14), Some(4));
        assert_eq!(munger.order(11), Some(Order::Late));
        assert_eq!(munger.forward(11), Some(2));
    }

    #[test]
    fn duplicates_and_late_copies_of_dropped_packets_are_refused() {
        let mut munger = started(0, 10);
        munger.forward(10);
        munger.drop(11);
        munger.forward(12);
        assert_eq!(munger.forward(12), None);
        assert_eq!(munger.forward(11), None);
        assert_eq!(munger.forward(10), None);
    }

    #[test]
    fn packets_from_before_a_switch_are_refused() {
        let mut munger = started(0, 10);
        munger.forward(10);
        munger.switch(70_000);
        assert_eq!(munger.forward(70_000), Some(2));
        assert_eq!(munger.forward(69_999), None);
    }

    #[test]
    fn a_late_packet_after_only_dropped_ones_is_not_overtaken_by_the_next_source() {
        let mut munger = started(0, 10);
        munger.drop(12);
        assert_eq!(munger.forward(11), Some(2));
        munger.switch(500);
        assert_eq!(munger.forward(500), Some(3));
    }

    #[test]
    fn a_source_may_start_at_zero_and_wrap() {
        let mut munger = started(7, 0);
        assert_eq!(munger.forward(0), Some(8));
        assert_eq!(munger.forward(65_536), Some(8 + 65_536));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Forward(u64),
        Drop(u64),
        Switch(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            10 => (0u64..40).prop_map(Step::Forward),
            4 => (0u64..40).prop_map(Step::Drop),
            1 => (0u64..200_000).prop_map(Step::Switch),
        ];
        proptest::collection::vec(step, 1..400)
    }

    proptest! {
        /// Numbers are relative to a slowly moving base, so that gaps, reordering and duplicates all occur.
        #[test]
        fn outgoing_numbers_are_unique_and_keep_the_incoming_order(
            steps in steps(), start in prop_oneof![Just(0u64), Just(65_500), 1u64..1_000_000]
        ) {
            let mut munger = started(5, start);
            let mut base = start;
            let mut source = 0u32;
            let mut sent: HashMap<u64, (u32, u64)> = HashMap::new();
            for (turn, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Forward(delta) => {
                        let seq = (base + delta).saturating_sub(20);
                        if let Some(out) = munger.forward(seq) {
                            let before = sent.insert(out, (source, seq));
                            prop_assert_eq!(before, None, "{} sent twice", out);
                        }
                    }
                    Step::Drop(delta) => munger.drop((base + delta).saturating_sub(20)),
                    Step::Switch(seq) => {
                        munger.switch(seq);
                        base = seq;
                        source += 1;
                    }
                }
                base += u64::from(turn % 3 == 0);
            }
            let mut order: Vec<_> = sent.into_iter().collect();
            order.sort_unstable();
            for pair in order.windows(2) {
                let ((_, earlier), (_, later)) = (pair[0], pair[1]);
                prop_assert!(earlier < later, "{:?} before {:?}", earlier, later);
            }
        }

        #[test]
        fn without_loss_the_output_has_no_hole(drops in proptest::collection::vec(any::<bool>(), 1..900)) {
            let mut munger = started(41, 65_000);
            let mut expected = 42;
            for (seq, dropped) in (65_000u64..).zip(drops) {
                if dropped {
                    munger.drop(seq);
                } else {
                    prop_assert_eq!(munger.forward(seq), Some(expected));
                    expected += 1;
                }
            }
        }
    }
}
