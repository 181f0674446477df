import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { ApiKeysCard } from './ApiKeysCard';

const key = (id: string, rest = {}) => ({
  id,
  key: `API${id}`,
  name: id,
  grants: ['room_list'],
  rooms: null,
  created_by_name: 'Ada',
  created_at: 0,
  last_used_at: null,
  revoked_at: null,
  ...rest,
});
const FIRST = 'GET /api/api-keys?limit=50';

test('a key is revoked from its row after a question, and one that was is not again', async () => {
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    [FIRST]: {
      body: { items: [key('Studio'), key('Old', { revoked_at: 1 })], next_cursor: null },
    },
    'DELETE /api/api-keys/Studio': { status: 204 },
  });
  show(<ApiKeysCard />, '/admin/keys');
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Old' }));
  expect(screen.queryByRole('menuitem', { name: 'Revoke' })).toBeNull();
  await userEvent.keyboard('{Escape}');
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Studio' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Revoke' }));
  expect(asked.some(({ call }) => call.startsWith('DELETE'))).toBe(false);
  const question = within(await screen.findByRole('alertdialog'));
  await userEvent.click(question.getByRole('button', { name: 'Revoke' }));
  await waitFor(() => expect(asked.some(({ call }) => call.startsWith('DELETE'))).toBe(true));
});

test('keys are searched and ordered by the server, and an auditor only looks', async () => {
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'o', role: 'auditor' } },
    [FIRST]: { body: { items: [key('Studio')], next_cursor: 'c' } },
    'GET /api/api-keys?sort=name&direction=asc&limit=50': {
      body: { items: [key('Abacus')], next_cursor: null },
    },
    'GET /api/api-keys?query=stu&sort=name&direction=asc&limit=50': {
      body: { items: [key('Studio')], next_cursor: null },
    },
  });
  show(<ApiKeysCard />, '/admin/keys');
  await screen.findByText('Studio');
  expect(screen.queryByRole('button', { name: 'New API key' })).toBeNull();
  await userEvent.click(screen.getByRole('columnheader', { name: /^Name/ }));
  await screen.findByText('Abacus');
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search by name or key' }), 'stu');
  await screen.findByText('Studio');
  expect(asked.map(({ call }) => call)).toContain(
    'GET /api/api-keys?query=stu&sort=name&direction=asc&limit=50',
  );
});
