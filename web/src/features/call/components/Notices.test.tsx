import { EventEmitter } from 'node:events';
import { act, screen } from '@testing-library/react';
import { type Room, RoomEvent } from 'livekit-client';
import { expect, test } from 'vitest';
import { show } from '../../../testing';
import { useAnnouncements } from '../hooks/useAnnouncements';
import { Notices } from './Notices';

const room = Object.assign(new EventEmitter(), {
  state: 'connected',
  numParticipants: 2,
  remoteParticipants: new Map(),
});

function Told() {
  const { notices, text, announce } = useAnnouncements(room as unknown as Room);
  return (
    <>
      <Notices notices={notices} />
      <p>{`told: ${text}`}</p>
      <button
        type="button"
        onClick={() =>
          announce('M', (name) => `Message from ${name}:`, { shown: true, body: 'Mind the gap' })
        }
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

test('a name stands apart from what is told of it, so that only the name is cut', () => {
  show(<Told />);
  const name = 'Maximilian '.repeat(9).trim();
  act(() => void room.emit(RoomEvent.ParticipantConnected, { identity: 'm', name }));
  expect(pieces()).toEqual(['', name, ' joined']);
  expect(screen.getByText(`told: ${name} joined`)).toBeTruthy();
});

test('a name that is also part of the sentence is found where it stands for the person', () => {
  show(<Told />);
  act(() => screen.getByRole('button').click());
  expect(pieces()).toEqual(['Message from ', 'M', ':', 'Mind the gap']);
});
