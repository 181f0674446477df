import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { Toasts } from '../../../primitives/Toasts';
import { serve, show } from '../../../testing';
import { LiveRoomPage } from './LiveRoomPage';

// The page's events come from a worker, which jsdom has none of.
vi.mock('../../events', () => ({ useEvents: () => undefined }));

test('also while it is paused, what one did oneself is seen and said', async () => {
  let locked = false;
  const room = () => ({
    body: {
      name: 'id-1',
      sid: 'RM_1',
      created_at: 0,
      metadata: '',
      site_room: { id: 'id-1', slug: 'abc', name: 'Standup', present: 0, started_at: 0, locked },
    },
  });
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/livekit/rooms/id-1': room,
    'GET /api/livekit/rooms/id-1/participants': {
      body: { items: [], recorded: [], asked_at: 0, reconciled_at: null },
    },
    'PUT /api/rooms/abc/lock': (body) => {
      ({ locked } = body as { locked: boolean });
      return { status: 204 };
    },
    'POST /api/rooms/abc/mute-all': { body: { muted: 2 } },
  });
  show(
    <>
      <LiveRoomPage />
      <Toasts />
    </>,
    '/admin/live/id-1',
    '/admin/live/:name',
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Pause' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Lock' }));
  await screen.findByRole('button', { name: 'Unlock' });
  await screen.findByText('The room is locked.');
  const seen = () => asked.filter(({ call }) => call.endsWith('/participants')).length;
  const before = seen();
  await userEvent.click(screen.getByRole('button', { name: 'Mute everyone' }));
  await screen.findByText('2 microphones turned off');
  await waitFor(() => expect(seen()).toBeGreaterThan(before));
});

const LIVE = {
  name: 'id-1',
  sid: 'RM_1',
  created_at: 0,
  metadata: '',
  site_room: { id: 'id-1', slug: 'abc', name: 'Standup', present: 0, started_at: 0, locked: false },
};

test.each([
  ['admin', true, true, true],
  ['auditor', true, true, false],
  ['support', false, false, false],
])(
  '%s sees of recordings, agents and tokens what the role may',
  async (role, films, agents, tokens) => {
    const asked = serve({
      'GET /api/auth/me': { body: { id: 'a', role } },
      'GET /api/livekit/rooms/id-1': { body: LIVE },
      'GET /api/livekit/rooms/id-1/participants': {
        body: { items: [], recorded: [], asked_at: 0, reconciled_at: null },
      },
      'GET /api/rooms/abc/recordings?limit=20': { body: { items: [], next_cursor: null } },
      'GET /api/agents/dispatches?room=id-1': {
        body: [{ id: 'AD_1', agent_name: 'helper', room: 'id-1', jobs: 1, created_at: 0 }],
      },
      'POST /api/agents/dispatches': { status: 201, body: { id: 'AD_2' } },
    });
    show(
      <>
        <LiveRoomPage />
        <Toasts />
      </>,
      '/admin/live/id-1',
      '/admin/live/:name',
    );
    await screen.findByRole('button', { name: 'Raw JSON' });
    if (films) await screen.findByRole('heading', { name: 'Recordings' });
    if (agents) await screen.findByText('helper');
    expect(asked.some(({ call }) => call.includes('recordings'))).toBe(films);
    expect(asked.some(({ call }) => call.includes('dispatches'))).toBe(agents);
    expect(screen.queryAllByRole('button', { name: 'Send an agent…' })).toHaveLength(
      tokens ? 1 : 0,
    );
    const link = screen.queryByRole('link', { name: 'Make a token for it' });
    expect(link?.getAttribute('href')).toBe(tokens ? '/admin/tokens?room=id-1' : undefined);
    if (!tokens) return;
    await userEvent.click(screen.getByRole('button', { name: 'Send an agent…' }));
    await userEvent.type(await screen.findByRole('textbox', { name: /^Agent/ }), 'scribe');
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    await screen.findByText('The agent was asked for.');
    expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toMatchObject({
      room: 'id-1',
      agent_name: 'scribe',
    });
  },
);
