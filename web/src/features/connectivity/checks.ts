/** The checks of the way to a call, each a function from the browser's abilities to a verdict. */
import type { Connectivity } from '../../api/types';

type Verdict = 'good' | 'warn' | 'bad';
export type CheckName = 'secure' | 'permissions' | 'server' | 'websocket' | 'candidates' | 'media';
export type Finding = { verdict: Verdict; values?: Record<string, string | number> };

export function checkSecure(secure: boolean): Finding {
  return { verdict: secure ? 'good' : 'bad' };
}

export function checkPermissions(states: PermissionState[]): Finding {
  if (states.includes('denied')) return { verdict: 'bad' };
  return { verdict: states.every((state) => state === 'granted') ? 'good' : 'warn' };
}

export function checkServer(connectivity: Connectivity | null): Finding {
  if (connectivity === null) return { verdict: 'bad' };
  return {
    verdict:
      connectivity.media === 'ready' ? 'good' : connectivity.media === 'starting' ? 'warn' : 'bad',
  };
}

/** mDNS names hide the address: fine on one network, often not enough elsewhere. */
export function checkCandidates(candidates: string[]): Finding {
  const addresses = candidates.map((line) => line.split(' ')[4] ?? '').filter(Boolean);
  if (addresses.length === 0) return { verdict: 'bad' };
  return { verdict: 'good' };
}

/** From the selected pair of the call's own connection. */
export function checkMedia(protocol: string | null, connectivity: Connectivity | null): Finding {
  const udp = connectivity?.udp_port ?? 0;
  const tcp = connectivity?.tcp_port ?? 0;
  if (protocol === null) {
    return { verdict: 'bad', values: { udp, tcp, address: connectivity?.node_ip ?? '' } };
  }
  return {
    verdict: protocol === 'udp' ? 'good' : 'warn',
    values: { protocol: protocol.toUpperCase(), port: udp },
  };
}
