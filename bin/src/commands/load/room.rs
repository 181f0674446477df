//! Talk in rooms: one speaks at a time, then the next.

use std::time::Duration;

use tokio::{task::JoinHandle, time::interval};

use super::person::Person;

/// How long one speaks.
const TURN: Duration = Duration::from_secs(3);

/// Goes on until it is dropped.
pub(super) struct Talk(JoinHandle<()>);

impl Talk {
    /// `publishers` are those of each room in turn: the first of every room, then the second of every room.
    pub fn begin(publishers: &[Person], rooms: u32) -> Self {
        let rooms = usize::try_from(rooms).unwrap_or(usize::MAX).max(1);
        let tracks: Vec<_> = publishers
            .iter()
            .filter_map(|person| person.audio.clone())
            .collect();
        Self(tokio::spawn(async move {
            let rounds: Vec<_> = tracks.chunks(rooms).collect();
            let mut turns = interval(TURN);
            for turn in 0.. {
                turns.tick().await;
                let Some(speaking) = rounds.get(turn % rounds.len().max(1)) else {
                    return;
                };
                for track in &tracks {
                    track.speak(false).await;
                }
                for track in *speaking {
                    track.speak(true).await;
                }
            }
        }))
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.0.abort();
    }
}
