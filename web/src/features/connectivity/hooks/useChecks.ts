/** Runs the checks one after the other and keeps their findings for the list. */
import type { Room } from 'livekit-client';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
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

export type Checked = { name: CheckName; state: 'waiting' | 'running' | 'skipped' | Finding };
const NAMES: CheckName[] = ['secure', 'permissions', 'server', 'candidates', 'websocket', 'media'];

export function useChecks(slug: string | null, room: Room | undefined) {
  const { t } = useTranslation();
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
    const reached = await reachedBy(slug, room, t('connect.tester'));
    put('websocket', reached ? { verdict: reached.websocket ? 'good' : 'bad' } : 'skipped');
    put('media', reached ? checkMedia(reached.protocol, connectivity) : 'skipped');
    setRunning(false);
  }, [slug, room, t]);
  return { checks, running, run };
}

/** From the call we are in, else by visiting the room, else unknown. */
async function reachedBy(
  slug: string | null,
  room: Room | undefined,
  name: string,
): Promise<Reached | null> {
  if (room?.state === 'connected') return { websocket: true, protocol: await protocolOf(room) };
  if (slug === null) return null;
  return reach(slug, name).catch(() => null);
}
