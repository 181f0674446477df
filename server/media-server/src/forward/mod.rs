//! Forwards media from one published track to many subscribers: which packets, which layer, renumbered how.
//!
//! Pure: it knows no sockets, no clock (Instants are passed in), no signal messages and no rooms.
//! A packet's way: [`UpTrack::receive`] parses it once, then each subscriber's
//! [`DownTrackForwarder::forward`] decides and renumbers, without copying the payload.

mod audio_level;
mod av1;
mod bandwidth_allocator;
mod bits;
mod channel_observer;
mod codec;
mod connection_quality;
mod counters;
mod dependency_descriptor;
mod down_track;
mod dynacast;
mod frame_selector;
mod keyframe_throttle;
mod layer;
mod layer_selector;
mod nal;
mod packet;
mod publisher_clock;
mod rate;
pub mod red;
mod sequence_munger;
mod speakers;
mod timestamp_munger;
mod up_track;
mod vp8;
mod vp8_munger;
mod vp9;
mod vp9_selector;

pub use audio_level::{AudioLevelConfig, AudioLevelObserver};
pub use av1::av1_keyframe;
pub use bandwidth_allocator::{Allocation, Demand, allocate};
pub use channel_observer::{Channel, ChannelObserver};
pub use codec::Codec;
pub use connection_quality::{
    ConnectionQualities, ConnectionQuality, QUALITY_INTERVAL, Quality, QualityScorer, QualityWindow,
};
pub use counters::{Arrival, Counts, StreamCounter};
pub use dependency_descriptor::{
    DecodeTargetIndication, DependencyDescriptor, DescriptorError, FrameDependencyStructure,
    FrameDiffs, Indications,
};
pub use down_track::{DownTrackForwarder, StreamStart};
pub use dynacast::{Dynacast, SubscribedCodec};
pub use frame_selector::{FrameDependency, FrameSelector, Selection};
pub use keyframe_throttle::KeyframeThrottle;
pub use layer::{Layer, LayerSet, MAX_SPATIAL, MAX_TEMPORAL, VideoQuality};
pub use layer_selector::{PublishedSizes, TrackSettings, select_layer};
pub use nal::{NalKeyframe, h264_keyframe, h265_keyframe};
pub use packet::{DownPacket, SenderReport, UpRtp};
pub use publisher_clock::PublisherClock;
pub use rate::{Bitrates, PerLayer, RateMeter};
pub use sequence_munger::{Order, SequenceMunger};
pub use speakers::{SpeakerChange, Speakers};
pub use timestamp_munger::{StreamClocks, TimestampMunger};
pub use up_track::{Frame, UpPacket, UpTrack};
pub use vp8::{PictureId, Vp8Header};
pub use vp8_munger::{Vp8Munger, Vp8Packet, Vp8Verdict};
pub use vp9::Vp9Header;
pub use vp9_selector::Vp9Selector;
