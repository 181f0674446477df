import { EventEmitter } from 'node:events';
import { ConnectionState, type Room, RoomEvent } from 'livekit-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Attendance } from './attendance';

class FakeRoom extends EventEmitter {
  state = ConnectionState.Connected;
  remoteParticipants = new Map<string, { identity: string }>();
  become(state: ConnectionState) {
    this.state = state;
    this.emit(RoomEvent.ConnectionStateChanged, state);
  }
  join(identity: string) {
    const who = { identity };
    this.remoteParticipants.set(identity, who);
    this.emit(RoomEvent.ParticipantConnected, who);
  }
  leave(identity: string) {
    const who = this.remoteParticipants.get(identity);
    this.remoteParticipants.delete(identity);
    this.emit(RoomEvent.ParticipantDisconnected, who);
  }
}

let room: FakeRoom;
let news: string[];
let attendance: Attendance;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  room = new FakeRoom();
  room.join('ada');
  room.join('bob');
  news = [];
  attendance = new Attendance(room as unknown as Room, (what, { identity }) =>
    news.push(`${identity} ${what}`),
  );
});
afterEach(() => {
  attendance.stop();
  vi.useRealTimers();
});
const aMoment = () => vi.advanceTimersByTimeAsync(3_000);

test('who comes and goes is news', async () => {
  room.join('carol');
  room.leave('ada');
  await aMoment();
  expect(news).toEqual(['carol joined', 'ada left']);
  room.join('ada');
  expect(news.at(-1)).toBe('ada joined');
});

test('a page that is loaded anew is no news', async () => {
  room.leave('ada');
  await vi.advanceTimersByTimeAsync(1_000);
  room.join('ada');
  await aMoment();
  expect(news).toEqual([]);
});

test('a server that stops sends the others out before oneself', async () => {
  room.leave('ada');
  await vi.advanceTimersByTimeAsync(500);
  room.become(ConnectionState.SignalReconnecting);
  await vi.advanceTimersByTimeAsync(10_000);
  room.join('ada');
  room.become(ConnectionState.Connected);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(news).toEqual([]);
});

test('a reconnection of livekit-client is no news, nor is a slower one of others', async () => {
  // The order of Room.handleRestarting.
  room.leave('ada');
  room.leave('bob');
  room.become(ConnectionState.Reconnecting);
  await aMoment();
  room.join('ada');
  room.become(ConnectionState.Connected);
  await vi.advanceTimersByTimeAsync(10_000);
  room.join('bob');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(news).toEqual([]);
});

test('a call that is entered anew is no news; who came or is gone since is', async () => {
  room.become(ConnectionState.Disconnected);
  room.remoteParticipants.clear();
  await aMoment();
  room.join('bob');
  room.join('carol');
  room.become(ConnectionState.Connected);
  // Bob, whom the same break has hit, comes back as well.
  room.leave('bob');
  await aMoment();
  room.join('bob');
  expect(news).toEqual(['carol joined']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(news).toEqual(['carol joined', 'ada left']);
});
