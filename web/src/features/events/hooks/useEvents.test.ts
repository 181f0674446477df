import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { apply, applyEvent } from './useEvents';

function cacheWith(...keys: string[][]) {
  const client = new QueryClient();
  for (const key of keys) client.setQueryData(key, {});
  return {
    client,
    staleKeys: () =>
      keys.filter((key) => client.getQueryState(key)?.isInvalidated).map((key) => key.join('/')),
  };
}
const ROOM = ['room', 'abc'];
const PEOPLE = ['room', 'abc', 'participants'];
const MEETINGS = ['room', 'abc', 'meetings'];

test('somebody joining makes the room and its participants stale, not its meetings', () => {
  const { client, staleKeys } = cacheWith(ROOM, PEOPLE, MEETINGS, ['room', 'other']);
  applyEvent(client, 'participant.joined', 'abc');
  expect(staleKeys()).toEqual(['room/abc', 'room/abc/participants']);
});

test('an ended meeting makes the history stale', () => {
  const { client, staleKeys } = cacheWith(ROOM, PEOPLE, MEETINGS);
  applyEvent(client, 'meeting.ended', 'abc');
  expect(staleKeys()).toEqual(['room/abc', 'room/abc/meetings']);
});

test('the media state touches the site, no room', () => {
  const { client, staleKeys } = cacheWith(ROOM, ['site'], ['admin', 'overview']);
  applyEvent(client, 'media.status', 'abc');
  expect(staleKeys()).toEqual(['site', 'admin/overview']);
});

test('changed settings may mean members or bans too: the whole room is stale', () => {
  const { client, staleKeys } = cacheWith(ROOM, ['room', 'abc', 'bans'], ['room', 'other']);
  applyEvent(client, 'room.updated', 'abc');
  expect(staleKeys()).toEqual(['room/abc', 'room/abc/bans']);
});

test("what is told of another tab's room is not for this page; a changed link is known by its id", () => {
  const { client, staleKeys } = cacheWith(ROOM, PEOPLE);
  client.setQueryData(ROOM, { id: 'id-1' });
  apply(client, { type: 'participant.joined', room: 'other', room_id: 'id-2' }, 'abc');
  expect(staleKeys()).toEqual([]);
  apply(client, { type: 'room.updated', room: 'new-link', room_id: 'id-1' }, 'abc');
  expect(staleKeys()).toEqual(['room/abc', 'room/abc/participants']);
});

test('who comes and goes changes the figures of the administration', () => {
  const { client, staleKeys } = cacheWith(['admin', 'rooms', ''], ['admin', 'overview'], ROOM);
  applyEvent(client, 'participant.joined');
  expect(staleKeys()).toEqual(['admin/rooms/', 'admin/overview']);
});

test('what becomes of a recording touches the lists of recordings and the room', () => {
  const lists = ['recordings', 'own', '', ''];
  const { client, staleKeys } = cacheWith(ROOM, PEOPLE, lists, ['recording', 'r-1']);
  applyEvent(client, 'recording.completed', 'abc');
  expect(staleKeys()).toEqual(['room/abc', 'recordings/own//', 'recording/r-1']);
});

test('a refused stream makes the page ask who is signed in', () => {
  const { client, staleKeys } = cacheWith(ROOM, ['me']);
  apply(client, { type: 'refused' });
  expect(staleKeys()).toEqual(['me']);
});

test('an event that overtakes the first answer makes the page ask again, once', async () => {
  const client = new QueryClient();
  const answers: ((name: string) => void)[] = [];
  const ask = vi.fn(() => new Promise<string>((answer) => answers.push(answer)));
  const observer = new QueryObserver(client, { queryKey: ROOM, queryFn: ask });
  const stop = observer.subscribe(() => undefined);
  apply(client, { type: 'room.updated', room: 'abc' }, 'abc');
  apply(client, { type: 'again' }, 'abc');
  expect(ask).toHaveBeenCalledTimes(1);
  answers[0]?.('before');
  await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(2));
  answers[1]?.('after');
  await vi.waitFor(() => expect(client.getQueryData(ROOM)).toBe('after'));
  expect(ask).toHaveBeenCalledTimes(2);
  stop();
});

test('who was not heard looks again at all that events touch, in one pass', () => {
  const { client, staleKeys } = cacheWith(ROOM, PEOPLE, ['site'], ['rooms'], ['me']);
  apply(client, { type: 'again' }, 'abc');
  expect(staleKeys()).toEqual(['room/abc', 'room/abc/participants', 'site', 'rooms']);
});
