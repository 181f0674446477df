//! Who is in the room, as far as tracks need names.

use std::collections::HashMap;

use livekit_protocol as proto;

/// Everybody but ourselves, by `PA_…`.
#[derive(Debug, Default)]
pub(crate) struct Roster(HashMap<String, proto::ParticipantInfo>);

impl Roster {
    /// Starts over.
    pub fn replace(&mut self, others: &[proto::ParticipantInfo]) {
        self.0 = others
            .iter()
            .map(|info| (info.sid.clone(), info.clone()))
            .collect();
    }

    /// Takes over an update; false if it is older than what is known.
    pub fn update(&mut self, info: &proto::ParticipantInfo) -> bool {
        if info.state() == proto::participant_info::State::Disconnected {
            return self.0.remove(&info.sid).is_some();
        }
        if let Some(known) = self.0.get(&info.sid)
            && known.version > info.version
        {
            return false;
        }
        self.0.insert(info.sid.clone(), info.clone());
        true
    }

    /// A track and its publisher.
    pub fn track(&self, track: &str) -> Option<(&str, &proto::TrackInfo)> {
        self.0.iter().find_map(|(sid, info)| {
            let found = info.tracks.iter().find(|one| one.sid == track)?;
            Some((sid.as_str(), found))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(version: u32, state: proto::participant_info::State) -> proto::ParticipantInfo {
        proto::ParticipantInfo {
            sid: "PA_a".to_owned(),
            version,
            state: state.into(),
            tracks: vec![proto::TrackInfo {
                sid: format!("TR_{version}"),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    #[test]
    fn an_older_update_changes_nothing_and_who_left_has_no_tracks() {
        use proto::participant_info::State;
        let mut roster = Roster::default();
        assert!(roster.update(&person(2, State::Active)));
        assert!(!roster.update(&person(1, State::Active)));
        assert_eq!(roster.track("TR_2").map(|(sid, _)| sid), Some("PA_a"));
        assert!(roster.update(&person(3, State::Disconnected)));
        assert!(roster.track("TR_2").is_none());
    }
}
