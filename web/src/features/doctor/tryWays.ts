/** Tries each way to the server by itself, in a room of its own that nobody sees. */
import { Room, type RoomConnectOptions } from 'livekit-client';
import { openDoctorCheck } from './api/openDoctorCheck';
import { startDoctorRun } from './api/startDoctorRun';
import { type Measured, measure } from './measure';
import { onlyThisWay, type Watched } from './oneWay';
import { MEDIA, type MediaWay, type Tried, takenWay, type Way } from './ways';

/** Longer than any way takes that people would put up with. */
const PATIENCE = 10_000;
const CONNECT: RoomConnectOptions = {
  autoSubscribe: true,
  maxRetries: 0,
  peerConnectionTimeout: PATIENCE,
  websocketTimeout: PATIENCE,
};

export type Run = Awaited<ReturnType<typeof startDoctorRun>>;
export type Halves = { ways: Tried[]; measured: Measured | null };

/** `begins` is told of each way before it is tried, `ends` of what became of it. */
export async function tryWays(
  token: string,
  begins: (way: Way) => void,
  ends: (tried: Tried) => void,
): Promise<Halves> {
  const ways: Tried[] = [];
  const end = (tried: Tried) => {
    ways.push(tried);
    ends(tried);
  };
  begins('page');
  // A link that is not good any more is nothing to find out about.
  const opened = await took(() => openDoctorCheck(token));
  if ('error' in opened) throw opened.error;
  end({ way: 'page', outcome: 'reached', at: location.origin, took_ms: opened.took_ms });
  begins('web_socket');
  end(await trySocket());
  const run = await startDoctorRun(token);
  for (const way of MEDIA) {
    begins(way);
    const [tried, signal] = await tryMedia(way, run);
    if (way === MEDIA[0]) end(signal);
    end(tried);
    // Every way of media begins with it.
    if (signal.outcome !== 'reached') break;
  }
  const best = MEDIA.find((way) =>
    ways.some((tried) => tried.way === way && tried.outcome === 'reached'),
  );
  return { ways, measured: best ? await measure(best, run, CONNECT) : null };
}

/** A WebSocket that says back what it is told. */
async function trySocket(): Promise<Tried> {
  const url = `${location.origin.replace(/^http/, 'ws')}/api/doctor/socket`;
  const said = await took(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = new WebSocket(url);
        const timer = setTimeout(() => socket.close(), PATIENCE);
        socket.onopen = () => socket.send('hello');
        socket.onmessage = () => {
          resolve();
          socket.close();
        };
        socket.onclose = () => {
          clearTimeout(timer);
          reject(new Error('no answer'));
        };
      }),
  );
  return {
    way: 'web_socket',
    outcome: 'error' in said ? 'blocked' : 'reached',
    at: url,
    took_ms: said.took_ms,
  };
}

async function tryMedia(way: MediaWay, run: Run): Promise<[Tried, Tried]> {
  const { watched, release } = onlyThisWay(way);
  const room = new Room();
  let signal: number | null = null;
  const begun = performance.now();
  room.on('signalConnected', () => {
    signal ??= Math.round(performance.now() - begun);
  });
  try {
    const connected = await took(() => room.connect(run.url, run.sender_token, CONNECT));
    const reached = !('error' in connected) && (await leads(watched, way));
    const places = [...watched.places].join(', ') || null;
    return [
      {
        way,
        outcome: reached ? 'reached' : watched.places.size === 0 ? 'not_offered' : 'blocked',
        at: places,
        took_ms: connected.took_ms,
      },
      {
        way: 'signal',
        outcome: signal === null ? 'blocked' : 'reached',
        at: run.url,
        took_ms: signal,
      },
    ];
  } finally {
    release();
    await room.disconnect();
  }
}

/** Whether a connection was made, and by this way: a server may come the other way. */
async function leads(watched: Watched, way: MediaWay): Promise<boolean> {
  for (const connection of watched.connections) {
    const stats = [...(await connection.getStats()).values()];
    if (takenWay(stats) === way) return true;
  }
  return false;
}

type Took<T> = ({ value: T } | { error: unknown }) & { took_ms: number };

async function took<T>(work: () => Promise<T>): Promise<Took<T>> {
  const begun = performance.now();
  const span = () => Math.round(performance.now() - begun);
  try {
    const value = await work();
    return { value, took_ms: span() };
  } catch (error) {
    return { error, took_ms: span() };
  }
}
