import { expect, test } from 'vitest';
import { addUp, between } from './measure';
import { chooseServers, readCandidate, takenWay, usesCandidate } from './ways';

const iceServers = [
  {
    urls: ['turn:meet.example.org:3478?transport=udp', 'turn:meet.example.org:3478?transport=tcp'],
    username: 'u',
    credential: 'c',
  },
  { urls: 'turns:meet.example.org:443?transport=tcp', username: 'u', credential: 'c' },
  { urls: 'stun:stun.example.org' },
];

test('a way of TURN gets its own servers and nothing but relays', () => {
  const udp = chooseServers('turn_udp', { iceServers });
  expect(udp.configuration.iceTransportPolicy).toBe('relay');
  expect(udp.configuration.iceServers).toEqual([
    { urls: ['turn:meet.example.org:3478?transport=udp'], username: 'u', credential: 'c' },
  ]);
  expect(udp.places).toEqual(['meet.example.org:3478']);
  expect(chooseServers('turn_tcp', { iceServers }).configuration.iceServers).toHaveLength(1);
  expect(chooseServers('turn_tls', { iceServers }).places).toEqual(['meet.example.org:443']);
  expect(chooseServers('turn_tls', {}).places).toEqual([]);
});

test('a direct way gets no server', () => {
  expect(chooseServers('udp', { iceServers }).configuration).toEqual({ iceServers: [] });
});

test('a candidate belongs to a way by its transport', () => {
  const udp = 'candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host';
  const tcp = 'a=candidate:2 1 TCP 1671430143 2001:db8::7 7881 typ host tcptype passive';
  expect(readCandidate(udp)).toEqual({ protocol: 'udp', place: '192.0.2.1:7882' });
  expect(readCandidate(tcp)).toEqual({ protocol: 'tcp', place: '[2001:db8::7]:7881' });
  expect([
    usesCandidate('udp', udp),
    usesCandidate('tcp', udp),
    usesCandidate('turn_tls', udp),
  ]).toEqual([true, false, true]);
  expect([usesCandidate('udp', tcp), usesCandidate('tcp', tcp)]).toEqual([false, true]);
  expect(readCandidate('')).toBeNull();
});

test('the chosen pair tells the way, also where there is no transport in the statistics', () => {
  const pair = {
    id: 'p',
    type: 'candidate-pair',
    localCandidateId: 'l',
    nominated: true,
    state: 'succeeded',
  };
  const local = (more: object) => ({
    id: 'l',
    type: 'local-candidate',
    protocol: 'udp',
    candidateType: 'host',
    ...more,
  });
  const transport = { id: 't', type: 'transport', selectedCandidatePairId: 'p' };
  expect(takenWay([transport, pair, local({})])).toBe('udp');
  expect(takenWay([pair, local({ protocol: 'tcp' })])).toBe('tcp');
  for (const relayProtocol of ['udp', 'tcp', 'tls'])
    expect(takenWay([pair, local({ candidateType: 'relay', relayProtocol })])).toBe(
      `turn_${relayProtocol}`,
    );
  expect(takenWay([])).toBeNull();
});

test('rates, loss and delay are those between two looks', () => {
  const look = (at: number, sent: number, lost: number) =>
    addUp(
      at,
      [
        { type: 'outbound-rtp', kind: 'video', bytesSent: sent * 1000, packetsSent: sent },
        { type: 'remote-inbound-rtp', kind: 'video', packetsLost: lost },
        { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.035 },
      ],
      [
        {
          type: 'inbound-rtp',
          kind: 'video',
          bytesReceived: sent * 900,
          packetsReceived: sent - lost,
          packetsLost: lost,
        },
      ],
    );
  expect(between(look(0, 100, 0), look(4000, 1100, 10))).toEqual({
    bitrate_up: 2_000_000,
    bitrate_down: 1_800_000,
    loss_up: 10,
    loss_down: 10,
    rtt_ms: 35,
  });
  const silent = addUp(0, [], []);
  expect(between(silent, { ...silent, at: 1000 })).toMatchObject({
    bitrate_down: 0,
    loss_up: null,
    loss_down: null,
    rtt_ms: null,
  });
});
