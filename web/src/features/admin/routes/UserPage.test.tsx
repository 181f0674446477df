import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
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
  const question = within(await screen.findByRole('alertdialog'));
  question.getByText(/calls that they are in end/);
  expect(asked.map(({ call }) => call)).not.toContain('DELETE /api/users/g/sessions');
  await userEvent.click(question.getByRole('button', { name: 'Sign out everywhere' }));
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
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
  await screen.findByRole('heading', { name: 'This page is not for your role' });
  expect(asked.map(({ call }) => call)).not.toContain('GET /api/users/g');
});

test('twice pressed, a device is signed out once', async () => {
  const asked = serve(known('admin'));
  open();
  const out = await screen.findByRole('button', { name: 'Sign out Phone' });
  vi.stubGlobal(
    'fetch',
    (
      (was) =>
      (...args: Parameters<typeof fetch>) => {
        const { method } = args[0] as Request;
        if (method !== 'DELETE') return was(...args);
        asked.push({ call: 'DELETE', body: undefined, headers: {} });
        return new Promise<Response>(() => undefined);
      }
    )(fetch),
  );
  await userEvent.click(out);
  await userEvent.click(out);
  expect(asked.filter(({ call }) => call === 'DELETE')).toHaveLength(1);
});

test('nobody signs this device out on the own page', async () => {
  const here = { ...SESSION, id: 'h', label: 'Laptop', current: true };
  serve({
    ...known('admin'),
    'GET /api/auth/me': { body: { id: 'g', role: 'admin' } },
    'GET /api/users/g/sessions?limit=100': page(SESSION, here),
  });
  open();
  await screen.findByRole('button', { name: 'Sign out Phone' });
  expect(screen.queryByRole('button', { name: 'Sign out Laptop' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Sign out everywhere' })).toBeNull();
  const way = screen.getByRole('link', { name: 'Manage in my account' });
  expect(way.getAttribute('href')).toBe('/account');
});

test('an account that is gone says so, with the way to what it did, and nothing of before', async () => {
  const answers = known('admin');
  serve(answers);
  const { client } = open();
  await screen.findByText('grace@example.org');
  Object.assign(answers, { 'GET /api/users/g': { status: 404, body: { code: 'not_found' } } });
  await client.invalidateQueries({ queryKey: ['admin', 'user', 'g'] });
  await screen.findByText(/This account is deleted/);
  expect(screen.queryByText('grace@example.org')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  const way = screen.getByRole('link', { name: 'What they did' });
  expect(way.getAttribute('href')).toBe('/admin/audit?user_id=g');
});

test('after a deletion one is at the list', async () => {
  serve({ ...known('admin'), 'DELETE /api/users/g?rooms=hand_over': { status: 204 } });
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Actions' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete account' }));
  const question = within(await screen.findByRole('alertdialog'));
  await userEvent.click(question.getByRole('button', { name: 'Delete account' }));
  await screen.findByText('went to /admin/users');
});

test('nothing of one is shown under another', async () => {
  serve({ ...known('admin'), 'GET /api/users/h': { body: { ...GRACE, id: 'h', name: 'Hedy' } } });
  const { router } = open();
  await screen.findByText('Owner');
  // Both are known then: no loading between them clears the page.
  await router.navigate('/admin/users/h');
  await screen.findByRole('heading', { name: 'Hedy', level: 1 });
  await router.navigate('/admin/users/g');
  await screen.findByRole('heading', { name: 'Grace', level: 1 });
  await userEvent.click(await screen.findByRole('button', { name: 'Raw data (JSON)' }));
  await screen.findByText(/"id": "g"/);
  await router.navigate('/admin/users/h');
  await screen.findByRole('heading', { name: 'Hedy', level: 1, hidden: true });
  expect(screen.queryByText('Owner')).toBeNull();
  expect(screen.queryByText(/"id":/)).toBeNull();
});
