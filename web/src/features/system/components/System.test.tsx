import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { ConfigurationCard } from './ConfigurationCard';
import { HealthCard } from './HealthCard';
import { HealthNotice } from './HealthNotice';
import { JobsCard } from './JobsCard';
import { LogCard } from './LogCard';

const ME = { 'GET /api/auth/me': { body: { id: 'a', role: 'auditor' } } };
const setting = (key: string, more: object) => ({
  key,
  value: null,
  default: null,
  is_secret: false,
  is_set: true,
  source: 'default',
  place: '',
  about: '',
  ...more,
});

test('a key is found by what it is for, and a secret only says that it is set', async () => {
  serve({
    ...ME,
    'GET /api/config': {
      body: [
        setting('server.port', { value: 81, source: 'file', place: 'a.yaml line 2' }),
        setting('server.trusted_proxies', { value: ['::1', '10.0.0.1'] }),
        setting('livekit.api_secret', { is_secret: true, about: 'shared with the media server' }),
      ],
    },
  });
  show(<ConfigurationCard />, '/admin/configuration');
  await screen.findByText('a.yaml line 2');
  screen.getByText('::1, 10.0.0.1');
  screen.getByText('set; secrets are not shown');
  expect(screen.queryByRole('button', { name: 'Support bundle' })).toBeNull();
  await userEvent.type(screen.getByRole('textbox', { name: 'Search keys' }), 'MEDIA');
  expect(screen.queryByText('server.port')).toBeNull();
  screen.getByText('livekit.api_secret');
  await userEvent.clear(screen.getByRole('textbox', { name: 'Search keys' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'Only what is set' }));
  expect(screen.queryByText('livekit.api_secret')).toBeNull();
  screen.getByText('server.port');
});

test('the log is searched by the server', async () => {
  const line = { at: 1_790_000_000_000, level: 'warn', target: 'livekit', fields: 'port=1' };
  serve({
    ...ME,
    'GET /api/admin/log?level=info&q=': { body: [{ ...line, message: 'a slow disk' }] },
    'GET /api/admin/log?level=info&q=port': { body: [] },
    'GET /api/admin/log?level=info&q=p': { body: [] },
    'GET /api/admin/log?level=info&q=po': { body: [] },
    'GET /api/admin/log?level=info&q=por': { body: [] },
  });
  show(<LogCard />, '/admin/log');
  await screen.findByText('a slow disk');
  screen.getByText('livekit · port=1');
  await userEvent.type(screen.getByRole('textbox', { name: 'Search lines' }), 'port');
  await screen.findByText('Nothing was logged.');
});

test('jobs that nobody works on are said to be stuck', async () => {
  const job = { id: 'j', name: 'fetch', queue: 'q', status: 'Pending', attempt: 2, due_at: 0 };
  serve({
    ...ME,
    'GET /api/admin/jobs': {
      body: { working: true, stuck: true, open: 3, jobs: [{ ...job, payload: { id: 'r' } }] },
    },
  });
  show(<JobsCard />, '/admin/jobs');
  await screen.findByText(/due for more than a minute/);
  screen.getByText(/tried 2 times · {"id":"r"}/);
  screen.getByText('And 2 more.');
});

const health = (state: string, parts: object[]) => ({
  'GET /api/admin/health': { body: { state, parts } },
});
const DISK = { part: 'disk', state: 'warn', reason: 'little_space', count: 3, detail: null };

test('every part says how it does, and why', async () => {
  serve({ ...ME, ...health('warn', [{ part: 'media', state: 'ok', detail: null }, DISK]) });
  show(<HealthCard />, '/admin/health');
  await screen.findByText('Only 3 MB are free.');
  screen.getByText('Media server');
  screen.getByText('In order');
});

test('what was seen before is not in order now', async () => {
  serve({ ...ME, ...health('ok', [{ part: 'media', state: 'ok', detail: null }]) });
  const { client } = show(<HealthCard />, '/admin/health');
  await screen.findByText('Media server');
  serve({ ...ME, 'GET /api/admin/health': { status: 503, body: { code: 'database_away' } } });
  await client.invalidateQueries({ queryKey: ['admin'] });
  await screen.findByText('Not known now');
});

test('only what is wrong is said on the other pages', async () => {
  serve({
    ...ME,
    ...health('fail', [{ part: 'media', state: 'fail', detail: 'exit code 1' }, DISK]),
  });
  show(<HealthNotice />, '/admin/rooms');
  const said = await screen.findByRole('alert');
  expect(said.textContent).toBe('Something is broken: Media server. Look at all parts');
});

test('nothing is said where all is in order', async () => {
  const asked = serve({ ...ME, ...health('ok', [{ part: 'sip', state: 'off', detail: 'none' }]) });
  const { client } = show(<HealthNotice />, '/admin/rooms');
  await expect.poll(() => asked.map(({ call }) => call)).toContain('GET /api/admin/health');
  await expect.poll(() => client.isFetching()).toBe(0);
  expect(screen.queryByRole('alert')).toBeNull();
});

test('that nobody knows how the site does is said as well', async () => {
  serve({ ...ME, 'GET /api/admin/health': { status: 503, body: { code: 'database_away' } } });
  show(<HealthNotice />, '/admin/rooms');
  await screen.findByText('How the site does cannot be read.');
});
