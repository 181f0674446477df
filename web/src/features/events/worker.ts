/** The shared worker: one stream of events for all tabs of this browser. */
import type { Wish } from './event';
import { EventFeed } from './feed';

const feed = new EventFeed({
  open: (address) => new EventSource(address),
  setTimeout: (action, milliseconds) => setTimeout(action, milliseconds),
});

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports }) => {
  const [port] = ports;
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<Wish | null>) => {
    if (data === null) feed.drop(port);
    else feed.want(port, data, (told) => port.postMessage(told));
  };
  // Newer browsers say so when a tab crashed.
  port.addEventListener('close', () => feed.drop(port));
};
