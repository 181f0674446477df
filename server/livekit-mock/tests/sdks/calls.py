"""Every method of the mock, called through the official Python SDK: what it needs, and some of what it must answer."""

import dataclasses
import functools
import typing

from conftest import twirp
from livekit import api
from livekit.protocol import room, rtc, sip

ROOM, OTHER = "my-room", "other-room"
PERSON = {"room": ROOM, "identity": "ana"}
FILES = [api.EncodedFileOutput(file_type=api.EncodedFileType.MP4, filepath="call.mp4")]
OFFER = rtc.SessionDescription(type="offer", sdp="v=0\r\n")
ADMIN_OF_ROOM = api.VideoGrants(room_admin=True, room=ROOM)
SIP_ADMIN = api.SIPGrants(admin=True)


@dataclasses.dataclass(frozen=True)
class Method:
    name: str
    #: Names of the grants without which it is forbidden; `room` and `destination_room` must match the request.
    grants: tuple
    call: typing.Callable
    #: Path in the answer → value: echoes of the request, placeholders, the one element of a list.
    answers: dict


def look(message, path):
    step = lambda value, part: value[int(part)] if part.isdigit() else getattr(value, part)
    return functools.reduce(step, path.split("."), message)


def method(name, grants, call, /, **answers):
    answers = {path.replace("__", "."): value for path, value in answers.items()}
    return Method(name, tuple(grants.split()), call, answers)


METHODS = [
    method(
        "RoomService/CreateRoom",
        "room_create",
        lambda sdk: sdk.room.create_room(
            api.CreateRoomRequest(name=ROOM, metadata="m", empty_timeout=300, departure_timeout=60, max_participants=9)
        ),
        sid="MOCK_SID",
        name=ROOM,
        metadata="m",
        empty_timeout=300,
        departure_timeout=60,
        max_participants=9,
    ),
    method(
        "RoomService/ListRooms",
        "room_list",
        lambda sdk: sdk.room.list_rooms(api.ListRoomsRequest(names=[ROOM])),
        rooms__0__sid="MOCK_SID",
    ),
    method(
        "RoomService/DeleteRoom",
        "room_create",
        lambda sdk: sdk.room.delete_room(api.DeleteRoomRequest(room=ROOM)),
    ),
    method(
        "RoomService/ListParticipants",
        "room_admin room",
        lambda sdk: sdk.room.list_participants(api.ListParticipantsRequest(room=ROOM)),
        participants__0__sid="MOCK_SID",
    ),
    method(
        "RoomService/GetParticipant",
        "room_admin room",
        lambda sdk: sdk.room.get_participant(api.RoomParticipantIdentity(**PERSON)),
        sid="MOCK_SID",
        identity="ana",
    ),
    method(
        "RoomService/RemoveParticipant",
        "room_admin room",
        lambda sdk: sdk.room.remove_participant(api.RoomParticipantIdentity(**PERSON)),
    ),
    method(
        "RoomService/MutePublishedTrack",
        "room_admin room",
        lambda sdk: sdk.room.mute_published_track(api.MuteRoomTrackRequest(**PERSON, track_sid="TR_1", muted=True)),
    ),
    method(
        "RoomService/UpdateParticipant",
        "room_admin room",
        lambda sdk: sdk.room.update_participant(
            api.UpdateParticipantRequest(**PERSON, name="Ana", metadata="m", attributes={"seat": "1"})
        ),
        sid="MOCK_SID",
        identity="ana",
        name="Ana",
        metadata="m",
    ),
    method(
        "RoomService/UpdateSubscriptions",
        "room_admin room",
        lambda sdk: sdk.room.update_subscriptions(
            api.UpdateSubscriptionsRequest(**PERSON, track_sids=["TR_1"], subscribe=True)
        ),
    ),
    method(
        "RoomService/SendData",
        "room_admin room",
        lambda sdk: sdk.room.send_data(
            api.SendDataRequest(room=ROOM, data=b"hello", kind=api.DataPacket.RELIABLE, topic="chat")
        ),
    ),
    method(
        "RoomService/UpdateRoomMetadata",
        "room_admin room",
        lambda sdk: sdk.room.update_room_metadata(api.UpdateRoomMetadataRequest(room=ROOM, metadata="n")),
        sid="MOCK_SID",
        metadata="n",
    ),
    method(
        "RoomService/ForwardParticipant",
        "room_admin room destination_room",
        lambda sdk: sdk.room.forward_participant(api.ForwardParticipantRequest(**PERSON, destination_room=OTHER)),
    ),
    method(
        "RoomService/MoveParticipant",
        "room_admin room destination_room",
        lambda sdk: sdk.room.move_participant(api.MoveParticipantRequest(**PERSON, destination_room=OTHER)),
    ),
    method(
        "RoomService/PerformRpc",
        "room_admin room",
        lambda sdk: twirp(
            sdk,
            "RoomService/PerformRpc",
            room.PerformRpcRequest(room=ROOM, destination_identity="ana", method="echo", payload="hi"),
            room.PerformRpcResponse,
            ADMIN_OF_ROOM,
        ),
        payload="hi",
    ),
    method(
        "Egress/StartEgress",
        "room_record",
        lambda sdk: sdk.egress.start_egress(
            api.StartEgressRequest(room_name=ROOM, web=api.WebSource(url="https://example.com"))
        ),
        egress_id="MOCK_EGRESS_ID",
        room_id="MOCK_ROOM_ID",
        room_name=ROOM,
    ),
    method(
        "Egress/StartRoomCompositeEgress",
        "room_record",
        lambda sdk: sdk.egress.start_room_composite_egress(
            api.RoomCompositeEgressRequest(room_name=ROOM, layout="grid", file_outputs=FILES)
        ),
        egress_id="MOCK_EGRESS_ID",
        room_name=ROOM,
    ),
    method(
        "Egress/StartWebEgress",
        "room_record",
        lambda sdk: sdk.egress.start_web_egress(api.WebEgressRequest(url="https://example.com", file_outputs=FILES)),
        egress_id="MOCK_EGRESS_ID",
    ),
    method(
        "Egress/StartParticipantEgress",
        "room_record",
        lambda sdk: sdk.egress.start_participant_egress(
            api.ParticipantEgressRequest(room_name=ROOM, identity="ana", file_outputs=FILES)
        ),
        egress_id="MOCK_EGRESS_ID",
        room_name=ROOM,
    ),
    method(
        "Egress/StartTrackCompositeEgress",
        "room_record",
        lambda sdk: sdk.egress.start_track_composite_egress(
            api.TrackCompositeEgressRequest(room_name=ROOM, audio_track_id="TR_1", file_outputs=FILES)
        ),
        egress_id="MOCK_EGRESS_ID",
        room_name=ROOM,
    ),
    method(
        "Egress/StartTrackEgress",
        "room_record",
        lambda sdk: sdk.egress.start_track_egress(
            api.TrackEgressRequest(room_name=ROOM, track_id="TR_1", file=api.DirectFileOutput(filepath="t.ogg"))
        ),
        egress_id="MOCK_EGRESS_ID",
        room_name=ROOM,
    ),
    method(
        "Egress/UpdateLayout",
        "room_record",
        lambda sdk: sdk.egress.update_layout(api.UpdateLayoutRequest(egress_id="EG_1", layout="speaker")),
        egress_id="EG_1",
    ),
    method(
        "Egress/UpdateStream",
        "room_record",
        lambda sdk: sdk.egress.update_stream(
            api.UpdateStreamRequest(egress_id="EG_1", add_output_urls=["rtmps://example.com/live"])
        ),
        egress_id="EG_1",
    ),
    method(
        "Egress/ListEgress",
        "room_record",
        lambda sdk: sdk.egress.list_egress(api.ListEgressRequest(room_name=ROOM)),
        items__0__egress_id="MOCK_EGRESS_ID",
    ),
    method(
        "Egress/StopEgress",
        "room_record",
        lambda sdk: sdk.egress.stop_egress(api.StopEgressRequest(egress_id="EG_1")),
        egress_id="EG_1",
    ),
    method(
        "Ingress/CreateIngress",
        "ingress_admin",
        lambda sdk: sdk.ingress.create_ingress(
            api.CreateIngressRequest(
                input_type=api.IngressInput.RTMP_INPUT, name="camera", room_name=ROOM, participant_identity="bot"
            )
        ),
        ingress_id="MOCK_INGRESS_ID",
        name="camera",
        room_name=ROOM,
        participant_identity="bot",
    ),
    method(
        "Ingress/UpdateIngress",
        "ingress_admin",
        lambda sdk: sdk.ingress.update_ingress(
            api.UpdateIngressRequest(ingress_id="IN_1", name="camera", room_name=ROOM)
        ),
        ingress_id="IN_1",
        name="camera",
        room_name=ROOM,
    ),
    method(
        "Ingress/ListIngress",
        "ingress_admin",
        lambda sdk: sdk.ingress.list_ingress(api.ListIngressRequest(room_name=ROOM)),
        items__0__ingress_id="MOCK_INGRESS_ID",
    ),
    method(
        "Ingress/DeleteIngress",
        "ingress_admin",
        lambda sdk: sdk.ingress.delete_ingress(api.DeleteIngressRequest(ingress_id="IN_1")),
        ingress_id="IN_1",
    ),
    method(
        "SIP/CreateSIPInboundTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.create_inbound_trunk(
            api.CreateSIPInboundTrunkRequest(trunk=api.SIPInboundTrunkInfo(name="in", numbers=["+15105550100"]))
        ),
        sip_trunk_id="MOCK_SIP_TRUNK_ID",
    ),
    method(
        "SIP/CreateSIPOutboundTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.create_outbound_trunk(
            api.CreateSIPOutboundTrunkRequest(
                trunk=api.SIPOutboundTrunkInfo(name="out", address="sip.example.com", numbers=["+15105550100"])
            )
        ),
        sip_trunk_id="MOCK_SIP_TRUNK_ID",
    ),
    method(
        "SIP/UpdateSIPInboundTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.update_inbound_trunk("ST_1", api.SIPInboundTrunkInfo(name="in")),
        sip_trunk_id="ST_1",
    ),
    method(
        "SIP/UpdateSIPOutboundTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.update_outbound_trunk("ST_1", api.SIPOutboundTrunkInfo(name="out")),
        sip_trunk_id="ST_1",
    ),
    method(
        "SIP/GetSIPInboundTrunk",
        "sip_admin",
        lambda sdk: twirp(
            sdk,
            "SIP/GetSIPInboundTrunk",
            sip.GetSIPInboundTrunkRequest(sip_trunk_id="ST_1"),
            sip.GetSIPInboundTrunkResponse,
            sip=SIP_ADMIN,
        ),
    ),
    method(
        "SIP/GetSIPOutboundTrunk",
        "sip_admin",
        lambda sdk: twirp(
            sdk,
            "SIP/GetSIPOutboundTrunk",
            sip.GetSIPOutboundTrunkRequest(sip_trunk_id="ST_1"),
            sip.GetSIPOutboundTrunkResponse,
            sip=SIP_ADMIN,
        ),
    ),
    method(
        "SIP/ListSIPTrunk",
        "sip_admin",
        lambda sdk: twirp(
            sdk, "SIP/ListSIPTrunk", sip.ListSIPTrunkRequest(), sip.ListSIPTrunkResponse, sip=SIP_ADMIN
        ),
        items__0__sip_trunk_id="MOCK_SIP_TRUNK_ID",
    ),
    method(
        "SIP/ListSIPInboundTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest(trunk_ids=["ST_1"])),
        items__0__sip_trunk_id="MOCK_SIP_TRUNK_ID",
    ),
    method(
        "SIP/ListSIPOutboundTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest(trunk_ids=["ST_1"])),
        items__0__sip_trunk_id="MOCK_SIP_TRUNK_ID",
    ),
    method(
        "SIP/DeleteSIPTrunk",
        "sip_admin",
        lambda sdk: sdk.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id="ST_1")),
        sip_trunk_id="ST_1",
    ),
    method(
        "SIP/CreateSIPDispatchRule",
        "sip_admin",
        lambda sdk: sdk.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(name="support", metadata="m")),
        sip_dispatch_rule_id="MOCK_SIP_DISPATCH_RULE_ID",
        name="support",
        metadata="m",
    ),
    method(
        "SIP/UpdateSIPDispatchRule",
        "sip_admin",
        lambda sdk: sdk.sip.update_dispatch_rule("SDR_1", api.SIPDispatchRuleInfo(name="support")),
        sip_dispatch_rule_id="SDR_1",
    ),
    method(
        "SIP/ListSIPDispatchRule",
        "sip_admin",
        lambda sdk: sdk.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest()),
        items__0__sip_dispatch_rule_id="MOCK_SIP_DISPATCH_RULE_ID",
    ),
    method(
        "SIP/DeleteSIPDispatchRule",
        "sip_admin",
        lambda sdk: sdk.sip.delete_dispatch_rule(api.DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id="SDR_1")),
        sip_dispatch_rule_id="SDR_1",
    ),
    method(
        "SIP/CreateSIPParticipant",
        "sip_call",
        lambda sdk: sdk.sip.create_sip_participant(
            api.CreateSIPParticipantRequest(sip_trunk_id="ST_1", sip_call_to="+1510", room_name=ROOM)
        ),
        participant_id="MOCK_PARTICIPANT_ID",
        sip_call_id="MOCK_SIP_CALL_ID",
        room_name=ROOM,
    ),
    method(
        "SIP/TransferSIPParticipant",
        "sip_call room_admin room",
        lambda sdk: sdk.sip.transfer_sip_participant(
            api.TransferSIPParticipantRequest(room_name=ROOM, participant_identity="ana", transfer_to="tel:+1510")
        ),
    ),
    method(
        "Connector/DialWhatsAppCall",
        "room_create",
        lambda sdk: sdk.connector.dial_whatsapp_call(
            api.DialWhatsAppCallRequest(
                whatsapp_phone_number_id="1", whatsapp_to_phone_number="+1510", whatsapp_api_key="k", room_name=ROOM
            )
        ),
        whatsapp_call_id="MOCK_WHATSAPP_CALL_ID",
        room_name=ROOM,
    ),
    method(
        "Connector/DisconnectWhatsAppCall",
        "room_create",
        lambda sdk: sdk.connector.disconnect_whatsapp_call(
            api.DisconnectWhatsAppCallRequest(whatsapp_call_id="w", whatsapp_api_key="k")
        ),
    ),
    method(
        "Connector/ConnectWhatsAppCall",
        "room_create",
        lambda sdk: sdk.connector.connect_whatsapp_call(
            api.ConnectWhatsAppCallRequest(whatsapp_call_id="w", sdp=OFFER)
        ),
    ),
    method(
        "Connector/AcceptWhatsAppCall",
        "room_create",
        lambda sdk: sdk.connector.accept_whatsapp_call(
            api.AcceptWhatsAppCallRequest(
                whatsapp_phone_number_id="1", whatsapp_api_key="k", whatsapp_call_id="w", sdp=OFFER, room_name=ROOM
            )
        ),
        room_name=ROOM,
    ),
    method(
        "Connector/ConnectTwilioCall",
        "room_create",
        lambda sdk: sdk.connector.connect_twilio_call(
            api.ConnectTwilioCallRequest(room_name=ROOM, participant_identity="caller")
        ),
    ),
    method(
        "AgentDispatchService/CreateDispatch",
        "room_admin",
        lambda sdk: sdk.agent_dispatch.create_dispatch(
            api.CreateAgentDispatchRequest(room=ROOM, agent_name="greeter")
        ),
        id="",
    ),
    method(
        "AgentDispatchService/DeleteDispatch",
        "room_admin",
        lambda sdk: sdk.agent_dispatch.delete_dispatch("AD_1", ROOM),
        id="",
    ),
    method(
        "AgentDispatchService/ListDispatch",
        "room_admin",
        lambda sdk: sdk.agent_dispatch.list_dispatch(ROOM),
    ),
]
