import { afterEach, expect, test, vi } from 'vitest';
import type { Told } from './event';
import { EventFeed } from './feed';

class FakeSource {
  static all: FakeSource[] = [];
  readyState = 0;
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;
  private readonly handlers = new Map<string, (event: { data: string }) => void>();

  constructor(readonly address: string) {
    FakeSource.all.push(this);
  }
  addEventListener(type: string, handler: (event: { data: string }) => void) {
    this.handlers.set(type, handler);
  }
  opened() {
    this.readyState = 1;
    this.onopen();
  }
  says(type: string, data: object) {
    this.handlers.get(type)?.({ data: JSON.stringify(data) });
  }
  refused() {
    this.readyState = 2;
    this.onerror();
  }
  close() {
    this.readyState = 2;
  }
}

afterEach(() => {
  FakeSource.all = [];
});

function feed() {
  const waits: { action: () => void; milliseconds: number }[] = [];
  const ports = {
    open: (address: string) => new FakeSource(address) as unknown as EventSource,
    setTimeout: (action: () => void, milliseconds: number) => waits.push({ action, milliseconds }),
  };
  return { feed: new EventFeed(ports), waits };
}
const alive = () => FakeSource.all.filter(({ readyState }) => readyState !== 2);
const last = () => FakeSource.all.at(-1) as FakeSource;

test('eight tabs share one stream, which asks for all their rooms', () => {
  const { feed: shared } = feed();
  const heard: Told[][] = [];
  for (let tab = 0; tab < 8; tab += 1) {
    const told: Told[] = [];
    heard.push(told);
    const rooms = tab % 2 ? [`room-${tab}`] : [];
    shared.want(tab, { subject: 'ada', rooms }, (event) => told.push(event));
    if (last().readyState === 0) last().opened();
  }
  expect(alive().length).toBe(1);
  expect(last().address).toBe('/api/events?also=room-1,room-3,room-5,room-7');
  last().says('room.updated', { room: 'room-1' });
  // Each looks again once: what it fetched before the stream was there may be old.
  const expected = [{ type: 'again' }, { type: 'room.updated', room: 'room-1' }];
  for (const told of heard) expect(told).toEqual(expected);
});

test('while another room is asked for the old stream goes on until the new one is there', () => {
  const { feed: shared } = feed();
  const told = vi.fn();
  shared.want('a', { subject: 'ada', rooms: ['one'] }, told);
  last().opened();
  told.mockClear();
  const [old] = FakeSource.all;
  shared.want('b', { subject: 'ada', rooms: ['two'] }, () => undefined);
  shared.want('c', { subject: 'ada', rooms: ['three'] }, () => undefined);
  old?.says('room.updated', { room: 'one' });
  expect(told).toHaveBeenCalledOnce();
  last().opened();
  expect(alive()).toEqual([last()]);
});

test('the last tab closes the stream, not the tab that opened it', () => {
  const { feed: shared } = feed();
  shared.want('a', { subject: '', rooms: ['one'] }, () => undefined);
  shared.want('b', { subject: '', rooms: ['one'] }, () => undefined);
  last().opened();
  shared.drop('a');
  expect(alive().length).toBe(1);
  shared.drop('b');
  expect(alive().length).toBe(0);
});

test('signing in opens a stream anew, and everybody looks again', () => {
  const { feed: shared } = feed();
  const [own, other] = [vi.fn(), vi.fn()];
  shared.want('other', { subject: '', rooms: ['one'] }, other);
  shared.want('own', { subject: '', rooms: [] }, own);
  last().opened();
  for (const told of [own, other]) told.mockClear();
  const [asVisitor] = FakeSource.all;
  shared.want('own', { subject: 'ada', rooms: [] }, own);
  expect(asVisitor?.readyState).toBe(2);
  expect(alive().length).toBe(1);
  expect(last().address).toBe('/api/events?also=one');
  last().opened();
  for (const told of [own, other]) {
    expect(told).toHaveBeenCalledExactlyOnceWith({ type: 'again' });
  }
});

test('after a break everybody looks again; a refused stream is asked for later, slower each time', () => {
  const { feed: shared, waits } = feed();
  const told = vi.fn();
  shared.want('a', { subject: 'ada', rooms: [] }, told);
  last().opened();
  told.mockClear();
  last().onerror();
  last().opened();
  expect(told).toHaveBeenCalledExactlyOnceWith({ type: 'again' });
  last().refused();
  waits[0]?.action();
  last().refused();
  expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([1_000, 2_000]);
  waits[1]?.action();
  last().opened();
  const types = told.mock.calls.map(([{ type }]) => type);
  expect(types).toEqual(['again', 'refused', 'refused', 'again']);
  expect(alive().length).toBe(1);
});

test('a visitor who is refused a stream is asked nothing: there is no session to look at', () => {
  const { feed: shared } = feed();
  const told = vi.fn();
  shared.want('a', { subject: '', rooms: ['one'] }, told);
  last().refused();
  expect(told).not.toHaveBeenCalled();
});

test('a wait that nobody needs any more opens nothing', () => {
  const { feed: shared, waits } = feed();
  shared.want('a', { subject: 'ada', rooms: [] }, () => undefined);
  last().refused();
  shared.drop('a');
  waits[0]?.action();
  expect(alive().length).toBe(0);
});

test('a page looks again when it is heard for the first time, and only then', () => {
  const { feed: shared } = feed();
  const [first, second] = [vi.fn(), vi.fn()];
  shared.want('first', { subject: '', rooms: ['one'] }, first);
  expect(first).not.toHaveBeenCalled();
  last().opened();
  expect(first).toHaveBeenCalledExactlyOnceWith({ type: 'again' });
  // The stream is there already: between this page's answers and now it may have told something.
  shared.want('second', { subject: '', rooms: ['one'] }, second);
  expect(second).toHaveBeenCalledExactlyOnceWith({ type: 'again' });
  shared.want('second', { subject: '', rooms: [] }, second);
  shared.want('first', { subject: '', rooms: ['one'] }, first);
  for (const told of [first, second]) expect(told).toHaveBeenCalledOnce();
  // Another room of the same page.
  shared.want('first', { subject: '', rooms: ['one', 'two'] }, first);
  last().opened();
  expect(first).toHaveBeenCalledTimes(2);
  expect(second).toHaveBeenCalledOnce();
});
