//! Why a participant's stay ends, and what LiveKit calls that on the wire.

use livekit_protocol as proto;

use super::ProtocolVersion;

/// Why a participant is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The client sent `leave`, with this reason of its own.
    ClientLeft(ClientLeave),
    /// The server is going down.
    ServerShutdown,
    /// The join could not be completed, for instance in a full room.
    JoinFailed,
    /// The client never showed itself for a minute.
    JoinTimeout,
    /// The peer connection failed and nobody came back.
    ConnectionTimeout,
    /// The same identity joined again.
    DuplicateIdentity,
    /// RoomService RemoveParticipant.
    Removed,
    /// RoomService DeleteRoom.
    RoomDeleted,
    /// The room's timeout ran out.
    RoomClosed,
    /// The client's view of the session does not fit the server's; it has to start anew.
    StateMismatch,
    /// The signal connection ended before media was ever connected.
    SignalClosed,
    /// SimulateScenario: the server pretends to go down.
    Simulated,
    /// The client sends more than the limits allow.
    Flooding,
    /// The client takes its frames or its data too slowly.
    TooSlow,
    /// The client sent SDP that cannot be used.
    BadNegotiation,
}

/// The reasons a client may give for leaving; others count as its own wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientLeave {
    /// CLIENT_INITIATED
    Initiated,
    /// USER_UNAVAILABLE
    UserUnavailable,
    /// USER_REJECTED
    UserRejected,
    /// AGENT_ERROR
    AgentError,
}

impl From<proto::DisconnectReason> for ClientLeave {
    fn from(reason: proto::DisconnectReason) -> Self {
        match reason {
            proto::DisconnectReason::UserUnavailable => Self::UserUnavailable,
            proto::DisconnectReason::UserRejected => Self::UserRejected,
            proto::DisconnectReason::AgentError => Self::AgentError,
            _ => Self::Initiated,
        }
    }
}

impl CloseReason {
    /// The reason as the others and the webhooks see it.
    pub fn disconnect_reason(self) -> proto::DisconnectReason {
        use proto::DisconnectReason as Reason;
        match self {
            Self::ClientLeft(ClientLeave::Initiated) => Reason::ClientInitiated,
            Self::ClientLeft(ClientLeave::UserUnavailable) => Reason::UserUnavailable,
            Self::ClientLeft(ClientLeave::UserRejected) => Reason::UserRejected,
            Self::ClientLeft(ClientLeave::AgentError) => Reason::AgentError,
            Self::ServerShutdown | Self::Simulated => Reason::ServerShutdown,
            Self::JoinFailed | Self::JoinTimeout => Reason::JoinFailure,
            Self::ConnectionTimeout => Reason::ConnectionTimeout,
            Self::DuplicateIdentity => Reason::DuplicateIdentity,
            Self::Removed | Self::Flooding => Reason::ParticipantRemoved,
            Self::RoomDeleted => Reason::RoomDeleted,
            Self::RoomClosed => Reason::RoomClosed,
            Self::StateMismatch | Self::BadNegotiation => Reason::StateMismatch,
            Self::SignalClosed | Self::TooSlow => Reason::SignalClose,
        }
    }

    /// What the client is to do after `leave`.
    pub fn action(self) -> proto::leave_request::Action {
        use proto::leave_request::Action;
        match self {
            // LiveKit would send everybody home; here the server usually comes back at once.
            Self::ServerShutdown | Self::StateMismatch | Self::BadNegotiation | Self::TooSlow => {
                Action::Reconnect
            }
            Self::ClientLeft(_)
            | Self::Simulated
            | Self::JoinFailed
            | Self::JoinTimeout
            | Self::ConnectionTimeout
            | Self::DuplicateIdentity
            | Self::Removed
            | Self::Flooding
            | Self::RoomDeleted
            | Self::RoomClosed
            | Self::SignalClosed => Action::Disconnect,
        }
    }
}

/// `leave` for a client of this protocol number: older ones know no action.
pub fn leave_request(
    reason: proto::DisconnectReason,
    action: proto::leave_request::Action,
    protocol: ProtocolVersion,
) -> proto::LeaveRequest {
    use proto::leave_request::Action;
    if protocol.knows_leave_actions() {
        proto::LeaveRequest {
            reason: reason.into(),
            action: action.into(),
            ..proto::LeaveRequest::default()
        }
    } else {
        proto::LeaveRequest {
            can_reconnect: action == Action::Reconnect,
            reason: reason.into(),
            ..proto::LeaveRequest::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::leave_request::Action;

    #[test]
    fn an_old_client_is_told_to_reconnect_by_a_flag() {
        let reason = proto::DisconnectReason::StateMismatch;
        let old = leave_request(reason, Action::Reconnect, ProtocolVersion(12));
        assert!(old.can_reconnect);
        let new = leave_request(reason, Action::Reconnect, ProtocolVersion(13));
        assert_eq!(new.action(), Action::Reconnect);
        assert!(!new.can_reconnect);
    }

    #[test]
    fn a_removed_participant_is_not_asked_back() {
        assert_eq!(CloseReason::Removed.action(), Action::Disconnect);
        assert_eq!(
            CloseReason::Removed.disconnect_reason(),
            proto::DisconnectReason::ParticipantRemoved
        );
    }
}
