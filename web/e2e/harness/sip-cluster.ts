// A LiveKit cluster with a SIP service, as far as the site asks one: it keeps trunks, rules and calls, and telephones nobody.
import { createServer, type Server } from 'node:http';
import * as livekit from '@livekit/protocol';
import { freeTcpPort } from './ports.ts';

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Kept<T> = Map<string, T>;
const all = <T>(kept: Kept<T>, ids: string[]): T[] =>
  [...kept].filter(([id]) => ids.length === 0 || ids.includes(id)).map(([, entry]) => entry);

function found<T>(kept: Kept<T>, id: string): T {
  const entry = kept.get(id);
  if (!entry) throw new Refusal('not_found', 'requested sip entry does not exist');
  return entry;
}

export class SipCluster {
  readonly url: string;
  readonly inbound: Kept<livekit.SIPInboundTrunkInfo> = new Map();
  readonly outbound: Kept<livekit.SIPOutboundTrunkInfo> = new Map();
  readonly rules: Kept<livekit.SIPDispatchRuleInfo> = new Map();
  readonly calls: Kept<{ room: string; who: livekit.ParticipantInfo }> = new Map();
  readonly transfers: livekit.TransferSIPParticipantRequest[] = [];
  private readonly server: Server;
  private count = 0;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        const [, , service, method] = (request.url ?? '').split('/');
        if (request.method !== 'POST') return void response.end('OK');
        if (request.headers['content-type'] === 'application/json') {
          // The probe: it asks for rooms to see that the key is good.
          response.setHeader('content-type', 'application/json');
          return void response.end('{}');
        }
        try {
          const answer = this.answer(`${service}/${method}`, Buffer.concat(parts));
          response.setHeader('content-type', 'application/protobuf');
          response.end(answer.toBinary());
        } catch (error) {
          const code = error instanceof Refusal ? error.code : 'internal';
          response.statusCode = { not_found: 404, bad_route: 404, internal: 500 }[code] ?? 400;
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ code, msg: String(error instanceof Error ? error.message : error) }));
        }
      });
    });
    this.server.listen(port, '127.0.0.1');
  }

  static async start(): Promise<SipCluster> {
    return new SipCluster(await freeTcpPort());
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private next(kind: string): string {
    this.count += 1;
    return `${kind}_${this.count}`;
  }

  /** As livekit-server's `pkg/service/sip.go` and `roomservice.go`. */
  private answer(method: string, body: Uint8Array): { toBinary(): Uint8Array } {
    switch (method) {
      case 'livekit.SIP/CreateSIPInboundTrunk': {
        const { trunk } = livekit.CreateSIPInboundTrunkRequest.fromBinary(body);
        if (!trunk) throw new Refusal('invalid_argument', 'missing trunk');
        if (trunk.numbers.length === 0 && trunk.authUsername === '' && trunk.allowedAddresses.length === 0) {
          throw new Refusal('invalid_argument', 'for security, one of the fields must be set');
        }
        trunk.sipTrunkId = this.next('ST_in');
        this.inbound.set(trunk.sipTrunkId, trunk);
        return trunk;
      }
      case 'livekit.SIP/CreateSIPOutboundTrunk': {
        const { trunk } = livekit.CreateSIPOutboundTrunkRequest.fromBinary(body);
        if (!trunk) throw new Refusal('invalid_argument', 'missing trunk');
        trunk.sipTrunkId = this.next('ST_out');
        this.outbound.set(trunk.sipTrunkId, trunk);
        return trunk;
      }
      case 'livekit.SIP/ListSIPInboundTrunk': {
        const { trunkIds } = livekit.ListSIPInboundTrunkRequest.fromBinary(body);
        return new livekit.ListSIPInboundTrunkResponse({ items: all(this.inbound, trunkIds) });
      }
      case 'livekit.SIP/ListSIPOutboundTrunk': {
        const { trunkIds } = livekit.ListSIPOutboundTrunkRequest.fromBinary(body);
        return new livekit.ListSIPOutboundTrunkResponse({ items: all(this.outbound, trunkIds) });
      }
      case 'livekit.SIP/UpdateSIPInboundTrunk': {
        const { sipTrunkId, action } = livekit.UpdateSIPInboundTrunkRequest.fromBinary(body);
        found(this.inbound, sipTrunkId);
        if (action.case !== 'replace') throw new Refusal('unimplemented', 'replace only');
        this.inbound.set(sipTrunkId, action.value);
        return action.value;
      }
      case 'livekit.SIP/UpdateSIPOutboundTrunk': {
        const { sipTrunkId, action } = livekit.UpdateSIPOutboundTrunkRequest.fromBinary(body);
        found(this.outbound, sipTrunkId);
        if (action.case !== 'replace') throw new Refusal('unimplemented', 'replace only');
        this.outbound.set(sipTrunkId, action.value);
        return action.value;
      }
      case 'livekit.SIP/DeleteSIPTrunk': {
        const { sipTrunkId } = livekit.DeleteSIPTrunkRequest.fromBinary(body);
        if (!this.inbound.delete(sipTrunkId)) {
          found(this.outbound, sipTrunkId);
          this.outbound.delete(sipTrunkId);
        }
        return new livekit.SIPTrunkInfo({ sipTrunkId });
      }
      case 'livekit.SIP/CreateSIPDispatchRule': {
        const { dispatchRule: rule } = livekit.CreateSIPDispatchRuleRequest.fromBinary(body);
        if (!rule) throw new Refusal('invalid_argument', 'missing rule');
        rule.sipDispatchRuleId = this.next('SDR');
        this.rules.set(rule.sipDispatchRuleId, rule);
        return rule;
      }
      case 'livekit.SIP/ListSIPDispatchRule': {
        const { dispatchRuleIds } = livekit.ListSIPDispatchRuleRequest.fromBinary(body);
        return new livekit.ListSIPDispatchRuleResponse({ items: all(this.rules, dispatchRuleIds) });
      }
      case 'livekit.SIP/UpdateSIPDispatchRule': {
        const { sipDispatchRuleId, action } = livekit.UpdateSIPDispatchRuleRequest.fromBinary(body);
        found(this.rules, sipDispatchRuleId);
        if (action.case !== 'replace') throw new Refusal('unimplemented', 'replace only');
        this.rules.set(sipDispatchRuleId, action.value);
        return action.value;
      }
      case 'livekit.SIP/DeleteSIPDispatchRule': {
        const { sipDispatchRuleId } = livekit.DeleteSIPDispatchRuleRequest.fromBinary(body);
        const rule = found(this.rules, sipDispatchRuleId);
        this.rules.delete(sipDispatchRuleId);
        return rule;
      }
      case 'livekit.SIP/CreateSIPParticipant': {
        const call = livekit.CreateSIPParticipantRequest.fromBinary(body);
        const trunk = found(this.outbound, call.sipTrunkId);
        const sipCallId = this.next('SCL');
        const who = new livekit.ParticipantInfo({
          sid: this.next('PA'),
          identity: `sip_${call.sipCallTo}`,
          name: call.participantName,
          kind: livekit.ParticipantInfo_Kind.SIP,
          state: livekit.ParticipantInfo_State.ACTIVE,
          joinedAt: BigInt(Math.floor(Date.now() / 1000)),
          attributes: {
            'sip.callStatus': 'active',
            'sip.callID': sipCallId,
            'sip.phoneNumber': call.sipCallTo,
            'sip.trunkID': call.sipTrunkId,
            'sip.trunkPhoneNumber': trunk.numbers[0] ?? '',
          },
        });
        this.calls.set(who.identity, { room: call.roomName, who });
        return new livekit.SIPParticipantInfo({
          participantId: who.sid,
          participantIdentity: who.identity,
          roomName: call.roomName,
          sipCallId,
        });
      }
      case 'livekit.SIP/TransferSIPParticipant': {
        const transfer = livekit.TransferSIPParticipantRequest.fromBinary(body);
        found(this.calls, transfer.participantIdentity);
        if (transfer.transferTo.endsWith('0000')) throw new Refusal('invalid_argument', 'the number is not in use');
        this.calls.delete(transfer.participantIdentity);
        this.transfers.push(transfer);
        return new livekit.RoomEgress();
      }
      case 'livekit.RoomService/ListRooms': {
        const { names } = livekit.ListRoomsRequest.fromBinary(body);
        const rooms = [...new Set([...this.calls.values()].map(({ room }) => room))];
        return new livekit.ListRoomsResponse({
          rooms: rooms
            .filter((name) => names.length === 0 || names.includes(name))
            .map((name) => ({ name, sid: `RM_${name}`, numParticipants: this.people(name).length })),
        });
      }
      case 'livekit.RoomService/ListParticipants': {
        const { room } = livekit.ListParticipantsRequest.fromBinary(body);
        return new livekit.ListParticipantsResponse({ participants: this.people(room) });
      }
      case 'livekit.RoomService/GetParticipant':
        return this.person(body);
      case 'livekit.RoomService/RemoveParticipant':
        this.calls.delete(this.person(body).identity);
        return new livekit.RemoveParticipantResponse();
      default:
        throw new Refusal('bad_route', `no handler for path ${method}`);
    }
  }

  private person(body: Uint8Array): livekit.ParticipantInfo {
    const { room, identity } = livekit.RoomParticipantIdentity.fromBinary(body);
    const call = this.calls.get(identity);
    if (call?.room !== room) throw new Refusal('not_found', 'participant does not exist');
    return call.who;
  }

  private people(room: string): livekit.ParticipantInfo[] {
    return [...this.calls.values()].filter((call) => call.room === room).map(({ who }) => who);
  }
}
