/** This tab's end of the stream: collects what its pages want to hear and passes on what comes. */
import type { Told, Wish } from './event';
import { EventFeed } from './feed';

type Listener = { room: string | undefined; subject: string; tell: (told: Told) => void };
type Line = (wish: Wish | null) => void;

const listeners = new Set<Listener>();
let line: Line | null = null;

/** Hears of one's own rooms, and of `room`, until the answer is called. */
export function listen(
  room: string | undefined,
  subject: string,
  tell: (told: Told) => void,
): () => void {
  const listener = { room, subject, tell };
  listeners.add(listener);
  send(listener);
  return () => {
    listeners.delete(listener);
    send();
  };
}

/** The newest listener knows best who is signed in. */
function send(newest: Listener | undefined = [...listeners].at(-1)): void {
  line ??= connect();
  const rooms = [...listeners].flatMap(({ room }) => (room === undefined ? [] : [room]));
  line(newest ? { subject: newest.subject, rooms } : null);
}

function tellAll(told: Told): void {
  for (const { tell } of [...listeners]) tell(told);
}

function connect(): Line {
  window.addEventListener('pagehide', () => line?.(null));
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) send();
  });
  if (typeof SharedWorker === 'undefined') return direct();
  let worker: SharedWorker;
  try {
    worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'convoke-events',
    });
  } catch {
    return direct();
  }
  worker.port.onmessage = ({ data }: MessageEvent<Told>) => tellAll(data);
  worker.onerror = () => {
    line = direct();
    send();
  };
  return (wish) => worker.port.postMessage(wish);
}

/** Without a shared worker only the tab that is looked at keeps a stream: six would use up the connections. */
function direct(): Line {
  const feed = new EventFeed({
    open: (address) => new EventSource(address),
    setTimeout: (action, milliseconds) => window.setTimeout(action, milliseconds),
  });
  let wanted: Wish | null = null;
  const apply = () => {
    if (wanted && !document.hidden) feed.want(line, wanted, tellAll);
    else feed.drop(line);
  };
  document.addEventListener('visibilitychange', () => {
    apply();
    if (wanted && !document.hidden) tellAll({ type: 'again' });
  });
  return (wish) => {
    wanted = wish;
    apply();
  };
}
