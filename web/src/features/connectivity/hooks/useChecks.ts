/** Runs the checks one after the other and keeps their findings for the list. */
import type { Room } from 'livekit-client';
import { useCallback, useState } from 'react';
import { problemText } from '../../../api/problem';
import { queryClient } from '../../../api/queryClient';
import { getConnectivity } from '../api/getConnectivity';
import {
  type CheckName,
  checkCandidates,
  checkMedia,
  checkPermissions,
  checkSecure,
  checkServer,
  type Finding,
} from '../checks';
import { gatheredCandidates, permissionStates, protocolOf, type Reached, reach } from '../probes';

/** `skipped` says why something could not be tested. */
type Skipped = { skipped: string };
export type Checked = { name: CheckName; state: 'waiting' | 'running' | Skipped | Finding };
const NAMES: CheckName[] = ['secure', 'permissions', 'server', 'candidates', 'websocket', 'media'];

export function useChecks(room: Room | undefined) {
  const [checks, setChecks] = useState<Checked[]>([]);
  const [running, setRunning] = useState(false);
  const run = useCallback(async () => {
    setRunning(true);
    setChecks(NAMES.map((name) => ({ name, state: 'waiting' })));
    const put = (name: CheckName, state: Checked['state']) =>
      setChecks((all) => all.map((one) => (one.name === name ? { name, state } : one)));
    put('secure', checkSecure(window.isSecureContext));
    put('permissions', checkPermissions(await permissionStates()));
    put('server', 'running');
    const connectivity = await queryClient
      .fetchQuery({ ...getConnectivity, staleTime: 0, retry: false })
      .catch(() => null);
    put('server', checkServer(connectivity));
    put('candidates', 'running');
    put('candidates', checkCandidates(await gatheredCandidates()));
    put('websocket', 'running');
    put('media', 'running');
    try {
      const reached = await reachedBy(room);
      put('websocket', { verdict: reached.websocket ? 'good' : 'bad' });
      put('media', checkMedia(reached.protocol, connectivity));
    } catch (error) {
      const skipped = { skipped: problemText(error) };
      put('websocket', skipped);
      put('media', skipped);
    }
    setRunning(false);
  }, [room]);
  return { checks, running, run };
}

/** What all findings together say; only what was tested counts as working. */
export function conclusion(checks: Checked[]): 'good' | 'bad' | 'partial' {
  const states = checks.map(({ state }) => state);
  const bad = states.some((state) => isFinding(state) && state.verdict === 'bad');
  if (bad) return 'bad';
  return states.every(isFinding) ? 'good' : 'partial';
}

export function isFinding(state: Checked['state']): state is Finding {
  return typeof state === 'object' && 'verdict' in state;
}

/** From the call that runs in this page, else by a test connection of its own. */
async function reachedBy(room: Room | undefined): Promise<Reached> {
  if (room?.state === 'connected') return { websocket: true, protocol: await protocolOf(room) };
  return reach();
}
