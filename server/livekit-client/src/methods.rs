//! Every method of LiveKit's services with its messages: a call takes its row, so that none is asked with the wrong one.

use std::marker::PhantomData;

use livekit_wire::proto;

/// A method that takes `Request` and answers `Answer`.
pub struct Method<Request, Answer> {
    pub(crate) service: &'static str,
    pub(crate) name: &'static str,
    messages: PhantomData<fn(Request) -> Answer>,
}

impl<Request, Answer> Method<Request, Answer> {
    const fn new(service: &'static str, name: &'static str) -> Self {
        Self {
            service,
            name,
            messages: PhantomData,
        }
    }
}

macro_rules! methods {
    ($service:literal $($constant:ident: $name:literal ($request:ident) -> $answer:ident,)*) => {$(
        #[doc = concat!("`", $service, "/", $name, "`")]
        pub const $constant: Method<proto::$request, proto::$answer> = Method::new($service, $name);
    )*};
}
/// Rooms and participants.
pub mod room_service {
    use super::{Method, proto};

    methods! { "livekit.RoomService"
        CREATE_ROOM: "CreateRoom" (CreateRoomRequest) -> Room,
        LIST_ROOMS: "ListRooms" (ListRoomsRequest) -> ListRoomsResponse,
        DELETE_ROOM: "DeleteRoom" (DeleteRoomRequest) -> DeleteRoomResponse,
        LIST_PARTICIPANTS: "ListParticipants" (ListParticipantsRequest) -> ListParticipantsResponse,
        GET_PARTICIPANT: "GetParticipant" (RoomParticipantIdentity) -> ParticipantInfo,
        REMOVE_PARTICIPANT: "RemoveParticipant" (RoomParticipantIdentity) -> RemoveParticipantResponse,
        MUTE_PUBLISHED_TRACK: "MutePublishedTrack" (MuteRoomTrackRequest) -> MuteRoomTrackResponse,
        UPDATE_PARTICIPANT: "UpdateParticipant" (UpdateParticipantRequest) -> ParticipantInfo,
        UPDATE_SUBSCRIPTIONS: "UpdateSubscriptions" (UpdateSubscriptionsRequest) -> UpdateSubscriptionsResponse,
        SEND_DATA: "SendData" (SendDataRequest) -> SendDataResponse,
        UPDATE_ROOM_METADATA: "UpdateRoomMetadata" (UpdateRoomMetadataRequest) -> Room,
        FORWARD_PARTICIPANT: "ForwardParticipant" (ForwardParticipantRequest) -> ForwardParticipantResponse,
        MOVE_PARTICIPANT: "MoveParticipant" (MoveParticipantRequest) -> MoveParticipantResponse,
        PERFORM_RPC: "PerformRpc" (PerformRpcRequest) -> PerformRpcResponse,
    }
}

/// Recordings and streams out of rooms.
pub mod egress {
    use super::{Method, proto};

    methods! { "livekit.Egress"
        START_EGRESS: "StartEgress" (StartEgressRequest) -> EgressInfo,
        UPDATE_LAYOUT: "UpdateLayout" (UpdateLayoutRequest) -> EgressInfo,
        UPDATE_STREAM: "UpdateStream" (UpdateStreamRequest) -> EgressInfo,
        LIST_EGRESS: "ListEgress" (ListEgressRequest) -> ListEgressResponse,
        STOP_EGRESS: "StopEgress" (StopEgressRequest) -> EgressInfo,
        START_ROOM_COMPOSITE_EGRESS: "StartRoomCompositeEgress" (RoomCompositeEgressRequest) -> EgressInfo,
        START_WEB_EGRESS: "StartWebEgress" (WebEgressRequest) -> EgressInfo,
        START_PARTICIPANT_EGRESS: "StartParticipantEgress" (ParticipantEgressRequest) -> EgressInfo,
        START_TRACK_COMPOSITE_EGRESS: "StartTrackCompositeEgress" (TrackCompositeEgressRequest) -> EgressInfo,
        START_TRACK_EGRESS: "StartTrackEgress" (TrackEgressRequest) -> EgressInfo,
    }
}

/// Streams into rooms.
pub mod ingress {
    use super::{Method, proto};

    methods! { "livekit.Ingress"
        CREATE_INGRESS: "CreateIngress" (CreateIngressRequest) -> IngressInfo,
        UPDATE_INGRESS: "UpdateIngress" (UpdateIngressRequest) -> IngressInfo,
        LIST_INGRESS: "ListIngress" (ListIngressRequest) -> ListIngressResponse,
        DELETE_INGRESS: "DeleteIngress" (DeleteIngressRequest) -> IngressInfo,
    }
}

/// Telephony.
pub mod sip {
    use super::{Method, proto};

    methods! { "livekit.SIP"
        CREATE_SIP_INBOUND_TRUNK: "CreateSIPInboundTrunk" (CreateSipInboundTrunkRequest) -> SipInboundTrunkInfo,
        CREATE_SIP_OUTBOUND_TRUNK: "CreateSIPOutboundTrunk" (CreateSipOutboundTrunkRequest) -> SipOutboundTrunkInfo,
        UPDATE_SIP_INBOUND_TRUNK: "UpdateSIPInboundTrunk" (UpdateSipInboundTrunkRequest) -> SipInboundTrunkInfo,
        UPDATE_SIP_OUTBOUND_TRUNK: "UpdateSIPOutboundTrunk" (UpdateSipOutboundTrunkRequest) -> SipOutboundTrunkInfo,
        GET_SIP_INBOUND_TRUNK: "GetSIPInboundTrunk" (GetSipInboundTrunkRequest) -> GetSipInboundTrunkResponse,
        GET_SIP_OUTBOUND_TRUNK: "GetSIPOutboundTrunk" (GetSipOutboundTrunkRequest) -> GetSipOutboundTrunkResponse,
        LIST_SIP_INBOUND_TRUNK: "ListSIPInboundTrunk" (ListSipInboundTrunkRequest) -> ListSipInboundTrunkResponse,
        LIST_SIP_OUTBOUND_TRUNK: "ListSIPOutboundTrunk" (ListSipOutboundTrunkRequest) -> ListSipOutboundTrunkResponse,
        DELETE_SIP_TRUNK: "DeleteSIPTrunk" (DeleteSipTrunkRequest) -> SipTrunkInfo,
        CREATE_SIP_DISPATCH_RULE: "CreateSIPDispatchRule" (CreateSipDispatchRuleRequest) -> SipDispatchRuleInfo,
        UPDATE_SIP_DISPATCH_RULE: "UpdateSIPDispatchRule" (UpdateSipDispatchRuleRequest) -> SipDispatchRuleInfo,
        LIST_SIP_DISPATCH_RULE: "ListSIPDispatchRule" (ListSipDispatchRuleRequest) -> ListSipDispatchRuleResponse,
        DELETE_SIP_DISPATCH_RULE: "DeleteSIPDispatchRule" (DeleteSipDispatchRuleRequest) -> SipDispatchRuleInfo,
        CREATE_SIP_PARTICIPANT: "CreateSIPParticipant" (CreateSipParticipantRequest) -> SipParticipantInfo,
        TRANSFER_SIP_PARTICIPANT: "TransferSIPParticipant" (TransferSipParticipantRequest) -> TransferSipParticipantResponse,
    }
}

/// Agents for rooms.
pub mod agent_dispatch {
    use super::{Method, proto};

    methods! { "livekit.AgentDispatchService"
        CREATE_DISPATCH: "CreateDispatch" (CreateAgentDispatchRequest) -> AgentDispatch,
        DELETE_DISPATCH: "DeleteDispatch" (DeleteAgentDispatchRequest) -> AgentDispatch,
        LIST_DISPATCH: "ListDispatch" (ListAgentDispatchRequest) -> ListAgentDispatchResponse,
    }
}
