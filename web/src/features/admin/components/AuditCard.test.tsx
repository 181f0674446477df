import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { AuditCard } from './AuditCard';

const RECORD = {
  id: 'r-1',
  at: 1_790_000_000_000,
  actor: { user_id: 'u-1', name: 'Ada' },
  action: 'api_key.created',
  target: 'k',
  target_name: 'Bot',
  room_slug: 'lab',
  detail: {},
};
const page = (...items: object[]) => ({ body: { items, next_cursor: null } });

test('the filters are in the address, and what nobody did is said so', async () => {
  const asked = serve({
    'GET /api/admin/audit?limit=50': page(RECORD),
    'GET /api/admin/audit?user_id=u-1&limit=50': page(RECORD),
    'GET /api/admin/audit?action=api_key.created&user_id=u-1&limit=50': page(),
  });
  const { router } = show(<AuditCard />, '/admin/audit');
  await userEvent.click(await screen.findByRole('button', { name: /^Actions for/ }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Only what Ada did' }));
  await screen.findByRole('button', { name: 'Remove the filter By Ada' });
  expect(router.state.location.search).toBe('?user_id=u-1');
  await userEvent.click(screen.getByRole('button', { name: /All What|What/ }));
  await userEvent.click(await screen.findByRole('option', { name: 'API key made' }));
  await screen.findByText('Nothing found.');
  expect(asked.at(-1)?.call).toContain('action=api_key.created');
  await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
  await screen.findByText('Bot');
  expect(router.state.location.search).toBe('');
});

test('a last day is meant whole, by the calendar of the reader', async () => {
  const from = new Date('2026-11-01T00:00').getTime();
  const to = new Date('2026-11-03T00:00').getTime();
  serve({ [`GET /api/admin/audit?limit=50&from=${from}&to=${to}`]: page(RECORD) });
  show(<AuditCard />, '/admin/audit?since=2026-11-01&until=2026-11-02', '/admin/audit');
  await screen.findByText('Bot');
});
