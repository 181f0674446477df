/**
 * Measures a call every ten seconds and tells the server every thirty, and once more when the page goes away. It knows no
 * React; what cannot be told is told with the next report, or forgotten.
 */
import { type Room, RoomEvent } from 'livekit-client';
import type { QualityEvent, QualityReport, QualitySample } from '../../api/types';
import { reportQuality } from './api/reportQuality';
import { type Stat, sampleOf, type Totals, totalsOf } from './measure';

const MEASURE_MS = 10_000;
/** Samples that are told together. */
const BATCH = 3;
/** The server takes no more at once; what is older is forgotten. */
const MOST = 60;

type Ports = {
  room: Room;
  /** `last`: the page goes away, the request outlives it. */
  send: (report: QualityReport, last: boolean) => Promise<unknown>;
  stats: (room: Room) => Promise<Stat[]>;
  now: () => number;
};

const DEVICES: Partial<Record<MediaDeviceKind, QualityEvent['kind']>> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};

export class QualityReporter {
  private samples: QualitySample[] = [];
  private events: QualityEvent[] = [];
  private before: Totals | undefined;
  private sid = '';
  private route: QualitySample['route'] = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly ports: Ports) {}

  /** For a room whose id is known once somebody joined. */
  static of(room: Room, id: () => string): QualityReporter {
    return new QualityReporter({
      room,
      send: (report, last) => reportQuality(id(), report, last),
      stats: statsOf,
      now: Date.now,
    });
  }

  start(): void {
    this.ports.room
      .on(RoomEvent.Connected, this.onConnected)
      .on(RoomEvent.Reconnecting, this.onReconnecting)
      .on(RoomEvent.Reconnected, this.onReconnected)
      .on(RoomEvent.Disconnected, this.onDisconnected)
      .on(RoomEvent.ActiveDeviceChanged, this.onDevice);
    document.addEventListener('visibilitychange', this.onVisibility);
    window.addEventListener('pagehide', this.onPageHide);
    this.timer = setInterval(() => void this.measure(), MEASURE_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.ports.room
      .off(RoomEvent.Connected, this.onConnected)
      .off(RoomEvent.Reconnecting, this.onReconnecting)
      .off(RoomEvent.Reconnected, this.onReconnected)
      .off(RoomEvent.Disconnected, this.onDisconnected)
      .off(RoomEvent.ActiveDeviceChanged, this.onDevice);
    document.removeEventListener('visibilitychange', this.onVisibility);
    window.removeEventListener('pagehide', this.onPageHide);
    this.tell(true);
  }

  /** Looks once; tells when enough has come together. */
  async measure(): Promise<void> {
    const { room, stats, now } = this.ports;
    if (room.state !== 'connected') return;
    this.stayIs(room.localParticipant.sid);
    const seen = await stats(room).catch(() => null);
    if (seen === null || this.sid === '') return;
    const totals = totalsOf(seen, now());
    const sample = this.before && sampleOf(this.before, totals);
    this.before = totals;
    if (totals.route !== null && totals.route !== this.route) {
      this.route = totals.route;
      this.happened(totals.route);
    }
    if (!sample) return;
    this.samples = [...this.samples, sample].slice(-MOST);
    if (this.samples.length >= BATCH) this.tell(false);
  }

  /** A stay that has another name is another stay: what is left of the one before is told first. */
  private stayIs(sid: string): void {
    if (sid === this.sid) return;
    this.tell(false);
    this.samples = [];
    this.events = [];
    this.before = undefined;
    this.route = null;
    this.sid = sid;
  }

  private happened(kind: QualityEvent['kind']): void {
    if (this.sid === '') return;
    this.events = [...this.events, { at: this.ports.now(), kind }].slice(-MOST);
  }

  private tell(last: boolean): void {
    const { sid, samples, events } = this;
    if (sid === '' || samples.length + events.length === 0) return;
    this.samples = [];
    this.events = [];
    this.ports.send({ sid, sent_at: this.ports.now(), samples, events }, last).catch(() => {
      if (this.sid !== sid) return;
      this.samples = [...samples, ...this.samples].slice(-MOST);
      this.events = [...events, ...this.events].slice(-MOST);
    });
  }

  private onConnected = () => this.stayIs(this.ports.room.localParticipant.sid);
  private onReconnecting = () => this.happened('reconnecting');
  private onReconnected = () => {
    this.happened('reconnected');
    // Connections may be new ones: their numbers began at nothing.
    this.before = undefined;
  };
  private onDisconnected = () => this.tell(true);
  private onDevice = (kind: MediaDeviceKind) => {
    const device = DEVICES[kind];
    if (device) this.happened(device);
  };
  private onVisibility = () => this.happened(document.hidden ? 'hidden' : 'visible');
  private onPageHide = () => this.tell(true);
}

async function statsOf(room: Room): Promise<Stat[]> {
  const transports = room.engine?.pcManager;
  const reports = await Promise.all(
    [transports?.publisher, transports?.subscriber].map((transport) => transport?.getStats()),
  );
  // Ids are a connection's own: each gets a mark.
  return reports.flatMap((report, index) =>
    report ? [...report.values()].map((stat: Stat) => marked(stat, `${index}:`)) : [],
  );
}

const REFERENCES = ['id', 'remoteId', 'selectedCandidatePairId', 'localCandidateId'];

function marked(stat: Stat, mark: string): Stat {
  const references = REFERENCES.filter((name) => typeof stat[name] === 'string');
  return { ...stat, ...Object.fromEntries(references.map((name) => [name, mark + stat[name]])) };
}
