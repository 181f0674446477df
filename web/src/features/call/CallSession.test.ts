import { EventEmitter } from 'node:events';
import { ConnectionState, DisconnectReason, type Room, RoomEvent, Track } from 'livekit-client';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Problem } from '../../api/problem';
import type { Join } from '../../api/types';
import { CallSession } from './CallSession';

class FakeRoom extends EventEmitter {
  state: string = 'disconnected';
  connects: string[] = [];
  failing: unknown = null;
  localParticipant = {
    permissions: undefined as undefined | { canPublish: boolean; canPublishSources: number[] },
    trackPublications: new Map(),
    published: [] as string[],
    setMicrophoneEnabled: async (on: boolean) => void (on && this.note('microphone')),
    setCameraEnabled: async (on: boolean) => void (on && this.note('camera')),
    setScreenShareEnabled: async () => undefined,
    getTrackPublication: (source: Track.Source) =>
      source === Track.Source.ScreenShare && this.share ? { track: this.share } : undefined,
    publishTrack: async (track: { source: string }) => this.note(`again:${track.source}`),
    unpublishTrack: async () => undefined,
  };
  remoteParticipants = new Map<string, { trackPublications: Map<string, object> }>();
  /** Somebody whose picture comes while ICE is in this state. */
  sees(state: { state: string }) {
    const track = { receiver: { transport: { iceTransport: state } } };
    this.remoteParticipants.set('PA', { trackPublications: new Map([['TR', { track }]]) });
  }
  share: object | null = null;
  note(what: string) {
    this.localParticipant.published.push(what);
  }
  async connect(_url: string, token: string) {
    this.connects.push(token);
    if (this.failing) throw this.failing;
    this.state = 'connected';
  }
  async disconnect() {
    this.state = 'disconnected';
    this.emit(RoomEvent.Disconnected, DisconnectReason.CLIENT_INITIATED);
  }
  drop(reason?: DisconnectReason) {
    this.state = 'disconnected';
    this.emit(RoomEvent.Disconnected, reason);
  }
}

let room: FakeRoom;
let answers: (() => Join)[];
let waits: number[];
let session: CallSession;
const joined = (token = 'first') => ({ url: 'ws://x', token }) as Join;
const refuse =
  (status: number, code: string, retryAfter: number | null = null) =>
  () => {
    throw new Problem(status, code, '', [], retryAfter);
  };

beforeEach(() => {
  room = new FakeRoom();
  answers = [() => joined()];
  waits = [];
  session = new CallSession({
    room: room as unknown as Room,
    join: async () => (answers.shift() ?? (() => joined('later')))(),
    wait: (seconds) => {
      waits.push(seconds);
      return new Promise((resolve) => setImmediate(resolve));
    },
  });
});
const enter = () => session.enter({ name: 'Ada', microphone: true, camera: false });
const phase = () => session.state.phase;

test('entering asks, connects and sends what was chosen, nothing else', async () => {
  await enter();
  expect(phase()).toBe('live');
  expect(room.connects).toEqual(['first']);
  expect(room.localParticipant.published).toEqual(['microphone']);
});

test('what the token forbids is not even tried', async () => {
  room.localParticipant.permissions = { canPublish: true, canPublishSources: [1] };
  await session.enter({ microphone: true, camera: true });
  expect(room.localParticipant.published).toEqual(['camera']);
});

test('a refusal brings back to the lobby with its reason', async () => {
  answers = [refuse(403, 'locked')];
  await enter();
  expect(session.state).toMatchObject({ phase: 'lobby', failure: { code: 'locked' } });
});

test('a media server that is still starting is waited for as long as it asks', async () => {
  answers = [
    refuse(503, 'media_unavailable', 2),
    refuse(503, 'media_unavailable', 2),
    () => joined(),
  ];
  await enter();
  expect(phase()).toBe('live');
  expect(waits).toEqual([2, 2]);
});

test('the lobby waits for it without end, and through a restart, until the person has enough', async () => {
  answers = [
    ...Array.from({ length: 9 }, () => refuse(503, 'media_unavailable', 2)),
    refuse(0, 'network'),
    refuse(502, 'unknown'),
    () => joined(),
  ];
  const takeTracks = vi.fn(() => []);
  const states: unknown[] = [];
  session.subscribe(() => states.push(session.state));
  await session.enter({ microphone: true, camera: false, takeTracks });
  expect(states[1]).toEqual({ phase: 'joining', waiting: true });
  expect(phase()).toBe('live');
  expect(takeTracks).toHaveBeenCalledOnce();
  expect(waits.length).toBe(11);
});

test('a wait can be called off, and the join that was under way stays without effect', async () => {
  answers = [refuse(503, 'media_unavailable', 2)];
  session.subscribe(() => {
    if (session.state.phase === 'joining' && session.state.waiting) session.cancel();
  });
  await enter();
  expect(session.state).toEqual({ phase: 'lobby', failure: null });
  expect(room.connects).toEqual([]);
});

test('a join that fails leaves the preview its tracks', async () => {
  room.failing = new Error('could not establish pc connection');
  const takeTracks = vi.fn(() => []);
  await session.enter({ microphone: true, camera: true, takeTracks });
  expect(phase()).toBe('lobby');
  expect(takeTracks).not.toHaveBeenCalled();
});

describe('livekit-client that repairs for ever', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    return () => vi.useRealTimers();
  });
  const repair = (state: ConnectionState) => {
    room.state = state;
    room.emit(RoomEvent.ConnectionStateChanged, state);
  };

  test('is given 20 seconds, then the call is entered anew with a fresh token', async () => {
    await enter();
    repair(ConnectionState.SignalReconnecting);
    await vi.advanceTimersByTimeAsync(15_000);
    repair(ConnectionState.Reconnecting);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(room.connects).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(200);
    await vi.waitFor(() => expect(phase()).toBe('live'));
    expect(room.connects).toEqual(['first', 'later']);
  });

  test('is given two minutes while pictures go on, and no longer than they do', async () => {
    await enter();
    const ice = { state: 'connected' };
    room.sees(ice);
    repair(ConnectionState.SignalReconnecting);
    await vi.advanceTimersByTimeAsync(119_000);
    expect(room.connects).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(2_000);
    await vi.waitFor(() => expect(room.connects).toEqual(['first', 'later']));
    repair(ConnectionState.SignalReconnecting);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(room.connects).toHaveLength(2);
    ice.state = 'disconnected';
    await vi.advanceTimersByTimeAsync(10_100);
    await vi.waitFor(() => expect(room.connects).toHaveLength(3));
  });

  test('is left alone when it comes through in time', async () => {
    await enter();
    repair(ConnectionState.Reconnecting);
    await vi.advanceTimersByTimeAsync(15_000);
    repair(ConnectionState.Connected);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(room.connects).toEqual(['first']);
  });

  test('is not waited for when even its connecting never ends', async () => {
    await enter();
    room.connect = (_url: string, token: string) => {
      room.connects.push(token);
      return room.connects.length === 2 ? new Promise(() => undefined) : Promise.resolve();
    };
    repair(ConnectionState.Reconnecting);
    await vi.advanceTimersByTimeAsync(20_000);
    await vi.waitFor(() => expect(room.connects.length).toBe(2));
    await vi.advanceTimersByTimeAsync(20_000);
    await vi.waitFor(() => expect(phase()).toBe('live'));
    expect(room.connects.length).toBe(3);
  });
});

test('a call that was lost comes back by itself with a new token and the same devices', async () => {
  await enter();
  answers = [refuse(503, 'media_unavailable', 1), refuse(0, 'network'), () => joined('second')];
  room.localParticipant.published = [];
  room.drop(DisconnectReason.SERVER_SHUTDOWN);
  expect(phase()).toBe('rejoining');
  await vi.waitFor(() => expect(phase()).toBe('live'));
  expect(room.connects).toEqual(['first', 'second']);
  expect(waits).toEqual([0.3, 1, 2]);
  await vi.waitFor(() => expect(room.localParticipant.published).toEqual(['microphone']));
});

test('a running screen share survives: its track is sent again, the person is not asked', async () => {
  await enter();
  room.share = { source: 'screen_share', mediaStreamTrack: { readyState: 'live' }, stop: vi.fn() };
  await session.setScreenShare(true);
  room.localParticipant.published = [];
  room.drop();
  await vi.waitFor(() => expect(phase()).toBe('live'));
  await vi.waitFor(() =>
    expect(room.localParticipant.published).toEqual(['again:screen_share', 'microphone']),
  );
});

test('connections that fail are tried again until one holds', async () => {
  await enter();
  room.failing = new Error('could not establish pc connection');
  room.drop();
  await vi.waitFor(() => expect(room.connects.length).toBeGreaterThan(3));
  room.failing = null;
  await vi.waitFor(() => expect(phase()).toBe('live'));
});

test.each([
  [DisconnectReason.PARTICIPANT_REMOVED, 'removed'],
  [DisconnectReason.DUPLICATE_IDENTITY, 'duplicate'],
  [DisconnectReason.ROOM_DELETED, 'ended'],
])('disconnect reason %s ends the call as %s and nobody comes back', async (reason, ending) => {
  await enter();
  room.drop(reason);
  expect(session.state).toMatchObject({ phase: 'ended', reason: ending });
  expect(room.connects).toEqual(['first']);
});

test('whoever is banned or locked out while coming back is told so', async () => {
  await enter();
  answers = [refuse(403, 'banned')];
  room.drop();
  await vi.waitFor(() => expect(phase()).toBe('ended'));
  expect(session.state).toMatchObject({ reason: 'refused', failure: { code: 'banned' } });
});

test('leaving while the call is being repaired stays left', async () => {
  await enter();
  room.failing = new Error('down');
  room.drop();
  await vi.waitFor(() => expect(room.connects.length).toBeGreaterThan(1));
  await session.leave();
  room.failing = null;
  const attempts = room.connects.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(session.state).toMatchObject({ phase: 'ended', reason: 'left' });
  expect(room.connects.length - attempts).toBeLessThanOrEqual(1);
});

test('being muted by somebody else is told once and remembered', async () => {
  await enter();
  const heard: string[] = [];
  session.onMutedByOther((source) => heard.push(source));
  room.emit(RoomEvent.TrackMuted, { source: Track.Source.Microphone }, room.localParticipant);
  room.emit(RoomEvent.TrackMuted, { source: Track.Source.Microphone }, room.localParticipant);
  expect(heard).toEqual(['microphone']);
  room.localParticipant.published = [];
  room.drop();
  await vi.waitFor(() => expect(phase()).toBe('live'));
  expect(room.localParticipant.published).toEqual([]);
});

test("one's own mute is nobody else's", async () => {
  await enter();
  const heard: string[] = [];
  session.onMutedByOther((source) => heard.push(source));
  await session.setMicrophone(false);
  room.emit(RoomEvent.TrackMuted, { source: Track.Source.Microphone }, room.localParticipant);
  expect(heard).toEqual([]);
});
