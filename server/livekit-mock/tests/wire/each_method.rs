//! Every method of the API: what a token must grant, and what is answered, in both encodings. One row, one method.

use livekit_wire::Claims;
use serde_json::{Value, json};

use crate::harness::{BOTH, Encoding, Mock, everything, request, sign};

/// The grants of the permission table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    RoomCreate,
    RoomList,
    RoomRecord,
    IngressAdmin,
    RoomAdmin,
    DestinationRoom,
    SipAdmin,
    SipCall,
}

const GRANTS: [Grant; 8] = [
    Grant::RoomCreate,
    Grant::RoomList,
    Grant::RoomRecord,
    Grant::IngressAdmin,
    Grant::RoomAdmin,
    Grant::DestinationRoom,
    Grant::SipAdmin,
    Grant::SipCall,
];

/// Everything but the grants for which `keep` says no.
fn granting(keep: impl Fn(Grant) -> bool) -> Claims {
    let mut claims = everything();
    let (video, sip) = (claims.video.as_mut().unwrap(), claims.sip.as_mut().unwrap());
    for grant in GRANTS.into_iter().filter(|grant| !keep(*grant)) {
        match grant {
            Grant::RoomCreate => video.room_create = false,
            Grant::RoomList => video.room_list = false,
            Grant::RoomRecord => video.room_record = false,
            Grant::IngressAdmin => video.ingress_admin = false,
            Grant::RoomAdmin => video.room_admin = false,
            Grant::DestinationRoom => video.destination_room.clear(),
            Grant::SipAdmin => sip.admin = false,
            Grant::SipCall => sip.call = false,
        }
    }
    claims
}

async fn asks_for(key: &str, needed: &[Grant]) {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let bare = || mock.call(key).encoding(encoding).request(&request());
        let call = || bare().control(&json!({"delayMs": 0}));

        let nobody = call().send().await;
        assert_eq!(nobody.failure(401), "unauthenticated", "without a token");
        let forged = sign(&everything(), "another secret");
        let forged = call()
            .header("Authorization", format!("Bearer {forged}"))
            .send()
            .await;
        assert_eq!(
            forged.failure(401),
            "unauthenticated",
            "with a forged token"
        );
        for lacking in needed {
            let denied = call()
                .token(&granting(|grant| grant != *lacking))
                .send()
                .await;
            assert_eq!(
                denied.failure(403),
                "permission_denied",
                "without {lacking:?}"
            );
        }

        let allowed = call()
            .token(&granting(|grant| needed.contains(&grant)))
            .send()
            .await;
        assert_eq!(
            (allowed.status, allowed.region.as_deref()),
            (200, Some("0"))
        );
        let skipped = bare()
            .control(&json!({"delayMs": 0, "skipAuth": true}))
            .send()
            .await;
        assert_eq!(
            skipped.status, 200,
            "without a token, where none is asked for"
        );
    }
    mock.stop().await;
}

async fn answers(key: &str, answer: &Value) {
    let mock = Mock::start().await;
    for encoding in BOTH {
        let call = mock.call(key).encoding(encoding).token(&everything());
        let answered = call
            .control(&json!({"delayMs": 0}))
            .request(&request())
            .send()
            .await;
        assert_eq!(answered.content_type, encoding.content_type());
        assert_eq!(answered.message(key), *answer);
    }
    mock.stop().await;
}

macro_rules! rows {
    ($($name:ident: $key:literal asks for [$($grant:ident),*], answers $answer:tt;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn asks_for_its_grants() {
                asks_for($key, &[$(Grant::$grant),*]).await;
            }

            #[tokio::test]
            async fn answers_populated() {
                answers($key, &json!($answer)).await;
            }
        }
    )*};
}

rows! {
    create_room: "livekit.RoomService/CreateRoom" asks for [RoomCreate],
        answers {"sid": "MOCK_SID", "name": "n1", "emptyTimeout": 7, "departureTimeout": 9, "maxParticipants": 3,
            "enabledCodecs": [{}], "metadata": "md"};
    list_rooms: "livekit.RoomService/ListRooms" asks for [RoomList], answers {"rooms": [{"sid": "MOCK_SID"}]};
    delete_room: "livekit.RoomService/DeleteRoom" asks for [RoomCreate], answers {};
    list_participants: "livekit.RoomService/ListParticipants" asks for [RoomAdmin],
        answers {"participants": [{"sid": "MOCK_SID"}]};
    get_participant: "livekit.RoomService/GetParticipant" asks for [RoomAdmin],
        answers {"sid": "MOCK_SID", "identity": "me", "tracks": [{"sid": "MOCK_SID"}], "dataTracks": [{"sid":
            "MOCK_SID"}]};
    remove_participant: "livekit.RoomService/RemoveParticipant" asks for [RoomAdmin], answers {};
    mute_published_track: "livekit.RoomService/MutePublishedTrack" asks for [RoomAdmin], answers {};
    update_participant: "livekit.RoomService/UpdateParticipant" asks for [RoomAdmin],
        answers {"sid": "MOCK_SID", "identity": "me", "tracks": [{"sid": "MOCK_SID"}], "metadata": "md", "name": "n1",
            "dataTracks": [{"sid": "MOCK_SID"}]};
    update_subscriptions: "livekit.RoomService/UpdateSubscriptions" asks for [RoomAdmin], answers {};
    send_data: "livekit.RoomService/SendData" asks for [RoomAdmin], answers {};
    update_room_metadata: "livekit.RoomService/UpdateRoomMetadata" asks for [RoomAdmin],
        answers {"sid": "MOCK_SID", "enabledCodecs": [{}], "metadata": "md"};
    forward_participant: "livekit.RoomService/ForwardParticipant" asks for [RoomAdmin, DestinationRoom], answers {};
    move_participant: "livekit.RoomService/MoveParticipant" asks for [RoomAdmin, DestinationRoom], answers {};
    perform_rpc: "livekit.RoomService/PerformRpc" asks for [RoomAdmin], answers {"payload": "pl"};
    start_egress: "livekit.Egress/StartEgress" asks for [RoomRecord],
        answers {"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID", "roomName": "r", "streamResults": [{}],
            "fileResults": [{}], "segmentResults": [{}], "imageResults": [{}]};
    update_layout: "livekit.Egress/UpdateLayout" asks for [RoomRecord],
        answers {"egressId": "EG_1", "roomId": "MOCK_ROOM_ID", "streamResults": [{}], "fileResults": [{}],
            "segmentResults": [{}], "imageResults": [{}]};
    update_stream: "livekit.Egress/UpdateStream" asks for [RoomRecord],
        answers {"egressId": "EG_1", "roomId": "MOCK_ROOM_ID", "streamResults": [{}], "fileResults": [{}],
            "segmentResults": [{}], "imageResults": [{}]};
    list_egress: "livekit.Egress/ListEgress" asks for [RoomRecord],
        answers {"items": [{"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID"}]};
    stop_egress: "livekit.Egress/StopEgress" asks for [RoomRecord],
        answers {"egressId": "EG_1", "roomId": "MOCK_ROOM_ID", "streamResults": [{}], "fileResults": [{}],
            "segmentResults": [{}], "imageResults": [{}]};
    start_room_composite_egress: "livekit.Egress/StartRoomCompositeEgress" asks for [RoomRecord],
        answers {"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID", "roomName": "r", "streamResults": [{}],
            "fileResults": [{}], "segmentResults": [{}], "imageResults": [{}]};
    start_web_egress: "livekit.Egress/StartWebEgress" asks for [RoomRecord],
        answers {"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID", "streamResults": [{}], "fileResults": [{}],
            "segmentResults": [{}], "imageResults": [{}]};
    start_participant_egress: "livekit.Egress/StartParticipantEgress" asks for [RoomRecord],
        answers {"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID", "roomName": "r", "streamResults": [{}],
            "fileResults": [{}], "segmentResults": [{}], "imageResults": [{}]};
    start_track_composite_egress: "livekit.Egress/StartTrackCompositeEgress" asks for [RoomRecord],
        answers {"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID", "roomName": "r", "streamResults": [{}],
            "fileResults": [{}], "segmentResults": [{}], "imageResults": [{}]};
    start_track_egress: "livekit.Egress/StartTrackEgress" asks for [RoomRecord],
        answers {"egressId": "MOCK_EGRESS_ID", "roomId": "MOCK_ROOM_ID", "roomName": "r", "streamResults": [{}],
            "fileResults": [{}], "segmentResults": [{}], "imageResults": [{}]};
    create_ingress: "livekit.Ingress/CreateIngress" asks for [IngressAdmin],
        answers {"ingressId": "MOCK_INGRESS_ID", "name": "n1", "url": "u", "enableTranscoding": true, "roomName": "r",
            "participantIdentity": "pi", "participantName": "pn"};
    update_ingress: "livekit.Ingress/UpdateIngress" asks for [IngressAdmin],
        answers {"ingressId": "IN_1", "name": "n1", "enableTranscoding": true, "roomName": "r", "participantIdentity":
            "pi", "participantName": "pn"};
    list_ingress: "livekit.Ingress/ListIngress" asks for [IngressAdmin],
        answers {"items": [{"ingressId": "MOCK_INGRESS_ID"}]};
    delete_ingress: "livekit.Ingress/DeleteIngress" asks for [IngressAdmin], answers {"ingressId": "IN_1"};
    list_sip_trunk: "livekit.SIP/ListSIPTrunk" asks for [SipAdmin],
        answers {"items": [{"sipTrunkId": "MOCK_SIP_TRUNK_ID"}]};
    create_sip_inbound_trunk: "livekit.SIP/CreateSIPInboundTrunk" asks for [SipAdmin],
        answers {"sipTrunkId": "MOCK_SIP_TRUNK_ID"};
    create_sip_outbound_trunk: "livekit.SIP/CreateSIPOutboundTrunk" asks for [SipAdmin],
        answers {"sipTrunkId": "MOCK_SIP_TRUNK_ID"};
    update_sip_inbound_trunk: "livekit.SIP/UpdateSIPInboundTrunk" asks for [SipAdmin],
        answers {"sipTrunkId": "ST_1"};
    update_sip_outbound_trunk: "livekit.SIP/UpdateSIPOutboundTrunk" asks for [SipAdmin],
        answers {"sipTrunkId": "ST_1"};
    get_sip_inbound_trunk: "livekit.SIP/GetSIPInboundTrunk" asks for [SipAdmin], answers {};
    get_sip_outbound_trunk: "livekit.SIP/GetSIPOutboundTrunk" asks for [SipAdmin], answers {};
    list_sip_inbound_trunk: "livekit.SIP/ListSIPInboundTrunk" asks for [SipAdmin],
        answers {"items": [{"sipTrunkId": "MOCK_SIP_TRUNK_ID"}]};
    list_sip_outbound_trunk: "livekit.SIP/ListSIPOutboundTrunk" asks for [SipAdmin],
        answers {"items": [{"sipTrunkId": "MOCK_SIP_TRUNK_ID"}]};
    delete_sip_trunk: "livekit.SIP/DeleteSIPTrunk" asks for [SipAdmin], answers {"sipTrunkId": "ST_1"};
    create_sip_dispatch_rule: "livekit.SIP/CreateSIPDispatchRule" asks for [SipAdmin],
        answers {"sipDispatchRuleId": "MOCK_SIP_DISPATCH_RULE_ID", "hidePhoneNumber": true, "name": "n1", "metadata":
            "md"};
    update_sip_dispatch_rule: "livekit.SIP/UpdateSIPDispatchRule" asks for [SipAdmin],
        answers {"sipDispatchRuleId": "SDR_1"};
    list_sip_dispatch_rule: "livekit.SIP/ListSIPDispatchRule" asks for [SipAdmin],
        answers {"items": [{"sipDispatchRuleId": "MOCK_SIP_DISPATCH_RULE_ID"}]};
    delete_sip_dispatch_rule: "livekit.SIP/DeleteSIPDispatchRule" asks for [SipAdmin],
        answers {"sipDispatchRuleId": "SDR_1"};
    create_sip_participant: "livekit.SIP/CreateSIPParticipant" asks for [SipCall],
        answers {"participantId": "MOCK_PARTICIPANT_ID", "participantIdentity": "pi", "roomName": "r", "sipCallId":
            "MOCK_SIP_CALL_ID"};
    transfer_sip_participant: "livekit.SIP/TransferSIPParticipant" asks for [SipCall, RoomAdmin],
        answers {"transferId": "MOCK_TRANSFER_ID"};
    dial_whatsapp_call: "livekit.Connector/DialWhatsAppCall" asks for [RoomCreate],
        answers {"whatsappCallId": "MOCK_WHATSAPP_CALL_ID", "roomName": "r"};
    disconnect_whatsapp_call: "livekit.Connector/DisconnectWhatsAppCall" asks for [RoomCreate], answers {};
    connect_whatsapp_call: "livekit.Connector/ConnectWhatsAppCall" asks for [RoomCreate], answers {};
    accept_whatsapp_call: "livekit.Connector/AcceptWhatsAppCall" asks for [RoomCreate], answers {"roomName": "r"};
    connect_twilio_call: "livekit.Connector/ConnectTwilioCall" asks for [RoomCreate], answers {};
}

/// The rows of the agents' dispatch: answered empty, and for any room.
macro_rules! dispatch_rows {
    ($($name:ident: $method:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            asks_for(concat!("livekit.AgentDispatchService/", $method), &[Grant::RoomAdmin]).await;
            answers_empty(concat!("livekit.AgentDispatchService/", $method)).await;
        }
    )*};
}

dispatch_rows! {
    create_dispatch: "CreateDispatch";
    delete_dispatch: "DeleteDispatch";
    list_dispatch: "ListDispatch";
}

async fn answers_empty(key: &str) {
    let mock = Mock::start().await;
    let body = br#"{"room":"another","name":"n"}"#.as_slice();
    let json = mock.call(key).token(&everything()).body(body).send().await;
    assert_eq!((json.status, json.text()), (200, "{}"));
    let protobuf = mock
        .call(key)
        .encoding(Encoding::Protobuf)
        .token(&everything())
        .send()
        .await;
    assert_eq!((protobuf.status, protobuf.text()), (200, ""));
    mock.stop().await;
}

#[tokio::test]
async fn a_method_of_the_future_is_answered_empty_and_asks_for_no_token() {
    let mock = Mock::start().await;
    for key in ["livekit.RoomService/Fly", "livekit.Carpets/CreateRoom"] {
        for (encoding, body) in [(Encoding::Json, "{}"), (Encoding::Protobuf, "")] {
            let answer = mock.call(key).encoding(encoding).send().await;
            assert_eq!((answer.status, answer.text()), (200, body));
            assert_eq!(answer.region.as_deref(), Some("0"));
            assert_eq!(answer.content_type, encoding.content_type());
        }
        let failed = mock
            .call(key)
            .control(&json!({"failRegions": [0]}))
            .send()
            .await;
        assert_eq!(failed.failure(503), "unavailable");
    }
    mock.stop().await;
}
