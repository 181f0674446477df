//! What the hands of a participant ask of its task.

use livekit_protocol as proto;
use tokio::sync::oneshot;

use crate::publish::{LocalFrame, LocalTrack, Publish, PublishError};

#[derive(Debug)]
pub(crate) enum Command {
    Subscribe(Vec<String>, bool),
    Settings(proto::UpdateTrackSettings),
    Keyframe(String),
    Publish(Publish, oneshot::Sender<Result<LocalTrack, PublishError>>),
    Write(String, LocalFrame),
    Mute(String, bool),
    Speak(String, bool),
    Unpublish(String),
}
