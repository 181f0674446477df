//! Gives one stream to many: whoever comes later begins with the last keyframe, whoever is too slow is let go. It must not wait for
//! anybody.

use parking_lot::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::flv::{Kind, Tag, Tags};
use crate::compose::live::Taker;

/// Tags that wait for one receiver: about 14 s of pictures and sound, 5 MB.
const MOST_WAITING: usize = 1_024;
/// Without pictures one may begin anywhere: with so many tags of sound.
const SOUND_KEPT: usize = 64;
/// A stream without keyframes would fill the memory.
const MOST_KEPT: usize = MOST_WAITING / 2;

/// One stream and who receives it.
#[derive(Debug, Default)]
pub struct FanOut(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    tags: Tags,
    heads: Heads,
    /// Since the last keyframe.
    kept: Vec<Tag>,
    receivers: Vec<Sender<Tag>>,
    ended: bool,
}

#[derive(Debug, Default)]
struct Heads {
    about: Option<Tag>,
    picture: Option<Tag>,
    sound: Option<Tag>,
}

impl Taker for FanOut {
    fn begin(&self) {
        let mut state = self.0.lock();
        state.tags = Tags::default();
        state.heads = Heads::default();
        state.kept.clear();
    }

    fn take(&self, bytes: &[u8]) {
        let state = &mut *self.0.lock();
        for tag in state.tags.take(bytes) {
            state.receivers.retain(|receiver| {
                // It is gone, or so slow that it has to begin again.
                receiver.try_send(tag.clone()).is_ok()
            });
            state.keep(tag);
        }
    }
}

impl FanOut {
    /// Receives from the last keyframe on; ends when the stream does, or when it is not received fast enough.
    pub fn receive(&self) -> Receiver<Tag> {
        let (sender, receiver) = channel(MOST_WAITING);
        let mut state = self.0.lock();
        let heads = [&state.heads.about, &state.heads.picture, &state.heads.sound];
        let heads = heads.into_iter().flatten();
        for tag in heads.chain(&state.kept) {
            // There is room for all that is kept.
            let _ = sender.try_send(tag.clone());
        }
        if !state.ended {
            state.receivers.push(sender);
        }
        receiver
    }

    /// The stream has ended: receivers are told when they have what there was.
    pub fn end(&self) {
        let mut state = self.0.lock();
        state.ended = true;
        state.receivers.clear();
    }

    /// Whether nothing more comes.
    pub fn has_ended(&self) -> bool {
        self.0.lock().ended
    }
}

impl State {
    fn keep(&mut self, tag: Tag) {
        match tag.kind {
            Kind::About => self.heads.about = Some(tag),
            Kind::PictureHead => self.heads.picture = Some(tag),
            Kind::SoundHead => self.heads.sound = Some(tag),
            Kind::Keyframe => {
                self.kept.clear();
                self.kept.push(tag);
            }
            Kind::Picture | Kind::Sound => {
                if self.heads.picture.is_none() && self.kept.len() >= SOUND_KEPT {
                    self.kept.remove(0);
                }
                if self.kept.len() < MOST_KEPT {
                    self.kept.push(tag);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::flv::{HEAD, tests::bytes};
    use super::*;

    fn kinds(receiver: &mut Receiver<Tag>) -> Vec<Kind> {
        std::iter::from_fn(|| receiver.try_recv().ok())
            .map(|tag| tag.kind)
            .collect()
    }

    fn begun() -> FanOut {
        let fan_out = FanOut::default();
        let heads = [
            HEAD.to_vec(),
            bytes(18, b"x"),
            bytes(9, &[0x17, 0]),
            bytes(8, &[0xAF, 0]),
        ];
        fan_out.take(&heads.concat());
        fan_out
    }

    #[test]
    fn who_comes_later_begins_with_the_heads_and_the_last_keyframe() {
        let fan_out = begun();
        let mut first = fan_out.receive();
        for tag in [[0x17, 1], [0x27, 1], [0x17, 1], [0x27, 1]] {
            fan_out.take(&bytes(9, &tag));
        }
        fan_out.take(&bytes(8, &[0xAF, 1]));
        let heads = [Kind::About, Kind::PictureHead, Kind::SoundHead];
        let group = [Kind::Keyframe, Kind::Picture];
        assert_eq!(
            kinds(&mut first),
            [&heads[..], &group, &group, &[Kind::Sound]].concat()
        );
        let mut second = fan_out.receive();
        assert_eq!(
            kinds(&mut second),
            [&heads[..], &group, &[Kind::Sound]].concat()
        );
        fan_out.end();
        assert!(second.blocking_recv().is_none());
    }

    #[test]
    fn who_is_too_slow_is_let_go_and_holds_up_nobody() {
        let fan_out = begun();
        let mut slow = fan_out.receive();
        for _ in 0..MOST_WAITING {
            fan_out.take(&bytes(8, &[0xAF, 1]));
        }
        assert_eq!(kinds(&mut slow).len(), MOST_WAITING);
        assert!(slow.is_closed());
        let mut new = fan_out.receive();
        assert!(kinds(&mut new).len() <= 3 + MOST_KEPT);
        assert!(!new.is_closed());
    }
}
