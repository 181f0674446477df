import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { CommandsCard } from './CommandsCard';

const as = (role: string) => ({
  'GET /api/auth/me': { body: { id: 'a', name: 'Ada', role } },
});
const command = {
  name: 'helper',
  program: 'python',
  count: 2,
  stopped: false,
  processes: [
    { number: 1, state: 'running', pid: 4711, started_at: 0, restarts: 0, last_exit: null },
    {
      number: 2,
      state: 'waiting',
      pid: null,
      started_at: null,
      restarts: 3,
      last_exit: 'ended with code 1',
    },
  ],
};

test('a site without commands says nothing of them', async () => {
  const asked = serve({ ...as('admin'), 'GET /api/agents/commands': { body: [] } });
  show(<CommandsCard />);
  await waitFor(() =>
    expect(asked.some(({ call }) => call === 'GET /api/agents/commands')).toBe(true),
  );
  expect(screen.queryByText('Commands')).toBeNull();
});

test('an administrator sees how each process is doing, scales and stops a command', async () => {
  const asked = serve({
    ...as('admin'),
    'GET /api/agents/commands': { body: [command] },
    'PUT /api/agents/commands/helper/scale': { body: command },
    'POST /api/agents/commands/helper/stop': { body: { ...command, stopped: true } },
  });
  show(<CommandsCard />);
  await screen.findByText(/pid 4711/);
  await screen.findByText(/started again 3 times · the last one ended with code 1/);
  await userEvent.click(await screen.findByRole('button', { name: 'Scale helper' }));
  const dialog = await screen.findByRole('dialog');
  const count = within(dialog).getByLabelText('Processes');
  await userEvent.clear(count);
  await userEvent.type(count, '17');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Scale' }));
  expect(asked.some(({ call }) => call.startsWith('PUT'))).toBe(false);
  await userEvent.clear(count);
  await userEvent.type(count, '3');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Scale' }));
  await waitFor(() =>
    expect(asked.find(({ call }) => call.startsWith('PUT'))?.body).toEqual({ count: 3 }),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Stop helper' }));
  const question = await screen.findByRole('alertdialog');
  await userEvent.click(within(question).getByRole('button', { name: 'Stop' }));
  await waitFor(() =>
    expect(asked.some(({ call }) => call === 'POST /api/agents/commands/helper/stop')).toBe(true),
  );
});

test('an auditor reads what a command said and changes nothing', async () => {
  serve({
    ...as('auditor'),
    'GET /api/agents/commands': { body: [command] },
    'GET /api/agents/commands/helper/log': {
      body: [{ at: 0, process: 2, is_error: true, text: 'no module named agent' }],
    },
  });
  show(<CommandsCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Log of helper' }));
  await screen.findByText(/no module named agent/);
  expect(screen.queryByRole('button', { name: 'Stop helper' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Scale helper' })).toBeNull();
});

test('a look that fails takes neither the list away nor what was typed', async () => {
  const answers = { ...as('admin'), 'GET /api/agents/commands': { body: [command] } };
  serve(answers);
  const { client } = show(<CommandsCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Scale helper' }));
  await userEvent.type(await screen.findByLabelText('Processes'), '1');
  Object.assign(answers, { 'GET /api/agents/commands': { status: 503, body: { code: 'busy' } } });
  await client.invalidateQueries();
  await screen.findByText(/The server is busy/);
  expect(screen.getByLabelText('Processes')).toHaveProperty('value', '21');
  screen.getByText(/pid 4711/);
});
