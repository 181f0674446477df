import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
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
