//! Which reliable data packets of a publisher are new (rtc/participant.go, lastPubReliableSeq).

/// Remembers the last reliable packet; numbers start at 1, and 0 means unnumbered.
#[derive(Debug, Default)]
pub struct ReliableOrder {
    last: u32,
}

impl ReliableOrder {
    /// Whether the packet was not seen before; unnumbered ones never were.
    pub fn is_new(&mut self, sequence: u32) -> bool {
        if sequence == 0 {
            return true;
        }
        let new = sequence > self.last;
        self.last = self.last.max(sequence);
        new
    }

    /// `ReconnectResponse.last_message_seq`: the client replays what came after.
    pub fn last(&self) -> u32 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_new_once() {
        let mut order = ReliableOrder::default();
        assert!(order.is_new(1) && order.is_new(2));
        assert!(!order.is_new(2) && !order.is_new(1));
        assert!(order.is_new(0) && order.is_new(0));
        assert_eq!(order.last(), 2);
    }
}
