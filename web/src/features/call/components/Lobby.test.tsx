import { EventEmitter } from 'node:events';
import { act, cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Problem } from '../../../api/problem';
import type { Room, User } from '../../../api/types';
import { serve, show } from '../../../testing';
import type { CallSession, CallState } from '../CallSession';
import { Lobby } from './Lobby';

const ROOM = {
  slug: 'abc',
  name: 'Weekly',
  role: 'visitor',
  locked: false,
  live: { participants: 2, started_at: 1 },
  recording: { active: null, allowed: false, keep_days: null },
  join: { allowed: true, reason: null },
} as Room;
const ADA = { id: 'u', name: 'Ada', role: 'user' } as User;

function lobby(room: Partial<Room>, me: User | null, state?: CallState) {
  serve({});
  const enter = vi.fn(async () => undefined);
  const session = {
    state: state ?? { phase: 'lobby', failure: null },
    room: Object.assign(new EventEmitter(), { options: {} }),
    enter,
  } as unknown as CallSession;
  show(<Lobby session={session} room={{ ...ROOM, ...room }} me={me} />);
  return enter;
}

test('a guest says a name and goes in; without devices that work, without them', async () => {
  const enter = lobby({}, null);
  expect(screen.getByText('2 people are inside.')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Join now' }));
  expect(enter).not.toHaveBeenCalled();
  await userEvent.type(screen.getByLabelText('Your name'), ' Grace ');
  await userEvent.click(screen.getByRole('button', { name: 'Join now' }));
  expect(enter).toHaveBeenCalledWith(
    expect.objectContaining({ name: 'Grace', microphone: false, camera: false }),
  );
});

test('a browser that hides its devices on plain http is explained', async () => {
  vi.stubGlobal('isSecureContext', false);
  lobby({}, ADA);
  expect((await screen.findByRole('alert')).textContent).toMatch(
    /blocks camera and microphone on this address.*server\.tls/,
  );
});

test('a user goes in under the name of the account', async () => {
  const enter = lobby({}, ADA);
  expect(screen.queryByLabelText('Your name')).toBeNull();
  expect(screen.getByText('You join as Ada.')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Join now' }));
  expect(enter).toHaveBeenCalledWith(expect.objectContaining({ name: undefined }));
});

test.each([
  ['private', /Ask its owner/],
  ['locked', /Ask somebody inside/],
  ['full', /is full/],
  ['banned', /were banned/],
] as const)('a room that is %s says so and has no way in', (reason, text) => {
  lobby({ join: { allowed: false, reason } }, ADA);
  expect(screen.getByText(text)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Join now' })).toBeNull();
});

test('whoever is refused is not asked for camera and microphone', async () => {
  const getUserMedia = vi.fn(() => Promise.reject(new DOMException('', 'NotAllowedError')));
  vi.stubGlobal('isSecureContext', true);
  const media = { getUserMedia, enumerateDevices: async () => [] };
  Object.defineProperty(navigator, 'mediaDevices', {
    configurable: true,
    value: Object.assign(new EventTarget(), media),
  });
  lobby({ join: { allowed: false, reason: 'private' } }, ADA);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(getUserMedia).not.toHaveBeenCalled();
  cleanup();
  lobby({}, ADA);
  await vi.waitFor(() => expect(getUserMedia).toHaveBeenCalled());
  Reflect.deleteProperty(navigator, 'mediaDevices');
});

test('who is signed in as somebody else signs out and stays in front of the room', async () => {
  lobby({}, ADA);
  const asked = serve({ 'POST /api/auth/sign-out': { status: 204 } });
  await userEvent.click(screen.getByRole('button', { name: 'Not you?' }));
  expect(asked.some(({ call }) => call.startsWith('POST'))).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: 'Sign out' }));
  await vi.waitFor(() =>
    expect(asked.map(({ call }) => call)).toContain('POST /api/auth/sign-out'),
  );
  expect(screen.getByRole('heading', { name: 'Weekly' })).toBeTruthy();
});

test('where no camera runs there is one way in', () => {
  lobby({}, ADA);
  expect(screen.queryByRole('button', { name: 'Join without camera' })).toBeTruthy();
  cleanup();
  localStorage.setItem('convoke.devices', JSON.stringify({ camera: false }));
  lobby({}, ADA);
  expect(screen.queryByRole('button', { name: 'Join without camera' })).toBeNull();
  localStorage.removeItem('convoke.devices');
});

test('a room that was just made shows its link', async () => {
  serve({});
  const session = {
    state: { phase: 'lobby', failure: null },
    room: Object.assign(new EventEmitter(), { options: {} }),
  } as unknown as CallSession;
  const room = { ...ROOM, url: 'https://meet.example.org/abc', guests_allowed: true };
  const { router } = show(<Lobby session={session} room={room} me={ADA} />);
  expect(screen.queryByText('meet.example.org/abc')).toBeNull();
  await act(() => router.navigate('/', { state: { made: true } }));
  expect(screen.getByText('meet.example.org/abc')).toBeTruthy();
});

test('a join that waits says so and can be called off', async () => {
  lobby({}, ADA, { phase: 'joining', waiting: true });
  expect(screen.getByText(/You go in as soon as it is/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
});

test('where an account is needed the way in is to sign in and come back', () => {
  lobby({ join: { allowed: false, reason: 'sign_in_required' } }, null);
  expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(
    '/sign-in?next=%2F',
  );
});

test.each(['locked', 'full', 'banned'] as const)(
  'a guest of a room that is %s may sign in',
  (reason) => {
    lobby({ join: { allowed: false, reason } }, null);
    expect(screen.getByRole('link', { name: 'Sign in' })).toBeTruthy();
  },
);

test('a guest of a private room is told whom it is for', () => {
  lobby({ access: 'private', join: { allowed: false, reason: 'sign_in_required' } }, null);
  expect(screen.getByText(/for its members.*Sign in if you are one/)).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Sign in' })).toBeTruthy();
});

test('a full room is not said to be empty', () => {
  const live = { participants: 0, started_at: null, region: null };
  lobby({ live, join: { allowed: false, reason: 'full' } }, ADA);
  expect(screen.queryByText(/Nobody is here/)).toBeNull();
});

test.each([
  ['banned', 'public'],
  ['private', 'private'],
] as const)('who may not know who is inside (%s) is not told that nobody is', (reason, access) => {
  const live = { participants: 0, started_at: null, region: null };
  lobby({ live, access, role: 'visitor', join: { allowed: false, reason } }, ADA);
  expect(screen.queryByText(/Nobody is here/)).toBeNull();
});

test('a media server that starts is no closed door', () => {
  lobby({ join: { allowed: false, reason: 'media_unavailable' } }, ADA);
  expect(screen.getByText(/we will wait for it/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Join now' })).toBeTruthy();
});

test('that the call is recorded is said before one goes in', () => {
  const active = { id: 'r', state: 'recording', audio_only: false, started_at: 1 } as const;
  lobby({ recording: { active, allowed: false, keep_days: null } }, null);
  expect(screen.getByRole('alert').textContent).toMatch(/is being recorded/);
  expect(screen.getByRole('button', { name: 'Join now' })).toBeTruthy();
});

test('a join that failed says why', () => {
  lobby({}, ADA, { phase: 'lobby', failure: new Problem(409, 'full', '') });
  expect(screen.getByText('This room is full.')).toBeTruthy();
});
