//! A participant as the others see it, and the states it goes through.

use std::time::UNIX_EPOCH;

use livekit_protocol as proto;
use proto::participant_info::State;

use super::{CloseReason, Participant};

impl Participant {
    /// What goes into `update`, JoinResponse and webhooks; `tracks` are the published ones.
    pub fn info(&self, tracks: Vec<proto::TrackInfo>) -> proto::ParticipantInfo {
        let joined = self
            .joined_at
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        proto::ParticipantInfo {
            sid: self.sid.as_str().to_owned(),
            identity: self.identity.as_str().to_owned(),
            name: self.claims.name.clone(),
            state: self.state.into(),
            tracks,
            metadata: self.claims.metadata.clone(),
            attributes: self.claims.attributes.clone().into_iter().collect(),
            joined_at: i64::try_from(joined.as_secs()).unwrap_or(i64::MAX),
            joined_at_ms: i64::try_from(joined.as_millis()).unwrap_or(i64::MAX),
            version: self.version,
            permission: Some(self.permission()),
            is_publisher: self.is_publisher,
            kind: self.claims.participant_kind().into(),
            kind_details: self
                .claims
                .participant_kind_details()
                .into_iter()
                .map(i32::from)
                .collect(),
            disconnect_reason: self
                .close_reason
                .map_or(
                    proto::DisconnectReason::UnknownReason,
                    CloseReason::disconnect_reason,
                )
                .into(),
            client_protocol: self.client.client_protocol,
            capabilities: self.client.capabilities.clone(),
            ..proto::ParticipantInfo::default()
        }
    }

    /// Where the participant is in its life.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether media was connected, now or before.
    pub fn was_active(&self) -> bool {
        self.was_active
    }

    /// Moves on; false when the state was reached before.
    pub fn advance(&mut self, state: State) -> bool {
        if i32::from(state) <= i32::from(self.state) {
            return false;
        }
        self.state = state;
        self.was_active |= state == State::Active;
        self.touch();
        true
    }

    /// Counts a change that others are to be told.
    pub fn touch(&mut self) {
        self.version += 1;
    }

    /// Whether the participant publishes; true when that is news.
    pub fn set_publisher(&mut self, is_publisher: bool) -> bool {
        let changed = self.is_publisher != is_publisher;
        if changed {
            self.is_publisher = is_publisher;
            self.touch();
        }
        changed
    }

    /// Whether the participant publishes: its updates are not held back.
    pub fn is_publisher(&self) -> bool {
        self.is_publisher
    }

    /// Why it was closed, once it is.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.close_reason
    }

    /// Ends the stay; the first reason stands.
    pub fn close(&mut self, reason: CloseReason) {
        self.close_reason.get_or_insert(reason);
        self.advance(State::Disconnected);
    }
}
