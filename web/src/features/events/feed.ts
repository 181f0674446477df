/**
 * One stream of events for any number of tabs: browsers allow a site six connections without TLS, and a stream per
 * tab would use them up. It runs in a shared worker, or in the page where there is none.
 */
import { EVENTS, type Told, type Wish } from './event';

type Tell = (told: Told) => void;
/** `behind`: events that it wishes for may have passed it by, so that it must look again once it is heard. */
type Tab = { wish: Wish; tell: Tell; behind: boolean };
type Ports = {
  open: (address: string) => EventSource;
  setTimeout: (action: () => void, milliseconds: number) => unknown;
};
const OPEN = 1;
const CLOSED = 2;
const LONGEST_WAIT_MS = 30_000;
// The server's own limit.
const MOST_ROOMS = 20;

export class EventFeed {
  private readonly tabs = new Map<unknown, Tab>();
  private source: EventSource | null = null;
  /** Streams that go on until the next one is there, so that nothing falls between. */
  private previous: EventSource[] = [];
  /** What the open stream was asked for. */
  private asked: Wish = { subject: '', rooms: [] };
  /** Replaced whenever a wait is no longer wanted. */
  private waiting: object | null = null;
  private failures = 0;

  constructor(private readonly ports: Ports) {}

  /** Sets what a tab wants; a new wish replaces its last. */
  want(tab: unknown, wish: Wish, tell: Tell): void {
    const before = this.tabs.get(tab);
    // What the page fetched before it was heard may be old already.
    const wider = before?.wish.subject !== wish.subject || !covers(before.wish, wish);
    this.tabs.set(tab, { wish, tell, behind: wider || (before?.behind ?? false) });
    if (this.source && wish.subject !== this.asked.subject) {
      // The stream belongs to whoever was signed in when it was opened.
      this.close();
      this.allBehind();
    }
    if (this.source && covers(this.asked, wish)) {
      if (this.source.readyState === OPEN) this.catchUp();
      return;
    }
    this.asked = { subject: wish.subject, rooms: this.rooms() };
    this.open();
  }

  /** A tab is gone; the last one closes the stream. */
  drop(tab: unknown): void {
    if (!this.tabs.delete(tab) || this.tabs.size > 0) return;
    this.close();
  }

  private rooms(): string[] {
    const wanted = [...this.tabs.values()].flatMap(({ wish }) => wish.rooms);
    return [...new Set(wanted)].slice(-MOST_ROOMS).sort();
  }

  private close(): void {
    this.closePrevious();
    this.source?.close();
    this.source = null;
    this.waiting = null;
  }

  private closePrevious(): void {
    for (const source of this.previous) source.close();
    this.previous = [];
  }

  private open(): void {
    if (this.source) this.previous.push(this.source);
    const { rooms } = this.asked;
    const query = rooms.length > 0 ? `?also=${rooms.map(encodeURIComponent).join(',')}` : '';
    const source = this.ports.open(`/api/events${query}`);
    this.source = source;
    this.waiting = null;
    source.onopen = () => {
      if (this.source === source) this.closePrevious();
      this.failures = 0;
      this.catchUp();
    };
    source.onerror = () => {
      this.allBehind();
      if (source.readyState !== CLOSED || this.source !== source) return;
      this.openLater();
      // Perhaps the session has ended; a visitor has none.
      if (this.asked.subject !== '') this.tell({ type: 'refused' });
    };
    for (const type of EVENTS) {
      source.addEventListener(type, ({ data }) => this.tell({ ...parsed(data), type }));
    }
    source.addEventListener('reset', () => this.tell({ type: 'again' }));
  }

  /** A refusal ends an EventSource for good: the server was away, or is behind a proxy that said so. */
  private openLater(): void {
    this.close();
    const waiting = {};
    this.waiting = waiting;
    const milliseconds = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** this.failures);
    this.failures += 1;
    this.ports.setTimeout(() => {
      if (this.waiting !== waiting) return;
      this.asked = { subject: this.asked.subject, rooms: this.rooms() };
      this.open();
    }, milliseconds);
  }

  private allBehind(): void {
    for (const tab of this.tabs.values()) tab.behind = true;
  }

  private catchUp(): void {
    for (const tab of this.tabs.values()) {
      if (tab.behind) tab.tell({ type: 'again' });
      tab.behind = false;
    }
  }

  private tell(told: Told): void {
    for (const { tell } of this.tabs.values()) tell(told);
  }
}

const covers = (wide: Wish, wish: Wish) => wish.rooms.every((room) => wide.rooms.includes(room));

function parsed(data: string): { room?: string; room_id?: string } {
  try {
    return JSON.parse(data) as { room?: string; room_id?: string };
  } catch {
    return {};
  }
}
