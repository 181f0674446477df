//! What CreateRoom or the first token can say about a room, and the preset that it names.

use livekit_protocol as proto;

/// What is said about a room when it is opened.
#[derive(Debug, Clone, Default)]
pub struct RoomOptions {
    /// 0 takes the server's default.
    pub empty_timeout: u32,
    /// 0 takes the server's default.
    pub departure_timeout: u32,
    /// 0 takes the server's default.
    pub max_participants: u32,
    /// The room's first metadata.
    pub metadata: String,
    /// Audio and video of one publisher share a stream id.
    pub sync_streams: bool,
    /// What is recorded without anybody asking.
    pub egress: Option<proto::RoomEgress>,
    /// Agents that come without anybody asking.
    pub agents: Vec<proto::RoomAgentDispatch>,
}

impl RoomOptions {
    /// What was not said is as in the preset (service/roomallocator.go applyNamedRoomConfiguration).
    #[must_use]
    pub fn or_as_in(self, preset: &proto::RoomConfiguration) -> Self {
        let said = |said: u32, preset: u32| if said == 0 { preset } else { said };
        Self {
            empty_timeout: said(self.empty_timeout, preset.empty_timeout),
            departure_timeout: said(self.departure_timeout, preset.departure_timeout),
            max_participants: said(self.max_participants, preset.max_participants),
            metadata: if self.metadata.is_empty() {
                preset.metadata.clone()
            } else {
                self.metadata
            },
            sync_streams: self.sync_streams || preset.sync_streams,
            egress: self.egress.or_else(|| preset.egress.clone()),
            agents: if self.agents.is_empty() {
                preset.agents.clone()
            } else {
                self.agents
            },
        }
    }
}

impl From<&proto::CreateRoomRequest> for RoomOptions {
    fn from(request: &proto::CreateRoomRequest) -> Self {
        Self {
            empty_timeout: request.empty_timeout,
            departure_timeout: request.departure_timeout,
            max_participants: request.max_participants,
            metadata: request.metadata.clone(),
            sync_streams: request.sync_streams,
            egress: request.egress.clone(),
            agents: request.agents.clone(),
        }
    }
}

impl From<&proto::RoomConfiguration> for RoomOptions {
    fn from(configuration: &proto::RoomConfiguration) -> Self {
        Self::default().or_as_in(configuration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_the_preset() {
        let recorded = |layout: &str| proto::RoomEgress {
            room: Some(proto::RoomCompositeEgressRequest {
                layout: layout.to_owned(),
                ..proto::RoomCompositeEgressRequest::default()
            }),
            ..proto::RoomEgress::default()
        };
        let preset = proto::RoomConfiguration {
            empty_timeout: 10,
            departure_timeout: 20,
            max_participants: 30,
            metadata: "preset".to_owned(),
            sync_streams: true,
            egress: Some(recorded("grid")),
            ..proto::RoomConfiguration::default()
        };
        let said = RoomOptions {
            departure_timeout: 7,
            metadata: "said".to_owned(),
            ..RoomOptions::default()
        };
        let options = said.or_as_in(&preset);
        assert_eq!(
            (
                options.empty_timeout,
                options.departure_timeout,
                options.max_participants
            ),
            (10, 7, 30)
        );
        assert_eq!(
            (options.metadata.as_str(), options.sync_streams),
            ("said", true)
        );
        assert_eq!(options.egress, Some(recorded("grid")));

        let said = RoomOptions {
            egress: Some(recorded("speaker")),
            ..RoomOptions::default()
        };
        assert_eq!(said.or_as_in(&preset).egress, Some(recorded("speaker")));
    }
}
