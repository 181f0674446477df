import { EventEmitter } from 'node:events';
import { act, screen } from '@testing-library/react';
import { type Room, RoomEvent } from 'livekit-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { show } from '../../../testing';
import { useAnnouncements } from '../hooks/useAnnouncements';
import { Notices, Spoken } from './Notices';

const room = Object.assign(new EventEmitter(), {
  state: 'connected',
  numParticipants: 2,
  remoteParticipants: new Map(),
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function Told() {
  const { notice, lines, tell } = useAnnouncements(room as unknown as Room);
  return (
    <>
      <Notices notice={notice} />
      <Spoken lines={lines} />
      <button
        type="button"
        onClick={() => tell({ kind: 'message', name: 'M', body: 'Mind the gap' }, true)}
      >
        say
      </button>
    </>
  );
}
const pieces = () =>
  [...document.querySelectorAll('li:last-child span span, li:last-child > span:nth-child(2)')].map(
    ({ textContent }) => textContent,
  );
const come = (identity: string, name: string) =>
  act(() => void room.emit(RoomEvent.ParticipantConnected, { identity, name }));
const later = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
const spoken = () =>
  [...screen.getByTestId('spoken').children].map(({ textContent }) => textContent);

test('a name stands apart from what is told of it, so that only the name is cut', () => {
  show(<Told />);
  const name = 'Maximilian '.repeat(9).trim();
  come('m', name);
  expect(pieces()).toEqual(['', name, ' joined']);
  later(1_000);
  expect(spoken()).toEqual([`${name} joined`]);
});

test('a name that is also part of the sentence is found where it stands for the person', () => {
  show(<Told />);
  act(() => screen.getByRole('button').click());
  expect(pieces()).toEqual(['Message from ', 'M', ':', 'Mind the gap']);
  expect(spoken()).toEqual(['Message from M: Mind the gap']);
});

test('many who come at once are one notice and one sentence', () => {
  show(<Told />);
  for (const name of ['Ben', 'Cleo', 'Dan', 'Eve']) come(name, name);
  expect(pieces()).toEqual(['', 'Ben, Cleo, and 2 others', ' joined']);
  expect(spoken()).toEqual([]);
  later(1_000);
  expect(spoken()).toEqual(['Ben, Cleo, and 2 others joined']);
});

test('news is seen for a while, stays longer for screen readers, and then leaves', () => {
  show(<Told />);
  act(() => screen.getByRole('button').click());
  later(4_900);
  expect(pieces()).not.toEqual([]);
  later(100);
  expect(pieces()).toEqual([]);
  expect(spoken()).toHaveLength(1);
  later(15_000);
  expect(spoken()).toEqual([]);
});

test('the same sentence twice is told twice', () => {
  show(<Told />);
  act(() => screen.getByRole('button').click());
  act(() => screen.getByRole('button').click());
  expect(spoken()).toHaveLength(2);
});
