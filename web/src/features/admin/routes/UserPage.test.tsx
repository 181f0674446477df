import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { UserPage } from './UserPage';

const GRACE = {
  id: 'g',
  name: 'Grace',
  email: 'grace@example.org',
  role: 'user',
  disabled: false,
  created_at: 1_790_000_000_000,
  last_seen_at: null,
  updated_at: 1_790_000_000_000,
};
const SESSION = {
  id: 's',
  kind: 'cookie',
  label: 'Phone',
  user_agent: null,
  ip: '192.0.2.1',
  created_at: 1_790_000_000_000,
  last_seen_at: 1_790_000_000_000,
  current: false,
};
const page = (...items: object[]) => ({ body: { items, next_cursor: null } });
const known = (role: string) => ({
  'GET /api/auth/me': { body: { id: 'a', role } },
  'GET /api/users/g': { body: GRACE },
  'GET /api/users/g/sessions?limit=100': page(SESSION),
  'GET /api/admin/rooms?user_id=g&limit=10': {
    body: {
      items: [
        { id: 'r1', slug: 'own', name: 'Own', owner: { id: 'g', name: 'Grace' } },
        { id: 'r2', slug: 'other', name: 'Other', owner: { id: 'a', name: 'Ada' } },
      ],
      next_cursor: 'more',
    },
  },
  'GET /api/admin/recordings?user_id=g&limit=10': page(),
  'GET /api/admin/audit?user_id=g&limit=10': page(),
});
const open = () => show(<UserPage />, '/admin/users/g', '/admin/users/:id');

test('an administrator sees what is theirs and signs them out, on one device or on all', async () => {
  const asked = serve({
    ...known('admin'),
    'DELETE /api/users/g/sessions/s': { status: 204 },
    'DELETE /api/users/g/sessions': { status: 204 },
  });
  open();
  await screen.findByRole('heading', { name: 'Grace', level: 1 });
  expect(await screen.findByText('Owner')).toBeTruthy();
  expect(screen.getByText('Member')).toBeTruthy();
  const all = screen.getByRole('link', { name: 'Show all' });
  expect(all.getAttribute('href')).toBe('/admin/rooms?user_id=g');
  await userEvent.click(await screen.findByRole('button', { name: 'Sign out Phone' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Sign out everywhere' }));
  const ended = asked.filter(({ call }) => call.startsWith('DELETE')).map(({ call }) => call);
  expect(ended).toEqual(['DELETE /api/users/g/sessions/s', 'DELETE /api/users/g/sessions']);
});

test('an auditor looks, and is offered nothing that changes anything', async () => {
  serve(known('auditor'));
  open();
  await screen.findByText('Phone');
  expect(screen.queryByRole('button', { name: /Sign out/ })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Actions' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Raw data (JSON)' }));
  await screen.findByText(/"email": "grace@example.org"/);
});

test('to support there is no such page', async () => {
  const asked = serve(known('support'));
  open();
  await screen.findByRole('heading', { name: 'This page does not exist' });
  expect(asked.map(({ call }) => call)).not.toContain('GET /api/users/g');
});
