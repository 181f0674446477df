/** Makes of WebRTC's statistics what one stretch of a call was like. Pure: totals then and now in, numbers out. */
import type { QualitySample } from '../../api/types';

export type Stat = { id: string; type: string; [field: string]: unknown };

/** Numbers of streams that only grow, by their id, and what holds now. */
export type Totals = {
  at: number;
  up: Map<string, { sent: number; bytes: number; lost: number }>;
  down: Map<string, { received: number; bytes: number; lost: number; frozen: number }>;
  rtt: number | null;
  jitter: number | null;
  route: QualitySample['route'];
};

const number = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;

/** What the peer connections say at `at`. */
export function totalsOf(stats: Stat[], at: number): Totals {
  const byId = new Map(stats.map((stat) => [stat.id, stat]));
  const totals: Totals = {
    at,
    up: new Map(),
    down: new Map(),
    rtt: null,
    jitter: null,
    route: null,
  };
  for (const stat of stats) {
    if (stat.type === 'outbound-rtp') {
      const remote = byId.get(String(stat.remoteId));
      totals.up.set(stat.id, {
        sent: number(stat.packetsSent),
        bytes: number(stat.bytesSent),
        lost: number(remote?.packetsLost),
      });
    } else if (stat.type === 'inbound-rtp') {
      totals.down.set(stat.id, {
        received: number(stat.packetsReceived),
        bytes: number(stat.bytesReceived),
        lost: number(stat.packetsLost),
        frozen: number(stat.totalFreezesDuration),
      });
      if (typeof stat.jitter === 'number') {
        totals.jitter = Math.max(totals.jitter ?? 0, stat.jitter * 1_000);
      }
    }
  }
  const pair = selectedPair(stats, byId);
  if (typeof pair?.currentRoundTripTime === 'number') {
    totals.rtt = pair.currentRoundTripTime * 1_000;
  }
  totals.route = routeOf(byId.get(String(pair?.localCandidateId)));
  return totals;
}

function selectedPair(stats: Stat[], byId: Map<string, Stat>): Stat | undefined {
  const transport = stats.find(({ type }) => type === 'transport');
  return (
    byId.get(String(transport?.selectedCandidatePairId)) ??
    stats.find(
      (stat) => stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded',
    )
  );
}

function routeOf(local: Stat | undefined): QualitySample['route'] {
  if (local?.candidateType === 'relay') return 'relay';
  if (local?.protocol === 'udp' || local?.protocol === 'tcp') return local.protocol;
  return null;
}

/** What the time between two looks was like; `null` where none passed. */
export function sampleOf(before: Totals, now: Totals): QualitySample | null {
  const seconds = (now.at - before.at) / 1_000;
  if (seconds <= 0) return null;
  const up = grown(before.up, now.up);
  const down = grown(before.down, now.down);
  const limited = (value: number | null, most: number) =>
    value === null ? null : Math.min(most, Math.max(0, Math.round(value)));
  return {
    at: before.at,
    loss_up: perMille(up.lost, up.sent),
    loss_down: perMille(down.lost, down.received + down.lost),
    rtt: limited(now.rtt, 60_000),
    jitter: limited(now.jitter, 60_000),
    bitrate_up: Math.round((up.bytes * 8) / seconds),
    bitrate_down: Math.round((down.bytes * 8) / seconds),
    // Of ten seconds, however long it really was: a page in the background looks less often.
    frozen: Math.min(10_000, Math.round((down.frozen * 10_000) / seconds)),
    route: now.route,
  };
}

function perMille(lost: number, all: number): number | null {
  return all > 0 ? Math.min(1_000, Math.round((lost / all) * 1_000)) : null;
}

type Growth = { sent: number; received: number; bytes: number; lost: number; frozen: number };

/** How much each number grew, of all streams together; a stream that is new grew from nothing. Pictures stand still side by
 * side: of them it is the one that stood longest. */
function grown(before: Map<string, Partial<Growth>>, now: Map<string, Partial<Growth>>): Growth {
  const sum = { sent: 0, received: 0, bytes: 0, lost: 0, frozen: 0 };
  for (const [id, numbers] of now) {
    for (const name of Object.keys(sum) as (keyof Growth)[]) {
      // What was lost may have come late: that takes nothing back.
      const growth = Math.max(0, (numbers[name] ?? 0) - (before.get(id)?.[name] ?? 0));
      sum[name] = name === 'frozen' ? Math.max(sum.frozen, growth) : sum[name] + growth;
    }
  }
  return sum;
}
