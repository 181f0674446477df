import { act, fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Problem } from '../../../api/problem';
import { serve, show } from '../../../testing';
import { EndScreen } from './EndScreen';

const told = (status: number, code: string) => ({
  'GET /rtc/validate': { status, body: { code } },
});

test('somebody who was removed may join again', async () => {
  serve(told(403, 'token_withdrawn'));
  show(<EndScreen reason="removed" failure={null} token="t" />);
  await screen.findByRole('heading', { name: 'You were removed from the call' });
  expect(screen.getByRole('button', { name: 'Join again' })).toBeTruthy();
});

test('somebody who was banned is told so and gets no way back', async () => {
  serve(told(403, 'banned'));
  show(<EndScreen reason="removed" failure={null} token="t" />);
  await screen.findByRole('heading', { name: 'You were banned from this room' });
  expect(screen.queryByRole('button', { name: 'Join again' })).toBeNull();
});

test('a disabled account is not told that a moderator sent it out', async () => {
  serve(told(403, 'account_disabled'));
  show(<EndScreen reason="removed" failure={null} token="t" />);
  await screen.findByRole('heading', { name: 'Your account was closed' });
  expect(screen.queryByText(/moderator/)).toBeNull();
});

test('a device that was signed out is told so, and may sign in or come back as a guest', async () => {
  serve(told(403, 'signed_out'));
  show(<EndScreen reason="removed" failure={null} token="t" />, '/abc-defg-hij');
  await screen.findByRole('heading', { name: 'You were signed out' });
  expect(screen.queryByText(/moderator/)).toBeNull();
  expect(screen.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(
    '/sign-in?next=%2Fabc-defg-hij',
  );
  expect(screen.getByRole('button', { name: 'Join again' })).toBeTruthy();
});

test.each([
  ['ended', null, 'room_deleted'],
  ['removed', null, 'room_deleted'],
  ['refused', new Problem(404, 'not_found', ''), 'token_withdrawn'],
] as const)('a room that is gone (%s) has no way back', async (reason, failure, code) => {
  serve(told(403, code));
  show(<EndScreen reason={reason} failure={failure} token="t" />);
  await screen.findByRole('heading', { name: 'This room was deleted' });
  expect(screen.queryByRole('button', { name: 'Join again' })).toBeNull();
});

test('a call that was ended for everybody may be joined again', async () => {
  serve(told(403, 'token_withdrawn'));
  show(<EndScreen reason="ended" failure={null} token="t" />);
  await screen.findByRole('heading', { name: 'The call has ended' });
  expect(screen.getByRole('button', { name: 'Join again' })).toBeTruthy();
});

test('whoever was banned while away gets no way back either', async () => {
  serve({});
  show(<EndScreen reason="refused" failure={new Problem(403, 'banned', '')} token={null} />);
  await screen.findByRole('heading', { name: 'You were banned from this room' });
  expect(screen.queryByRole('button', { name: 'Join again' })).toBeNull();
});

test('whoever the server sent out of a full room is not told of a moderator', async () => {
  serve(told(403, 'full'));
  show(<EndScreen reason="removed" failure={null} token="t" />);
  await screen.findByText('This room is full.');
  expect(screen.queryByText(/moderator/)).toBeNull();
});

test('where nothing is known the plain reason stands', async () => {
  serve({});
  show(<EndScreen reason="removed" failure={null} token="t" />);
  await screen.findByRole('heading', { name: 'You were removed from the call' });
});

test("a refusal shows the server's reason in words", async () => {
  serve({});
  show(<EndScreen reason="refused" failure={new Problem(403, 'locked', '')} token={null} />);
  await screen.findByText(/This room is locked/);
});

const over = () => {
  vi.useFakeTimers();
  serve({});
  show(<EndScreen reason="left" failure={null} token={null} />, '/abc-defg-hij');
  return (seconds: number) => {
    for (let i = 0; i < seconds; i += 1) act(() => void vi.advanceTimersByTime(1_000));
  };
};

test('whoever left is taken home after a minute', () => {
  const wait = over();
  wait(59);
  expect(screen.getByText('Start page in 1 s')).toBeTruthy();
  wait(1);
  expect(screen.getByText('went to /')).toBeTruthy();
  vi.useRealTimers();
});

test('whoever stays, stays', () => {
  const wait = over();
  wait(30);
  fireEvent.click(screen.getByRole('button', { name: 'Stay here' }));
  wait(90);
  expect(screen.getByRole('heading', { name: 'You left the call' })).toBeTruthy();
  vi.useRealTimers();
});

test('whoever was sent out may read why for as long as they like', async () => {
  serve(told(403, 'token_withdrawn'));
  show(<EndScreen reason="removed" failure={null} token="t" />);
  await screen.findByRole('heading', { name: 'You were removed from the call' });
  expect(screen.queryByText(/Start page in/)).toBeNull();
});
