import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { RecordingsCard } from './RecordingsCard';

const STUCK = {
  id: 'r-1',
  room: { id: 'room-1', slug: 'weekly', name: 'Weekly', deleted: false },
  title: 'Planning',
  state: 'processing',
  started_by: null,
  requested_at: 1_790_000_000_000,
  started_at: null,
  duration_ms: 90_000,
  size: 1_000,
  audio_only: false,
  keep_until: null,
  has_preview: false,
  remarks: [],
  transfer: { bytes_done: 0, waiting_since: 1_790_000_000_000 },
  attempts: 7,
  last_error: 'connection refused',
  next_at: null,
};
const LIST = 'GET /api/admin/recordings?state=stuck&limit=50';
const page = (items: unknown[]) => ({ body: { items, next_cursor: null } });

test('a film that is stuck says why, and is tried again at once', async () => {
  const table: Parameters<typeof serve>[0] = {
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    [LIST]: page([STUCK]),
    'POST /api/admin/recordings/r-1/retry': () => {
      table[LIST] = page([]);
      return { status: 202, body: {} };
    },
  };
  serve(table);
  show(<RecordingsCard />, '/admin/recordings?state=stuck');
  await screen.findByText('tried 7 times · connection refused');
  await userEvent.click(screen.getByRole('button', { name: 'Actions for Planning' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Try now' }));
  await screen.findByText('No film is stuck.');
});

test('what is done needs no other try', async () => {
  serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/admin/recordings?limit=50': page([{ ...STUCK, state: 'completed' }]),
  });
  show(<RecordingsCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Planning' }));
  await screen.findByRole('menuitem', { name: 'Copy id' });
  expect(screen.queryByRole('menuitem', { name: 'Try now' })).toBeNull();
});
