import { act, renderHook } from '@testing-library/react';
import type { Room as LiveKitRoom } from 'livekit-client';
import { beforeEach, expect, test, vi } from 'vitest';
import * as toasts from '../../../primitives/Toasts';
import { serve } from '../../../testing';
import { storedChoices } from '../../devices';
import type { CallSession } from '../CallSession';
import { useCallActions } from './useCallActions';

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal('isSecureContext', true);
});

const refuse = (name: string) => () => Promise.reject(new DOMException('', name));

function actions(session: Partial<CallSession> = {}, local = {}) {
  const said = vi.spyOn(toasts, 'toast').mockReset();
  const room = {
    remoteParticipants: new Map(),
    localParticipant: {
      attributes: {},
      isMicrophoneEnabled: false,
      isCameraEnabled: true,
      isScreenShareEnabled: false,
      ...local,
    },
  } as unknown as LiveKitRoom;
  const { result } = renderHook(() =>
    useCallActions({
      session: session as CallSession,
      room,
      info: { id: 'r-1', slug: 'weekly' },
      react: () => undefined,
    }),
  );
  const run = (name: 'toggleChat' | 'toggleParticipants' | 'toggleLayout' | 'showConnection') =>
    act(() => result.current.actions[name]());
  return { result, run, said };
}

test('microphone and camera turn round, and the choice is kept for the next call', async () => {
  const setMicrophone = vi.fn(async () => undefined);
  const setCamera = vi.fn(async () => undefined);
  const { result } = actions({ setMicrophone, setCamera });
  result.current.actions.toggleMicrophone();
  result.current.actions.toggleCamera();
  expect(setMicrophone).toHaveBeenCalledWith(true);
  expect(setCamera).toHaveBeenCalledWith(false);
  expect(storedChoices()).toMatchObject({ microphone: true, camera: false });
});

test('a device that fails is explained', async () => {
  const { result, said } = actions({ setMicrophone: refuse('NotFoundError') });
  result.current.actions.toggleMicrophone();
  await vi.waitFor(() => expect(said).toHaveBeenCalledWith('No microphone was found', 'danger'));
});

test('a share that fails is told, the closed picker of the browser is not', async () => {
  const setScreenShare = vi.fn(refuse('NotAllowedError'));
  const { result, said } = actions({ setScreenShare });
  result.current.actions.toggleShare();
  await expect(setScreenShare.mock.results[0]?.value).rejects.toThrow();
  await Promise.resolve();
  expect(said).not.toHaveBeenCalled();
  setScreenShare.mockImplementation(refuse('NotReadableError'));
  result.current.actions.toggleShare();
  await vi.waitFor(() =>
    expect(said).toHaveBeenCalledWith('The screen could not be shared.', 'danger'),
  );
});

test('a hand that is up is lowered, and a refusal is told', async () => {
  const asked = serve({ 'POST /api/rooms/r-1/hand': { status: 409, body: { code: 'not_live' } } });
  const { result, said } = actions({}, { attributes: { hand_raised_at: '5' } });
  result.current.actions.toggleHand();
  await vi.waitFor(() => expect(said).toHaveBeenCalled());
  expect(asked[0]?.body).toEqual({ raised: false });
});

test('one panel at a time; the same button closes it', () => {
  const { result, run } = actions();
  run('toggleChat');
  expect(result.current.panel).toBe('chat');
  run('toggleParticipants');
  expect(result.current.panel).toBe('participants');
  run('toggleParticipants');
  expect(result.current.panel).toBeNull();
});

test('another layout forgets what was pinned', () => {
  const { result, run } = actions();
  act(() => result.current.pin('ana:camera'));
  run('toggleLayout');
  expect(result.current).toMatchObject({ layout: 'speaker', pinned: null });
  run('toggleLayout');
  expect(result.current.layout).toBe('auto');
});

test('a dialog opens and closes', () => {
  const { result, run } = actions();
  run('showConnection');
  expect(result.current.dialog).toBe('connection');
  act(() => result.current.closeDialog());
  expect(result.current.dialog).toBeNull();
});
