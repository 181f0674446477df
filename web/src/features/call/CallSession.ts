/**
 * One person's stay in a call: asks to join, connects livekit-client, and when the connection is lost for
 * good asks again until the call is back. It knows no React and no screens.
 */
import {
  ConnectionState,
  type DisconnectReason,
  type LocalParticipant,
  type LocalTrack,
  type LocalTrackPublication,
  type Participant,
  type Room,
  RoomEvent,
  Track,
  type TrackPublication,
} from 'livekit-client';
import { Problem } from '../../api/problem';
import type { Join } from '../../api/types';
import { backOffSeconds, type EndReason, endReasonOf } from './endReason';
import { mediaGoesOn } from './mediaGoesOn';

export type CallState =
  | { phase: 'lobby'; failure: unknown }
  /** `waiting`: for a media server that is not ready yet. */
  | { phase: 'joining'; waiting: boolean }
  | { phase: 'live'; join: Join }
  | { phase: 'rejoining'; join: Join; attempt: number }
  /** `token` is the one that was good until then: the server says what became of it. */
  | { phase: 'ended'; reason: EndReason; failure: unknown; token: string | null };

export type Entry = {
  name?: string;
  microphone: boolean;
  camera: boolean;
  /** Hands over what the lobby shows; asked once the call is reached, so that a failed join keeps the picture. */
  takeTracks?: () => (LocalTrack | undefined)[];
};
type Ports = {
  room: Room;
  join: (name: string | undefined, signal: AbortSignal) => Promise<Join>;
  /** Resolves after the time, or sooner when the network is back or the signal aborts. */
  wait: (seconds: number, signal: AbortSignal) => Promise<void>;
};
type Muted = 'microphone' | 'camera' | 'screen_share';
/** livekit-client has waited for ever for a server that was gone: after this long the call is entered anew. */
const PATIENCE_MS = 20_000;
/** As long as media goes on without the signal: a site that is upgraded may take longer. */
const MEDIA_PATIENCE_MS = 120_000;
/** For an end that is only a courtesy to the server. */
const FAREWELL_MS = 2_000;

export class CallSession {
  state: CallState = { phase: 'lobby', failure: null };
  /** What the person wants to send, whatever the connection does. */
  private wanted = { microphone: false, camera: false };
  private shared: LocalTrack[] = [];
  private name: string | undefined;
  private stopping = new AbortController();
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<() => void>();
  private mutedListeners = new Set<(source: Muted) => void>();

  constructor(private readonly ports: Ports) {
    this.room
      .on(RoomEvent.Disconnected, this.onDisconnected)
      .on(RoomEvent.ConnectionStateChanged, this.onConnectionState)
      .on(RoomEvent.TrackMuted, this.onTrackMuted)
      .on(RoomEvent.LocalTrackUnpublished, this.onUnpublished);
  }

  get room(): Room {
    return this.ports.room;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Told when somebody else (a moderator) turned off what this person was sending. */
  onMutedByOther(listener: (source: Muted) => void): () => void {
    this.mutedListeners.add(listener);
    return () => this.mutedListeners.delete(listener);
  }

  async enter(entry: Entry): Promise<void> {
    if (this.state.phase === 'joining' || this.state.phase === 'live') return;
    this.stopping = new AbortController();
    this.name = entry.name;
    this.wanted = { microphone: entry.microphone, camera: entry.camera };
    this.set({ phase: 'joining', waiting: false });
    const { signal } = this.stopping;
    try {
      const join = await this.joinAndConnect(signal);
      const tracks = entry.takeTracks?.() ?? [];
      this.set({ phase: 'live', join });
      await this.publish(tracks);
    } catch (failure) {
      if (!signal.aborted) this.set({ phase: 'lobby', failure });
    }
  }

  /** Back to the lobby from a join that waits. */
  cancel(): void {
    if (this.state.phase !== 'joining') return;
    this.stopping.abort();
    this.set({ phase: 'lobby', failure: null });
    void this.room.disconnect(false);
  }

  async leave(): Promise<void> {
    this.stopping.abort();
    for (const track of this.shared) track.stop();
    this.shared = [];
    this.end('left', null);
    await this.room.disconnect(true);
  }

  /** For a page that goes away: everything stops, nothing is shown. */
  dispose(): void {
    this.stopping.abort();
    clearTimeout(this.watchdog);
    this.room
      .off(RoomEvent.Disconnected, this.onDisconnected)
      .off(RoomEvent.ConnectionStateChanged, this.onConnectionState)
      .off(RoomEvent.TrackMuted, this.onTrackMuted)
      .off(RoomEvent.LocalTrackUnpublished, this.onUnpublished);
    for (const track of this.shared) track.stop();
    void this.room.disconnect(true);
  }

  async setMicrophone(on: boolean): Promise<void> {
    this.wanted.microphone = on;
    await this.local.setMicrophoneEnabled(on);
  }

  async setCamera(on: boolean): Promise<void> {
    this.wanted.camera = on;
    await this.local.setCameraEnabled(on);
  }

  async setScreenShare(on: boolean): Promise<void> {
    if (on) {
      await this.local.setScreenShareEnabled(true, { audio: true, selfBrowserSurface: 'include' });
      this.shared = this.shareTracks();
      return;
    }
    const tracks = this.shared;
    this.shared = [];
    await Promise.all(tracks.map((track) => this.local.unpublishTrack(track, true)));
  }

  private get local(): LocalParticipant {
    return this.room.localParticipant;
  }

  private set(state: CallState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  private end(reason: EndReason, failure: unknown): void {
    const token = 'join' in this.state ? this.state.join.token : null;
    this.set({ phase: 'ended', reason, failure, token });
  }

  /** The first join waits for the media server too, as long as it takes: a 503 is "soon", not "no". */
  private async joinAndConnect(signal: AbortSignal): Promise<Join> {
    let waiting = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const join = await this.ports.join(this.name, signal);
        await this.connect(join);
        signal.throwIfAborted();
        return join;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Problem) || !isSoon(error, waiting)) throw error;
        waiting = true;
        this.set({ phase: 'joining', waiting });
        await this.ports.wait(backOffSeconds(attempt, error.retryAfterSeconds), signal);
        signal.throwIfAborted();
      }
    }
  }

  private async connect({ url, token }: Join): Promise<void> {
    try {
      await within(PATIENCE_MS, this.room.connect(url, token));
    } catch (error) {
      await within(FAREWELL_MS, this.room.disconnect(false)).catch(() => undefined);
      throw error;
    }
  }

  private onConnectionState = (state: ConnectionState): void => {
    const repairing =
      state === ConnectionState.Reconnecting || state === ConnectionState.SignalReconnecting;
    if (!repairing) {
      clearTimeout(this.watchdog);
      this.watchdog = undefined;
      return;
    }
    this.watchdog ??= setTimeout(() => this.loseFaith(PATIENCE_MS), PATIENCE_MS);
  };

  /** After so long without a signal. */
  private loseFaith(waited: number): void {
    this.watchdog = undefined;
    if (this.state.phase !== 'live') return;
    const resumes = this.room.state === ConnectionState.SignalReconnecting;
    if (resumes && waited < MEDIA_PATIENCE_MS && mediaGoesOn(this.room)) {
      this.watchdog = setTimeout(() => this.loseFaith(waited + PATIENCE_MS), PATIENCE_MS);
      return;
    }
    void this.enterAnew(this.state.join);
  }

  /** Gives up on livekit-client's own repair. */
  private async enterAnew(join: Join): Promise<void> {
    this.set({ phase: 'rejoining', join, attempt: 0 });
    await within(FAREWELL_MS, this.room.disconnect(false)).catch(() => undefined);
    if (!this.stopping.signal.aborted) await this.rejoin(join);
  }

  private onDisconnected = (reason?: DisconnectReason): void => {
    if (this.state.phase !== 'live') return;
    const ending = endReasonOf(reason);
    if (ending === null) {
      void this.rejoin(this.state.join);
      return;
    }
    this.stopLocal();
    this.end(ending, null);
  };

  private async rejoin(previous: Join): Promise<void> {
    const { signal } = this.stopping;
    let retryAfter: number | null = null;
    for (let attempt = 0; ; attempt += 1) {
      this.set({ phase: 'rejoining', join: previous, attempt });
      await this.ports.wait(backOffSeconds(attempt, retryAfter), signal);
      if (signal.aborted) return;
      try {
        const join = await this.ports.join(this.name, signal);
        await this.connect(join);
        if (signal.aborted) return;
        this.set({ phase: 'live', join });
        await this.publish(this.shared);
        return;
      } catch (failure) {
        if (signal.aborted) return;
        if (failure instanceof Problem && isFinal(failure)) {
          this.stopLocal();
          this.end('refused', failure);
          return;
        }
        retryAfter = failure instanceof Problem ? failure.retryAfterSeconds : null;
      }
    }
  }

  /** Sends what is wanted and allowed: given tracks while they still run, else fresh ones. */
  private async publish(given: (LocalTrack | undefined)[]): Promise<void> {
    const running = given.filter((track) => track?.mediaStreamTrack.readyState === 'live');
    const sources = new Set<Track.Source>();
    const work: Promise<unknown>[] = [];
    for (const track of running) {
      if (!track) continue;
      if (!this.mayPublish(track.source)) {
        track.stop();
        continue;
      }
      sources.add(track.source);
      work.push(this.local.publishTrack(track, { source: track.source }));
    }
    const wants = (source: Track.Source) => !sources.has(source) && this.mayPublish(source);
    if (this.wanted.microphone && wants(Track.Source.Microphone)) {
      work.push(this.local.setMicrophoneEnabled(true));
    }
    if (this.wanted.camera && wants(Track.Source.Camera)) {
      work.push(this.local.setCameraEnabled(true));
    }
    await Promise.allSettled(work);
  }

  private mayPublish(source: Track.Source): boolean {
    return maySend(this.local, source);
  }

  private shareTracks(): LocalTrack[] {
    return [Track.Source.ScreenShare, Track.Source.ScreenShareAudio]
      .map((source) => this.local.getTrackPublication(source)?.track)
      .filter((track): track is LocalTrack => track !== undefined);
  }

  private stopLocal(): void {
    for (const track of this.shared) track.stop();
    this.shared = [];
  }

  private onTrackMuted = (publication: TrackPublication, participant: Participant): void => {
    if (participant !== this.local) return;
    const { source } = publication;
    if (source === Track.Source.Microphone || source === Track.Source.Camera) {
      if (!this.wanted[source]) return;
      this.wanted[source] = false;
      for (const listener of this.mutedListeners) listener(source);
    } else if (source === Track.Source.ScreenShare) {
      void this.setScreenShare(false);
      for (const listener of this.mutedListeners) listener('screen_share');
    }
  };

  /**
   * livekit-client keeps tracks running when they are unpublished, so that a share survives a re-join; a track
   * that left while connected is really over and its device is released here.
   */
  private onUnpublished = (publication: LocalTrackPublication): void => {
    const { track } = publication;
    if (!track) return;
    if (track.mediaStreamTrack.readyState === 'ended') {
      this.shared = this.shared.filter((kept) => kept !== track);
    } else if (!this.shared.includes(track)) {
      setTimeout(() => {
        const published = [...this.local.trackPublications.values()].some(
          (other) => other.track === track,
        );
        const restarting = this.room.state === 'reconnecting';
        if (!published && !restarting) track.stop();
      }, 0);
    }
  };
}

export function maySend(
  participant: Pick<LocalParticipant, 'permissions'>,
  source: Track.Source,
): boolean {
  const { permissions } = participant;
  if (!permissions) return true;
  if (!permissions.canPublish) return false;
  const allowed = permissions.canPublishSources;
  return allowed.length === 0 || allowed.some((proto) => SOURCES[proto] === source);
}

/** livekit.TrackSource numbers. */
const SOURCES: Record<number, Track.Source> = {
  1: Track.Source.Camera,
  2: Track.Source.Microphone,
  3: Track.Source.ScreenShare,
  4: Track.Source.ScreenShareAudio,
};

/** Whoever is waiting already also sits out a server that restarts. */
function isSoon({ status }: Problem, waiting: boolean): boolean {
  return status === 503 || (waiting && [0, 502, 504].includes(status));
}

async function within<T>(milliseconds: number, action: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), milliseconds);
  });
  try {
    return await Promise.race([action, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isFinal(problem: Problem): boolean {
  return [400, 401, 403, 404, 409, 422].includes(problem.status);
}
