/** Asks the browser and the network what the checks judge. */
import { Room } from 'livekit-client';
import { answer, api } from '../../api/client';

export async function permissionStates(): Promise<PermissionState[]> {
  const names = ['camera', 'microphone'] as PermissionName[];
  return Promise.all(
    names.map((name) =>
      navigator.permissions.query({ name }).then(
        ({ state }) => state,
        () => 'prompt' as const,
      ),
    ),
  );
}

export async function gatheredCandidates(timeoutMs = 3_000): Promise<string[]> {
  if (typeof RTCPeerConnection === 'undefined') return [];
  const connection = new RTCPeerConnection();
  const candidates: string[] = [];
  try {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) candidates.push(candidate.candidate);
        if (!candidate) {
          clearTimeout(timer);
          resolve();
        }
      };
      connection.createDataChannel('probe');
      void connection.createOffer().then((offer) => connection.setLocalDescription(offer));
    });
  } finally {
    connection.close();
  }
  return candidates;
}

export type Reached = { websocket: boolean; protocol: string | null };

/** Enters a throw-away room that nobody sees, sending nothing, to see how far the way goes. */
export async function reach(): Promise<Reached> {
  const check = await api.POST('/api/connectivity/check').then(answer);
  const reached: Reached = { websocket: false, protocol: null };
  const room = new Room();
  room.on('signalConnected', () => {
    reached.websocket = true;
  });
  try {
    await room.connect(check.url, check.token, { autoSubscribe: false, maxRetries: 0 });
    reached.protocol = await protocolOf(room);
  } catch {
    // How far it came is the answer.
  } finally {
    await room.disconnect();
  }
  return reached;
}

/** What sound and picture travel over in a connected room: udp or tcp. */
export async function protocolOf(room: Room): Promise<string | null> {
  const transport = room.engine?.pcManager?.publisher;
  const stats = await transport?.getStats();
  return stats ? selectedProtocol([...stats.values()]) : null;
}

type Stat = { id: string; type: string; [field: string]: unknown };

export function selectedProtocol(stats: Stat[]): string | null {
  const byId = new Map(stats.map((stat) => [stat.id, stat]));
  const chosen = stats.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  const pair =
    byId.get(String(chosen)) ??
    stats.find(
      (stat) => stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded',
    );
  const local = byId.get(String(pair?.localCandidateId));
  return typeof local?.protocol === 'string' ? local.protocol : null;
}
