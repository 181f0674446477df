import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Problem } from '../../../api/problem';
import { serve, show } from '../../../testing';
import { EndScreen } from './EndScreen';

const room = (reason: string | null) => ({
  'GET /api/rooms/abc': { body: { slug: 'abc', join: { allowed: reason === null, reason } } },
});

test('somebody who was removed may join again', async () => {
  serve(room(null));
  show(<EndScreen slug="abc" reason="removed" failure={null} />);
  await screen.findByRole('heading', { name: 'You were removed from the call' });
  expect(screen.getByRole('button', { name: 'Join again' })).toBeTruthy();
});

test('somebody who was banned is told so and gets no way back', async () => {
  serve(room('banned'));
  show(<EndScreen slug="abc" reason="removed" failure={null} />);
  await screen.findByRole('heading', { name: 'You were banned from this room' });
  expect(screen.queryByRole('button', { name: 'Join again' })).toBeNull();
});

test("a refusal shows the server's reason in words", async () => {
  serve({});
  show(<EndScreen slug="abc" reason="refused" failure={new Problem(403, 'locked', '')} />);
  await screen.findByText(/This room is locked/);
});
