import { expect, test } from 'vitest';
import { type Stat, sampleOf, totalsOf } from './measure';

const stats = (change: { sent: number; lost: number; received: number; bytes: number }): Stat[] => [
  {
    id: 'O1',
    type: 'outbound-rtp',
    remoteId: 'R1',
    packetsSent: change.sent,
    bytesSent: change.bytes,
  },
  { id: 'R1', type: 'remote-inbound-rtp', packetsLost: change.lost },
  {
    id: 'I1',
    type: 'inbound-rtp',
    packetsReceived: change.received,
    packetsLost: 5,
    bytesReceived: change.bytes * 2,
    jitter: 0.012,
    totalFreezesDuration: 1.5,
  },
  { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
  { id: 'P', type: 'candidate-pair', localCandidateId: 'L', currentRoundTripTime: 0.043 },
  { id: 'L', type: 'local-candidate', protocol: 'udp', candidateType: 'host' },
];

test('ten seconds are told by what grew in them', () => {
  const before = totalsOf(stats({ sent: 1_000, lost: 10, received: 500, bytes: 100_000 }), 50_000);
  const now = totalsOf(stats({ sent: 1_500, lost: 70, received: 995, bytes: 225_000 }), 60_000);
  expect(sampleOf(before, now)).toEqual({
    at: 50_000,
    loss_up: 120,
    loss_down: 0,
    rtt: 43,
    jitter: 12,
    bitrate_up: 100_000,
    bitrate_down: 200_000,
    frozen: 0,
    route: 'udp',
  });
});

test('who sends and hears nothing has no loss, and a new stream counts whole', () => {
  const silent = totalsOf([], 0);
  expect(sampleOf(silent, totalsOf([], 10_000))).toMatchObject({
    loss_up: null,
    loss_down: null,
    rtt: null,
    bitrate_up: 0,
    route: null,
  });
  const first = totalsOf(stats({ sent: 100, lost: 0, received: 95, bytes: 1_000 }), 10_000);
  expect(sampleOf(silent, first)).toMatchObject({ loss_up: 0, loss_down: 50, frozen: 1_500 });
  expect(sampleOf(first, first)).toBeNull();
});

test('a route over a relay is one, whatever it is made of', () => {
  const [, , , , pair, local] = stats({ sent: 0, lost: 0, received: 0, bytes: 0 });
  const relayed = [
    { ...(pair as Stat), nominated: true, state: 'succeeded' },
    { ...(local as Stat), candidateType: 'relay' },
  ];
  expect(totalsOf(relayed, 0).route).toBe('relay');
});
