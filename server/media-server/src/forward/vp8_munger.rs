//! Keeps PictureID, TL0PICIDX and KEYIDX continuous for one subscriber while layers switch and frames are dropped.

use std::collections::VecDeque;

use str0m::rtp::{Vp8Descriptor, Vp8Patch};

use super::sequence_munger::Order;
use super::vp8::Vp8Header;

/// Dropped pictures remembered, to tell late packets of theirs from lost ones.
const MAX_DROPPED: usize = 64;

/// A VP8 packet as the upstream side parsed it.
#[derive(Debug, Clone, Copy)]
pub struct Vp8Packet {
    /// Fields.
    pub header: Vp8Header,
    /// Where the fields stand, to patch them.
    pub descriptor: Vp8Descriptor,
    /// PictureID without wraps; 0 when the stream has none.
    pub picture: u64,
}

/// VP8 numbers of one outgoing stream.
#[derive(Debug, Clone, Default)]
pub struct Vp8Munger {
    picture_offset: u64,
    last_picture: u64,
    tl0_offset: u8,
    last_tl0: u8,
    key_offset: u8,
    last_key: u8,
    /// Unwrapped PictureIDs, ascending.
    dropped: VecDeque<u64>,
    /// Pictures below this are too old to be numbered.
    floor: u64,
    highest: Option<u64>,
    /// Forwarded although its temporal layer is not wanted, since packets around it are missing.
    exempt: Option<u64>,
    temporal: u8,
}

/// What to do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vp8Verdict {
    /// Send it with these bytes replaced.
    Forward(Option<Vp8Patch>),
    /// Drop it.
    Drop,
}

impl Vp8Munger {
    /// `packet` is the first one of another source and follows the last picture sent.
    pub fn switch(&mut self, packet: &Vp8Packet, wanted_temporal: u8) {
        self.picture_offset = packet.picture.wrapping_sub(self.last_picture + 1);
        let tl0 = packet.header.tl0_pic_idx.unwrap_or_default();
        self.tl0_offset = tl0.wrapping_sub(self.last_tl0).wrapping_sub(1);
        let key = packet.header.key_idx.unwrap_or_default();
        self.key_offset = key.wrapping_sub(self.last_key).wrapping_sub(1);
        self.dropped.clear();
        self.floor = packet.picture;
        self.highest = None;
        self.exempt = None;
        self.temporal = wanted_temporal;
    }

    /// The temporal layer that is sent now.
    pub const fn temporal(&self) -> u8 {
        self.temporal
    }

    /// Decides about a packet of the current source.
    pub fn forward(
        &mut self,
        packet: &Vp8Packet,
        order: Order,
        marker: bool,
        wanted_temporal: u8,
    ) -> Vp8Verdict {
        let picture = packet.picture;
        if picture < self.floor || self.dropped.binary_search(&picture).is_ok() {
            return Vp8Verdict::Drop;
        }
        if order == Order::Late {
            return Vp8Verdict::Forward(self.patch(packet));
        }
        let limit = self.choose_temporal(packet, marker, wanted_temporal);
        let above = packet.header.picture_id.is_some()
            && packet
                .header
                .temporal
                .is_some_and(|temporal| temporal > limit);
        // Which pictures the missing packets belong to is unknown, so the rest of this one is sent.
        let first_of_picture = self.highest.is_none_or(|highest| picture > highest);
        if above && (order == Order::AfterGap || !first_of_picture) {
            self.exempt = Some(picture);
        }
        self.highest = Some(self.highest.map_or(picture, |highest| highest.max(picture)));
        if above && self.exempt != Some(picture) {
            self.drop_picture(picture);
            return Vp8Verdict::Drop;
        }
        let patch = self.patch(packet);
        self.remember(packet);
        Vp8Verdict::Forward(patch)
    }

    /// Moves up only where a decoder can follow, down only between frames; returns this packet's limit.
    fn choose_temporal(&mut self, packet: &Vp8Packet, marker: bool, wanted: u8) -> u8 {
        let limit = self.temporal;
        let Some(temporal) = packet.header.temporal else {
            self.temporal = wanted;
            return wanted;
        };
        if wanted > limit {
            let may_rise =
                packet.header.start && (packet.header.layer_sync || packet.header.keyframe);
            if may_rise && temporal > limit && temporal <= wanted {
                self.temporal = temporal;
                return temporal;
            }
        } else if wanted < limit && marker {
            self.temporal = wanted;
        }
        limit
    }

    fn drop_picture(&mut self, picture: u64) {
        self.dropped.push_back(picture);
        if self.dropped.len() > MAX_DROPPED
            && let Some(oldest) = self.dropped.pop_front()
        {
            self.picture_offset = self.picture_offset.wrapping_add(1);
            self.floor = oldest + 1;
        }
    }

    fn outgoing_picture(&self, picture: u64) -> u64 {
        let dropped_before = self.dropped.partition_point(|&dropped| dropped < picture);
        picture
            .wrapping_sub(self.picture_offset)
            .wrapping_sub(dropped_before as u64)
    }

    fn patch(&self, packet: &Vp8Packet) -> Option<Vp8Patch> {
        let header = &packet.header;
        let mut patch = packet.descriptor.patch();
        if let Some(id) = header.picture_id {
            let mask = if id.wide { 0x7fff } else { 0x7f };
            let [low, high, ..] = (self.outgoing_picture(packet.picture) & mask).to_le_bytes();
            patch = patch.picture_id(u16::from_le_bytes([low, high]));
        }
        if let Some(tl0) = header.tl0_pic_idx {
            patch = patch.tl0_pic_idx(tl0.wrapping_sub(self.tl0_offset));
        }
        if let Some(key) = header.key_idx {
            patch = patch.key_idx(key.wrapping_sub(self.key_offset) & 0x1f);
        }
        patch.build().ok()
    }

    fn remember(&mut self, packet: &Vp8Packet) {
        self.last_picture = self.outgoing_picture(packet.picture);
        if let Some(tl0) = packet.header.tl0_pic_idx {
            self.last_tl0 = tl0.wrapping_sub(self.tl0_offset);
        }
        if let Some(key) = packet.header.key_idx {
            self.last_key = key.wrapping_sub(self.key_offset) & 0x1f;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vp8::tests::payload;
    use super::*;

    fn packet(bytes: &[u8]) -> Vp8Packet {
        let header = Vp8Header::parse(bytes).unwrap();
        Vp8Packet {
            header,
            descriptor: Vp8Descriptor::parse(bytes).unwrap(),
            picture: u64::from(header.picture_id.unwrap().value),
        }
    }

    fn picture(id: u16, tl0: u8, temporal: u8, sync: bool) -> Vp8Packet {
        packet(&payload(id, tl0, temporal, sync, false, true))
    }

    fn key(id: u16, tl0: u8) -> Vp8Packet {
        packet(&payload(id, tl0, 0, false, true, true))
    }

    /// The patch that sets the three numbers in `packet`.
    fn numbers(packet: &Vp8Packet, id: u16, tl0: u8, key: u8) -> Vp8Verdict {
        let patch = packet
            .descriptor
            .patch()
            .picture_id(id)
            .tl0_pic_idx(tl0)
            .key_idx(key);
        Vp8Verdict::Forward(Some(patch.build().unwrap()))
    }

    #[test]
    fn numbers_go_on_without_a_jump_across_a_switch() {
        let mut munger = Vp8Munger::default();
        let first = key(500, 40);
        munger.switch(&first, 3);
        assert_eq!(
            munger.forward(&first, Order::Next, true, 3),
            numbers(&first, 1, 1, 1)
        );
        let second = key(9000, 7);
        munger.switch(&second, 3);
        assert_eq!(
            munger.forward(&second, Order::Next, true, 3),
            numbers(&second, 2, 2, 2)
        );
    }

    #[test]
    fn dropped_pictures_leave_no_hole_in_the_picture_numbers() {
        let mut munger = Vp8Munger::default();
        let first = key(10, 5);
        munger.switch(&first, 0);
        munger.forward(&first, Order::Next, true, 0);
        let dropped = picture(11, 5, 1, false);
        assert_eq!(
            munger.forward(&dropped, Order::Next, true, 0),
            Vp8Verdict::Drop
        );
        let next = picture(12, 6, 0, false);
        assert_eq!(
            munger.forward(&next, Order::Next, true, 0),
            numbers(&next, 2, 2, 1)
        );
    }

    #[test]
    fn a_late_packet_of_a_lost_picture_gets_the_number_reserved_for_it() {
        let mut munger = Vp8Munger::default();
        let first = key(10, 5);
        munger.switch(&first, 0);
        munger.forward(&first, Order::Next, true, 0);
        let after_gap = picture(12, 6, 0, false);
        assert_eq!(
            munger.forward(&after_gap, Order::AfterGap, true, 0),
            numbers(&after_gap, 3, 2, 1)
        );
        munger.forward(&picture(13, 6, 1, false), Order::Next, true, 0);
        let late = picture(11, 5, 1, false);
        assert_eq!(
            munger.forward(&late, Order::Late, true, 0),
            numbers(&late, 2, 1, 1)
        );
        let late_of_dropped = picture(13, 6, 1, false);
        assert_eq!(
            munger.forward(&late_of_dropped, Order::Late, true, 0),
            Vp8Verdict::Drop
        );
    }

    #[test]
    fn a_picture_after_a_gap_is_sent_whole_whatever_its_layer() {
        let mut munger = Vp8Munger::default();
        let first = key(10, 5);
        munger.switch(&first, 0);
        munger.forward(&first, Order::Next, true, 0);
        let rest = packet(&payload(11, 5, 1, false, false, false));
        assert_ne!(
            munger.forward(&rest, Order::AfterGap, false, 0),
            Vp8Verdict::Drop
        );
        assert_ne!(
            munger.forward(&rest, Order::Next, true, 0),
            Vp8Verdict::Drop
        );
    }

    #[test]
    fn the_frame_rate_rises_only_at_a_sync_picture_and_falls_after_a_whole_frame() {
        let mut munger = Vp8Munger::default();
        let first = key(10, 5);
        munger.switch(&first, 0);
        munger.forward(&first, Order::Next, true, 0);
        let no_sync = picture(11, 5, 1, false);
        assert_eq!(
            munger.forward(&no_sync, Order::Next, true, 2),
            Vp8Verdict::Drop
        );
        let sync = picture(12, 5, 1, true);
        assert_ne!(
            munger.forward(&sync, Order::Next, true, 2),
            Vp8Verdict::Drop
        );
        assert_eq!(munger.temporal(), 1);
        let middle = picture(13, 5, 1, false);
        assert_ne!(
            munger.forward(&middle, Order::Next, false, 0),
            Vp8Verdict::Drop
        );
        let end = packet(&payload(13, 5, 1, false, false, false));
        assert_ne!(munger.forward(&end, Order::Next, true, 0), Vp8Verdict::Drop);
        assert_eq!(
            munger.forward(&picture(14, 5, 1, false), Order::Next, true, 0),
            Vp8Verdict::Drop
        );
    }

    #[test]
    fn a_seven_bit_picture_number_stays_seven_bits() {
        let mut munger = Vp8Munger {
            last_picture: 127,
            ..Vp8Munger::default()
        };
        let bytes = [0x90, 0x80, 0x05, 0x00];
        let short = packet(&bytes);
        munger.switch(&short, 3);
        let patch = short.descriptor.patch().picture_id(0).build().unwrap();
        let verdict = munger.forward(&short, Order::Next, true, 3);
        assert_eq!(verdict, Vp8Verdict::Forward(Some(patch)));
    }
}
