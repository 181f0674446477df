import { EventEmitter } from 'node:events';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import { type Room as LiveKitRoom, RoomEvent } from 'livekit-client';
import type { ReactNode } from 'react';
import { expect, test } from 'vitest';
import type { RecordingState } from '../../../api/types';
import { useCallRecording } from './useCallRecording';

function call(state: RecordingState | null, isRecording: boolean) {
  const client = new QueryClient();
  client.setQueryData(['room', 'r'], {});
  const room = Object.assign(new EventEmitter(), { isRecording });
  const active = (of: RecordingState | null) =>
    of && { id: 'rec', state: of, audio_only: false, started_at: null };
  const { result, rerender } = renderHook(
    ({ ours }: { ours: RecordingState | null }) =>
      useCallRecording(room as unknown as LiveKitRoom, {
        id: 'r',
        recording: { active: active(ours), allowed: true, keep_days: null },
      }),
    {
      initialProps: { ours: state },
      wrapper: ({ children }: { children: ReactNode }) => (
        <QueryClientProvider client={client}>{children}</QueryClientProvider>
      ),
    },
  );
  return {
    state: () => result.current.state,
    ours: (now: RecordingState | null) => rerender({ ours: now }),
    media: (on: boolean) => {
      room.isRecording = on;
      act(() => void room.emit(RoomEvent.RecordingStatusChanged, on));
    },
    looksAgain: () => client.getQueryState(['room', 'r'])?.isInvalidated,
  };
}

test('nobody records', () => {
  const { state, looksAgain } = call(null, false);
  expect(state()).toBe('off');
  expect(looksAgain()).toBe(false);
});

test('what the media server says is enough, and our own record is asked again', () => {
  const { state, media, looksAgain } = call(null, false);
  media(true);
  expect(state()).toBe('on');
  expect(looksAgain()).toBe(true);
});

test('our own record is enough: a recorder that comes back after a crash was never away', () => {
  const { state, media } = call('recording', true);
  media(false);
  expect(state()).toBe('on');
});

test('the sign stays until both have let go', () => {
  const { state, ours, media } = call('recording', true);
  ours('stopping');
  expect(state()).toBe('stopping');
  ours(null);
  // Not `on`: nobody is to hear that a recording begins.
  expect(state()).toBe('stopping');
  media(false);
  expect(state()).toBe('off');
  media(true);
  expect(state()).toBe('on');
});

test('a recording that is asked for is told as such', () => {
  expect(call('starting', false).state()).toBe('starting');
});
