import type { Room } from 'livekit-client';
import { expect, test } from 'vitest';
import { isSilenced } from './silenced';

const room = (canPlaybackAudio: boolean, ...paused: boolean[]) =>
  ({
    canPlaybackAudio,
    remoteParticipants: new Map([
      [
        'ben',
        {
          audioTrackPublications: new Map([
            ['m', { track: { attachedElements: paused.map((paused) => ({ paused })) } }],
          ]),
        },
      ],
    ]),
  }) as unknown as Room;

test('nobody is asked to turn sound on who is alone, or hears everybody', () => {
  expect(isSilenced(room(false))).toBe(false);
  expect(isSilenced(room(false, false))).toBe(false);
  expect(isSilenced(room(true, true))).toBe(false);
});

test('a voice that the browser holds back waits for a click', () => {
  expect(isSilenced(room(false, false, true))).toBe(true);
});
