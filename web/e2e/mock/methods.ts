// Every method of the mock, called through the official Node SDK: what it needs, and some of what it must answer.
import {
  ConnectTwilioCallRequest_TwilioCallDirection,
  DataPacket_Kind,
  DirectFileOutput,
  DisconnectWhatsAppCallRequest_DisconnectReason,
  EncodedFileOutput,
  IngressInput,
  type LiveKitAPI,
  ServerError,
  SessionDescription,
  SIPDispatchRuleInfo,
  type SIPGrant,
  SIPInboundTrunkInfo,
  SIPOutboundTrunkInfo,
  StartEgressRequest,
  type VideoGrant,
} from 'livekit-server-sdk';
import { cloud, signed } from '../harness/mock-server.ts';

export const room = 'my-room';
export const other = 'other-room';

export type Grant = keyof VideoGrant | 'sipAdmin' | 'sipCall';

export type Method = {
  name: string;
  /** Without one of these it is forbidden; `room` and `destinationRoom` must match the request. */
  grants: Grant[];
  call: (sdk: LiveKitAPI, token?: string) => Promise<unknown>;
  /** Echoes of the request and placeholders; of a list, those of its one element. */
  answers: Record<string, unknown>;
};

const files = { file: new EncodedFileOutput({ filepath: 'call.mp4' }) };
const offer = new SessionDescription({ type: 'offer', sdp: 'v=0\r\n' });

/** A method that the SDK lacks, as it would call it. */
const twirp =
  (port: () => number, name: string, body: object, video: VideoGrant, sip?: SIPGrant) =>
  async (_sdk: LiveKitAPI, token?: string): Promise<unknown> => {
    const response = await fetch(`${cloud}:${port()}/twirp/livekit.${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token ?? (await signed(video, sip))}` },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { code?: string; msg?: string };
    if (!response.ok) throw new ServerError(response.statusText, answer.msg ?? '', response.status, answer.code);
    return answer;
  };

/** `port` is that of the primary, known once the mock has started. */
export function methods(port: () => number): Method[] {
  const of = (
    name: string,
    grants: string,
    call: Method['call'],
    answers: Record<string, unknown> = {},
  ): Method => ({ name, grants: grants.split(' ') as Grant[], call, answers });
  const admin: VideoGrant = { roomAdmin: true, room };
  return [
    of('RoomService/CreateRoom', 'roomCreate', (sdk) => sdk.room.createRoom({ name: room, metadata: 'm', emptyTimeout: 300, departureTimeout: 60, maxParticipants: 9 }), {
      sid: 'MOCK_SID', name: room, metadata: 'm', emptyTimeout: 300, departureTimeout: 60, maxParticipants: 9,
    }),
    of('RoomService/ListRooms', 'roomList', (sdk) => sdk.room.listRooms([room]), { sid: 'MOCK_SID' }),
    of('RoomService/DeleteRoom', 'roomCreate', (sdk) => sdk.room.deleteRoom(room)),
    of('RoomService/ListParticipants', 'roomAdmin room', (sdk) => sdk.room.listParticipants(room), { sid: 'MOCK_SID' }),
    of('RoomService/GetParticipant', 'roomAdmin room', (sdk) => sdk.room.getParticipant(room, 'ana'), {
      sid: 'MOCK_SID', identity: 'ana',
    }),
    of('RoomService/RemoveParticipant', 'roomAdmin room', (sdk) => sdk.room.removeParticipant(room, 'ana')),
    of('RoomService/MutePublishedTrack', 'roomAdmin room', (sdk) => sdk.room.mutePublishedTrack(room, 'ana', 'TR_1', true)),
    of('RoomService/UpdateParticipant', 'roomAdmin room', (sdk) => sdk.room.updateParticipant(room, 'ana', { name: 'Ana', metadata: 'm' }), {
      sid: 'MOCK_SID', identity: 'ana', name: 'Ana', metadata: 'm',
    }),
    of('RoomService/UpdateSubscriptions', 'roomAdmin room', (sdk) => sdk.room.updateSubscriptions(room, 'ana', ['TR_1'], true)),
    of('RoomService/SendData', 'roomAdmin room', (sdk) => sdk.room.sendData(room, new TextEncoder().encode('hello'), DataPacket_Kind.RELIABLE, { topic: 'chat' })),
    of('RoomService/UpdateRoomMetadata', 'roomAdmin room', (sdk) => sdk.room.updateRoomMetadata(room, 'n'), {
      sid: 'MOCK_SID', metadata: 'n',
    }),
    of('RoomService/ForwardParticipant', 'roomAdmin room destinationRoom', (sdk) => sdk.room.forwardParticipant(room, 'ana', other)),
    of('RoomService/MoveParticipant', 'roomAdmin room destinationRoom', (sdk) => sdk.room.moveParticipant(room, 'ana', other)),
    of('RoomService/PerformRpc', 'roomAdmin room', twirp(port, 'RoomService/PerformRpc', { room, destinationIdentity: 'ana', method: 'echo', payload: 'hi' }, admin), { payload: 'hi' }),

    of('Egress/StartEgress', 'roomRecord', (sdk) => sdk.egress.startEgress(new StartEgressRequest({ roomName: room })), {
      egressId: 'MOCK_EGRESS_ID', roomId: 'MOCK_ROOM_ID', roomName: room,
    }),
    of('Egress/StartRoomCompositeEgress', 'roomRecord', (sdk) => sdk.egress.startRoomCompositeEgress(room, files, { layout: 'grid' }), {
      egressId: 'MOCK_EGRESS_ID', roomName: room,
    }),
    of('Egress/StartWebEgress', 'roomRecord', (sdk) => sdk.egress.startWebEgress('https://example.com', files), {
      egressId: 'MOCK_EGRESS_ID',
    }),
    of('Egress/StartParticipantEgress', 'roomRecord', (sdk) => sdk.egress.startParticipantEgress(room, 'ana', files), {
      egressId: 'MOCK_EGRESS_ID', roomName: room,
    }),
    of('Egress/StartTrackCompositeEgress', 'roomRecord', (sdk) => sdk.egress.startTrackCompositeEgress(room, files, { audioTrackId: 'TR_1' }), {
      egressId: 'MOCK_EGRESS_ID', roomName: room,
    }),
    of('Egress/StartTrackEgress', 'roomRecord', (sdk) => sdk.egress.startTrackEgress(room, new DirectFileOutput({ filepath: 't.ogg' }), 'TR_1'), {
      egressId: 'MOCK_EGRESS_ID', roomName: room,
    }),
    of('Egress/UpdateLayout', 'roomRecord', (sdk) => sdk.egress.updateLayout('EG_1', 'speaker'), { egressId: 'EG_1' }),
    of('Egress/UpdateStream', 'roomRecord', (sdk) => sdk.egress.updateStream('EG_1', ['rtmps://example.com/live']), { egressId: 'EG_1' }),
    of('Egress/ListEgress', 'roomRecord', (sdk) => sdk.egress.listEgress({ roomName: room }), { egressId: 'MOCK_EGRESS_ID' }),
    of('Egress/StopEgress', 'roomRecord', (sdk) => sdk.egress.stopEgress('EG_1'), { egressId: 'EG_1' }),

    of('Ingress/CreateIngress', 'ingressAdmin', (sdk) => sdk.ingress.createIngress(IngressInput.RTMP_INPUT, { name: 'camera', roomName: room, participantIdentity: 'bot' }), {
      ingressId: 'MOCK_INGRESS_ID', name: 'camera', roomName: room, participantIdentity: 'bot',
    }),
    of('Ingress/UpdateIngress', 'ingressAdmin', (sdk) => sdk.ingress.updateIngress('IN_1', { name: 'camera', roomName: room }), {
      ingressId: 'IN_1', name: 'camera', roomName: room,
    }),
    of('Ingress/ListIngress', 'ingressAdmin', (sdk) => sdk.ingress.listIngress({ roomName: room }), { ingressId: 'MOCK_INGRESS_ID' }),
    of('Ingress/DeleteIngress', 'ingressAdmin', (sdk) => sdk.ingress.deleteIngress('IN_1'), { ingressId: 'IN_1' }),

    of('SIP/CreateSIPInboundTrunk', 'sipAdmin', (sdk) => sdk.sip.createSipInboundTrunk('in', ['+15105550100']), { sipTrunkId: 'MOCK_SIP_TRUNK_ID' }),
    of('SIP/CreateSIPOutboundTrunk', 'sipAdmin', (sdk) => sdk.sip.createSipOutboundTrunk('out', 'sip.example.com', ['+15105550100'], { transport: 0 }), { sipTrunkId: 'MOCK_SIP_TRUNK_ID' }),
    of('SIP/UpdateSIPInboundTrunk', 'sipAdmin', (sdk) => sdk.sip.updateSipInboundTrunk('ST_1', new SIPInboundTrunkInfo({ name: 'in' })), { sipTrunkId: 'ST_1' }),
    of('SIP/UpdateSIPOutboundTrunk', 'sipAdmin', (sdk) => sdk.sip.updateSipOutboundTrunk('ST_1', new SIPOutboundTrunkInfo({ name: 'out' })), { sipTrunkId: 'ST_1' }),
    of('SIP/GetSIPInboundTrunk', 'sipAdmin', twirp(port, 'SIP/GetSIPInboundTrunk', { sipTrunkId: 'ST_1' }, {}, { admin: true })),
    of('SIP/GetSIPOutboundTrunk', 'sipAdmin', twirp(port, 'SIP/GetSIPOutboundTrunk', { sipTrunkId: 'ST_1' }, {}, { admin: true })),
    of('SIP/ListSIPTrunk', 'sipAdmin', (sdk) => sdk.sip.listSipTrunk(), { sipTrunkId: 'MOCK_SIP_TRUNK_ID' }),
    of('SIP/ListSIPInboundTrunk', 'sipAdmin', (sdk) => sdk.sip.listSipInboundTrunk({ trunkIds: ['ST_1'] }), { sipTrunkId: 'MOCK_SIP_TRUNK_ID' }),
    of('SIP/ListSIPOutboundTrunk', 'sipAdmin', (sdk) => sdk.sip.listSipOutboundTrunk({ trunkIds: ['ST_1'] }), { sipTrunkId: 'MOCK_SIP_TRUNK_ID' }),
    of('SIP/DeleteSIPTrunk', 'sipAdmin', (sdk) => sdk.sip.deleteSipTrunk('ST_1'), { sipTrunkId: 'ST_1' }),
    of('SIP/CreateSIPDispatchRule', 'sipAdmin', (sdk) => sdk.sip.createSipDispatchRule({ type: 'direct', roomName: room }, { name: 'support', metadata: 'm' }), {
      sipDispatchRuleId: 'MOCK_SIP_DISPATCH_RULE_ID',
    }),
    of('SIP/UpdateSIPDispatchRule', 'sipAdmin', (sdk) => sdk.sip.updateSipDispatchRule('SDR_1', new SIPDispatchRuleInfo({ name: 'support' })), { sipDispatchRuleId: 'SDR_1' }),
    of('SIP/ListSIPDispatchRule', 'sipAdmin', (sdk) => sdk.sip.listSipDispatchRule(), { sipDispatchRuleId: 'MOCK_SIP_DISPATCH_RULE_ID' }),
    of('SIP/DeleteSIPDispatchRule', 'sipAdmin', (sdk) => sdk.sip.deleteSipDispatchRule('SDR_1'), { sipDispatchRuleId: 'SDR_1' }),
    of('SIP/CreateSIPParticipant', 'sipCall', (sdk) => sdk.sip.createSipParticipant('ST_1', '+1510', room, { participantIdentity: 'caller' }), {
      participantId: 'MOCK_PARTICIPANT_ID', sipCallId: 'MOCK_SIP_CALL_ID', roomName: room, participantIdentity: 'caller',
    }),
    of('SIP/TransferSIPParticipant', 'sipCall roomAdmin room', (sdk) => sdk.sip.transferSipParticipant(room, 'ana', 'tel:+1510')),

    of('Connector/DialWhatsAppCall', 'roomCreate', (sdk) => sdk.connector.dialWhatsAppCall({ whatsappPhoneNumberId: '1', whatsappToPhoneNumber: '+1510', whatsappApiKey: 'k', whatsappCloudApiVersion: '23.0', roomName: room }), {
      whatsappCallId: 'MOCK_WHATSAPP_CALL_ID', roomName: room,
    }),
    of('Connector/DisconnectWhatsAppCall', 'roomCreate', (sdk) => sdk.connector.disconnectWhatsAppCall('w', 'k', DisconnectWhatsAppCallRequest_DisconnectReason.BUSINESS_INITIATED)),
    of('Connector/ConnectWhatsAppCall', 'roomCreate', (sdk) => sdk.connector.connectWhatsAppCall('w', offer)),
    of('Connector/AcceptWhatsAppCall', 'roomCreate', (sdk) => sdk.connector.acceptWhatsAppCall({ whatsappPhoneNumberId: '1', whatsappApiKey: 'k', whatsappCloudApiVersion: '23.0', whatsappCallId: 'w', sdp: offer, roomName: room }), {
      roomName: room,
    }),
    of('Connector/ConnectTwilioCall', 'roomCreate', (sdk) => sdk.connector.connectTwilioCall({ twilioCallDirection: ConnectTwilioCallRequest_TwilioCallDirection.INBOUND, roomName: room, participantIdentity: 'caller' })),

    of('AgentDispatchService/CreateDispatch', 'roomAdmin', (sdk) => sdk.agentDispatch.createDispatch(room, 'greeter'), { id: '' }),
    of('AgentDispatchService/DeleteDispatch', 'roomAdmin', (sdk) => sdk.agentDispatch.deleteDispatch('AD_1', room)),
    of('AgentDispatchService/ListDispatch', 'roomAdmin', (sdk) => sdk.agentDispatch.listDispatch(room)),
  ];
}
