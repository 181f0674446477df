import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { MeetingPage } from './MeetingPage';

const held = (id: string, name: string) => ({
  body: {
    meeting: {
      id,
      sid: `RM_${id}`,
      room: { id: `r${id}`, slug: `room-${id}`, name, deleted: false },
      started_at: 1_790_000_000_000,
      ended_at: 1_790_000_060_000,
      seconds: 60,
    },
    attendances: [],
    recordings: null,
  },
});

test('a call that never was cannot be tried again, a server that failed can', async () => {
  serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/admin/meetings/1': { status: 404, body: { code: 'not_found' } },
    'GET /api/admin/meetings/2': { status: 503, body: { code: 'database_away' } },
  });
  const { router } = show(<MeetingPage />, '/admin/meetings/1', '/admin/meetings/:id');
  await screen.findByText('This does not exist any more.');
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  await router.navigate('/admin/meetings/2');
  await screen.findByRole('button', { name: 'Try again' });
});

test('what was opened of one call is not shown under another', async () => {
  serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/admin/meetings/1': held('1', 'Standup'),
    'GET /api/admin/meetings/2': held('2', 'Lesson'),
  });
  const { router } = show(<MeetingPage />, '/admin/meetings/1', '/admin/meetings/:id');
  await userEvent.click(await screen.findByRole('button', { name: 'Raw data (JSON)' }));
  await screen.findByText(/"sid": "RM_1"/);
  // The answer about the other one is there before the page is: nothing between them clears the page.
  await router.navigate('/admin/meetings/2');
  await screen.findByRole('heading', { name: 'Lesson', level: 1 });
  await router.navigate('/admin/meetings/1');
  await screen.findByRole('heading', { name: 'Standup', level: 1 });
  await userEvent.click(screen.getByRole('button', { name: 'Raw data (JSON)' }));
  await screen.findByText(/"sid": "RM_1"/);
  await router.navigate('/admin/meetings/2');
  await screen.findByRole('heading', { name: 'Lesson', level: 1, hidden: true });
  expect(screen.queryByText(/"sid": /)).toBeNull();
});
