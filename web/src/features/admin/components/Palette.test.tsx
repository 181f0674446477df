import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { serve, show } from '../../../testing';
import { AdminFrame } from '../routes/AdminFrame';

const live = { name: 'lab-1', sid: 'RM_abc', site_room: null };

const STREAM = { id: 'IN_1', name: 'Stage', room: 'lab', link: null, participant_name: 'Camera' };
const KEY = { id: 'k', name: 'Stage crew', key: 'APIabc' };
const FILM = { id: 'f', title: 'On stage', room: { name: 'Lab' } };

function serveAll(role: string) {
  return serve({
    'GET /api/auth/me': { body: { id: 'a', role } },
    'GET /api/livekit/rooms': { body: { items: [live] } },
    'GET /api/admin/rooms?query=rm_&limit=6': { body: { items: [], next_cursor: null } },
    'GET /api/users?query=rm_&limit=6': { body: { items: [], next_cursor: null } },
    'GET /api/admin/recordings?q=rm_&limit=6': { body: { items: [], next_cursor: null } },
    'GET /api/ingress': { body: { supported: true, items: [STREAM] } },
    'GET /api/api-keys?query=rm_&limit=6': { body: { items: [], next_cursor: null } },
    'GET /api/api-keys?query=stage&limit=6': { body: { items: [KEY], next_cursor: null } },
    'GET /api/admin/rooms?query=stage&limit=6': { body: { items: [], next_cursor: null } },
    'GET /api/users?query=stage&limit=6': { body: { items: [], next_cursor: null } },
    'GET /api/admin/recordings?q=stage&limit=6': { body: { items: [FILM], next_cursor: null } },
  });
}

test('the keyboard opens it, and a SID leads to what is live', async () => {
  serveAll('admin');
  const { router } = show(<AdminFrame />, '/admin/live', '/admin/:section');
  await screen.findByRole('link', { name: 'Overview' });
  await userEvent.keyboard('{Control>}k{/Control}');
  await screen.findByRole('option', { name: /Telephony/ });
  await userEvent.keyboard('rm_');
  await screen.findByRole('option', { name: /lab-1/ });
  await userEvent.keyboard('{ArrowDown}{Enter}');
  await expect.poll(() => router.state.location.pathname).toBe('/admin/live/lab-1');
});

test('who may not see accounts is not shown them', async () => {
  const asked = serveAll('support');
  show(<AdminFrame />, '/admin/live', '/admin/:section');
  await userEvent.click(await screen.findByRole('button', { name: /^Search/ }));
  await userEvent.type(await screen.findByRole('searchbox'), 'rm_');
  await screen.findByRole('option', { name: /lab-1/ });
  expect(asked.some(({ call }) => call.includes('/api/users'))).toBe(false);
  expect(screen.queryByRole('option', { name: /Accounts/ })).toBeNull();
});

test.each([
  ['admin', ['On stage', 'Stage', 'Stage crew']],
  ['auditor', ['On stage', 'Stage', 'Stage crew']],
  ['support', []],
])(
  'recordings, streams and API keys are found by %s as far as the role sees them',
  async (role, found) => {
    const asked = serveAll(role);
    const { router } = show(<AdminFrame />, '/admin/live', '/admin/:section');
    await userEvent.click(await screen.findByRole('button', { name: /^Search/ }));
    await userEvent.type(await screen.findByRole('searchbox'), 'stage');
    for (const label of found) await screen.findByText(label);
    if (found.length === 0) {
      await screen.findByText('Nothing found.');
      expect(asked.some(({ call }) => /recordings|ingress|api-keys/.test(call))).toBe(false);
      return;
    }
    await userEvent.click(await screen.findByRole('option', { name: /On stage/ }));
    await expect.poll(() => router.state.location.pathname).toBe('/recordings/f');
  },
);

test('Enter opens nothing that another text has found', async () => {
  const room = { id: 'r', name: 'Abacus', slug: 'abacus', owner: { id: 'a', name: 'Ada' } };
  serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'support' } },
    'GET /api/livekit/rooms': { body: { items: [] } },
    'GET /api/admin/rooms?query=ab&limit=6': { body: { items: [room], next_cursor: null } },
  });
  const known = fetch;
  vi.stubGlobal('fetch', (...args: Parameters<typeof fetch>) =>
    (args[0] as Request).url.includes('query=abx') ? new Promise(() => undefined) : known(...args),
  );
  const { router } = show(<AdminFrame />, '/admin/live', '/admin/:section');
  await userEvent.click(await screen.findByRole('button', { name: /^Search/ }));
  await userEvent.type(await screen.findByRole('searchbox'), 'ab');
  await screen.findByRole('option', { name: /Abacus/ });
  await userEvent.keyboard('x{ArrowDown}{Enter}');
  expect(screen.queryByRole('option', { name: /Abacus/ })).toBeNull();
  expect(router.state.location.pathname).toBe('/admin/live');
});
