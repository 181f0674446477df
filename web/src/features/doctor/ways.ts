/** The ways from a browser to the server, and what of a connection's offers belongs to which. */
import type { components } from '../../api/schema';

export type Way = components['schemas']['DoctorWay'];
export type Tried = components['schemas']['DoctorTried'];

/** The ways of media, the best first. */
export const MEDIA = ['udp', 'tcp', 'turn_udp', 'turn_tcp', 'turn_tls'] as const;
export type MediaWay = (typeof MEDIA)[number];

/** In the order in which they are tried and shown. */
export const WAYS: readonly Way[] = ['page', 'web_socket', 'signal', ...MEDIA];

const RELAYS: Partial<Record<MediaWay, (url: string) => boolean>> = {
  turn_udp: (url) => /^turn:/.test(url) && !/transport=tcp/.test(url),
  turn_tcp: (url) => /^turn:.*transport=tcp/.test(url),
  turn_tls: (url) => /^turns:/.test(url),
};

/** What a way may use of what the server told, and where that leads. */
export type Chosen = { configuration: RTCConfiguration; places: string[] };

export function chooseServers(way: MediaWay, configuration: RTCConfiguration = {}): Chosen {
  const belongs = RELAYS[way];
  if (!belongs) return { configuration: { ...configuration, iceServers: [] }, places: [] };
  const iceServers = (configuration.iceServers ?? [])
    .map((server) => ({ ...server, urls: [server.urls].flat().filter(belongs) }))
    .filter(({ urls }) => urls.length > 0);
  const places = iceServers.flatMap(({ urls }) =>
    urls.map((url) => url.replace(/^turns?:|\?.*$/g, '')),
  );
  return { configuration: { ...configuration, iceServers, iceTransportPolicy: 'relay' }, places };
}

/** The transport, address and port of a line of candidates: `candidate:… 1 udp 2130706431 192.0.2.1 7882 typ host`. */
export function readCandidate(line: string): { protocol: string; place: string } | null {
  const [, , protocol, , address, port] = line.replace(/^a=/, '').split(' ');
  if (!protocol || !address || !port) return null;
  const host = address.includes(':') ? `[${address}]` : address;
  return { protocol: protocol.toLowerCase(), place: `${host}:${port}` };
}

/** Whether a way may use a candidate of the server's; relays reach it over UDP. */
export function usesCandidate(way: MediaWay, line: string): boolean {
  const { protocol } = readCandidate(line) ?? {};
  return protocol === (way === 'tcp' ? 'tcp' : 'udp');
}

type Stat = { id: string; type: string; [field: string]: unknown };

/** The way that a connection's chosen pair takes. */
export function takenWay(stats: Stat[]): MediaWay | null {
  const transport = stats.find(({ type }) => type === 'transport');
  const pair =
    stats.find(({ id }) => id === transport?.selectedCandidatePairId) ??
    stats.find(
      ({ type, nominated, state }) =>
        type === 'candidate-pair' && nominated && state === 'succeeded',
    );
  const local = stats.find(({ id }) => id === pair?.localCandidateId);
  if (!local) return null;
  if (local.candidateType !== 'relay') return local.protocol === 'tcp' ? 'tcp' : 'udp';
  const { relayProtocol, url } = local;
  if (relayProtocol === 'tls' || String(url ?? '').startsWith('turns:')) return 'turn_tls';
  return relayProtocol === 'tcp' ? 'turn_tcp' : 'turn_udp';
}
