import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { SettingsCard } from './SettingsCard';

const ADMIN = { 'GET /api/auth/me': { body: { id: 'a', name: 'Ada', role: 'admin' } } };
const VALUES = {
  site_name: 'Convoke',
  registration: 'invite',
  guests_allowed: true,
  max_participants: 0,
  keep_recordings_days: 0,
};
const SETTINGS = { in_force: VALUES, configured: VALUES, changed: [] as object[] };
const CHANGED = {
  ...SETTINGS,
  in_force: { ...VALUES, max_participants: 9 },
  changed: [{ key: 'rooms.max_participants', updated_at: 0, updated_by: 'Eve' }],
};
const patches = (asked: { call: string; body?: unknown }[]) =>
  asked.filter(({ call }) => call.startsWith('PATCH')).map(({ body }) => body);

test('only what was changed is sent, after what makes no sense was mended', async () => {
  const asked = serve({
    ...ADMIN,
    'GET /api/admin/settings': { body: SETTINGS },
    'PATCH /api/admin/settings': { body: CHANGED },
  });
  show(<SettingsCard />);
  const save = await screen.findByRole('button', { name: 'Save' });
  const seats = screen.getByLabelText('Most people in a call of a new room');
  expect(save).toHaveProperty('disabled', true);
  await userEvent.clear(seats);
  await userEvent.type(seats, 'nine');
  await userEvent.click(save);
  await screen.findByText('Write a whole number.');
  expect(patches(asked)).toEqual([]);
  await userEvent.clear(seats);
  await userEvent.type(seats, '9');
  await userEvent.click(save);
  await screen.findByText(/Goes before rooms.max_participants \(0\) · Eve/);
  expect(patches(asked)).toEqual([{ max_participants: 9 }]);
  expect(save).toHaveProperty('disabled', true);
});

test('recordings are kept for less only after a question', async () => {
  const asked = serve({
    ...ADMIN,
    'GET /api/admin/settings': { body: SETTINGS },
    'PATCH /api/admin/settings': { body: SETTINGS },
  });
  show(<SettingsCard />);
  const save = await screen.findByRole('button', { name: 'Save' });
  const days = screen.getByLabelText('Days that recordings are kept');
  await userEvent.clear(days);
  await userEvent.type(days, '30');
  await userEvent.click(save);
  const question = within(await screen.findByRole('alertdialog'));
  question.getByText('Delete recordings that are older than 30 days?');
  expect(patches(asked)).toEqual([]);
  await userEvent.click(question.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(patches(asked)).toEqual([{ keep_recordings_days: 30 }]));
});

test('a setting is given back to the configuration', async () => {
  const asked = serve({
    ...ADMIN,
    'GET /api/admin/settings': { body: CHANGED },
    'PATCH /api/admin/settings': { body: SETTINGS },
  });
  show(<SettingsCard />);
  const name = 'Give back rooms.max_participants to the configuration';
  await userEvent.click(await screen.findByRole('button', { name }));
  await screen.findByText('As rooms.max_participants says.');
  expect(patches(asked)).toEqual([{ max_participants: null }]);
});

test('an auditor reads and changes nothing', async () => {
  serve({
    'GET /api/auth/me': { body: { id: 'o', name: 'Olga', role: 'auditor' } },
    'GET /api/admin/settings': { body: CHANGED },
  });
  show(<SettingsCard />);
  expect(await screen.findByLabelText('Name of the site')).toHaveProperty('readOnly', true);
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  expect(screen.queryByRole('button', { name: /to the configuration/ })).toBeNull();
});
