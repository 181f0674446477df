import { expect, test } from 'vitest';
import { checkCandidates, checkMedia, checkPermissions, checkServer } from './checks';
import { conclusion } from './hooks/useChecks';
import { selectedProtocol } from './probes';

const SERVER = {
  media: 'ready' as const,
  signal_url: 'ws://localhost',
  udp_port: 7882,
  second_udp_port: null,
  tcp_port: 7881,
  node_ip: '10.0.0.1',
  turn: false,
};

test('one refused device is a block, an unasked one only a hint', () => {
  expect(checkPermissions(['granted', 'denied']).verdict).toBe('bad');
  expect(checkPermissions(['granted', 'prompt']).verdict).toBe('warn');
  expect(checkPermissions(['granted', 'granted']).verdict).toBe('good');
});

test('a silent server, a starting one and a ready one are told apart', () => {
  expect(checkServer(null).verdict).toBe('bad');
  expect(checkServer({ ...SERVER, media: 'starting' }).verdict).toBe('warn');
  expect(checkServer({ ...SERVER, media: 'down' }).verdict).toBe('bad');
  expect(checkServer(SERVER).verdict).toBe('good');
});

test('no candidate at all means WebRTC is switched off', () => {
  expect(checkCandidates([]).verdict).toBe('bad');
  expect(checkCandidates(['candidate:1 1 udp 2113 192.168.1.4 5000 typ host']).verdict).toBe(
    'good',
  );
});

test('TCP works but says which UDP port is blocked; nothing names both ports', () => {
  expect(checkMedia('udp', SERVER).verdict).toBe('good');
  expect(checkMedia('tcp', SERVER)).toEqual({
    verdict: 'warn',
    values: { protocol: 'TCP', port: 7882 },
  });
  expect(checkMedia(null, SERVER)).toEqual({
    verdict: 'bad',
    values: { udp: 7882, tcp: 7881, address: '10.0.0.1' },
  });
});

test('the protocol is the one of the pair that is in use', () => {
  const stats = [
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P2' },
    {
      id: 'P1',
      type: 'candidate-pair',
      localCandidateId: 'L1',
      nominated: true,
      state: 'succeeded',
    },
    { id: 'P2', type: 'candidate-pair', localCandidateId: 'L2' },
    { id: 'L1', type: 'local-candidate', protocol: 'udp' },
    { id: 'L2', type: 'local-candidate', protocol: 'tcp' },
  ];
  expect(selectedProtocol(stats)).toBe('tcp');
  expect(selectedProtocol(stats.slice(1))).toBe('udp');
  expect(selectedProtocol([])).toBeNull();
});

test('only what was tested counts as working', () => {
  const good = { name: 'server', state: { verdict: 'good' } } as const;
  const slow = { name: 'media', state: { verdict: 'warn' } } as const;
  const untested = { name: 'websocket', state: { skipped: 'no answer' } } as const;
  const bad = { name: 'candidates', state: { verdict: 'bad' } } as const;
  expect(conclusion([good, slow])).toBe('good');
  expect(conclusion([good, untested])).toBe('partial');
  expect(conclusion([good, untested, bad])).toBe('bad');
});
