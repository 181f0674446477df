import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { LiveRoomsCard } from './LiveRoomsCard';

const ME = { 'GET /api/auth/me': { body: { id: 'a', role: 'support' } } };
const foreign = {
  name: 'town hall/1',
  sid: 'RM_1',
  created_at: 0,
  num_participants: 1,
  num_publishers: 0,
  active_recording: true,
  metadata: '',
  site_room: null,
};
const own = {
  ...foreign,
  name: 'id-1',
  active_recording: false,
  site_room: { id: 'id-1', slug: 'abc', name: 'Standup', present: 1, started_at: 0 },
};

test('rooms of the site and of programs are told apart, and lead to their page', async () => {
  serve({ ...ME, 'GET /api/livekit/rooms': { body: { items: [own, foreign], asked_at: 0 } } });
  const { router } = show(<LiveRoomsCard />, '/admin/live');
  await screen.findByRole('link', { name: 'Open Standup' });
  expect(screen.getAllByText("A program's")).toHaveLength(1);
  expect(screen.getAllByText('Recording')).toHaveLength(1);
  expect(screen.queryByRole('button', { name: 'New room for programs' })).toBeNull();
  await userEvent.click(screen.getByRole('link', { name: 'Open town hall/1' }));
  expect(router.state.location.pathname).toBe('/admin/live/town%20hall%2F1');
});

test('a paused page asks no more until it goes on', async () => {
  const asked = serve({ ...ME, 'GET /api/livekit/rooms': { body: { items: [own], asked_at: 0 } } });
  const { client } = show(<LiveRoomsCard />, '/admin/live');
  await screen.findByRole('link', { name: 'Open Standup' });
  await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
  await screen.findByText('Paused');
  const before = asked.length;
  await client.invalidateQueries({ queryKey: ['live'] });
  expect(asked).toHaveLength(before);
  screen.getByRole('link', { name: 'Open Standup' });
  await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
  await expect.poll(() => asked.length).toBeGreaterThan(before);
});

test('what was so before is not said to be so while the server cannot be asked', async () => {
  serve({ ...ME, 'GET /api/livekit/rooms': { body: { items: [], asked_at: 0 } } });
  const { client } = show(<LiveRoomsCard />, '/admin/live');
  await screen.findByText('No room is live.');
  serve({ ...ME, 'GET /api/livekit/rooms': { status: 503, body: { code: 'media_unavailable' } } });
  await client.invalidateQueries({ queryKey: ['live'] });
  await screen.findByText('No answer');
  expect(screen.queryByText('No room is live.')).toBeNull();
});
