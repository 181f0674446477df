import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { AgentsCard } from './AgentsCard';

const QUIET = {
  'GET /api/agents/commands': { body: [] },
  'GET /api/agents/rooms': { body: { items: [], next_cursor: null } },
};
const ADMIN = {
  ...QUIET,
  'GET /api/auth/me': { body: { id: 'a', name: 'Ada', role: 'admin' } },
};
const nobody = {
  supported: true,
  server_url: 'wss://meet.example.org',
  workers: [],
  jobs: [],
  troubles: [],
};
const worker = {
  id: 'AW_1',
  agent_name: 'helper',
  deployment: '',
  version: '1.8.9',
  job_type: 'room',
  load: 0.5,
  status: 'available',
  jobs: 1,
  address: '192.0.2.1',
  subject: 'APIkey',
  since: 0,
};
const job = {
  id: 'AJ_1',
  dispatch_id: 'AD_1',
  agent_name: 'helper',
  job_type: 'room',
  room: 'lesson',
  participant: '',
  agent_identity: 'agent-1',
  worker_id: '',
  started_at: 0,
  link: null,
};

test('without a worker it says how one comes', async () => {
  serve({ ...ADMIN, 'GET /api/agents': { body: nobody } });
  show(<AgentsCard />);
  await screen.findByText('No worker is registered.');
  expect(screen.getByLabelText('LIVEKIT_URL')).toHaveProperty('value', 'wss://meet.example.org');
  expect(screen.getByLabelText('Command')).toHaveProperty(
    'value',
    expect.stringContaining('LIVEKIT_API_KEY=API… LIVEKIT_API_SECRET=… python my_agent.py start'),
  );
});

test('a media server that tells nothing of its workers is not shown as one without', async () => {
  serve({ ...ADMIN, 'GET /api/agents': { body: { ...nobody, supported: false } } });
  show(<AgentsCard />);
  await screen.findByText(/does not tell which workers are registered/);
  expect(screen.queryByText('No worker is registered.')).toBeNull();
  expect(await screen.findByRole('button', { name: 'Send an agent…' })).toBeDefined();
});

test('a worker is drained and a job ended after a question; one whose worker is away says so', async () => {
  const asked = serve({
    ...ADMIN,
    'GET /api/agents': { body: { ...nobody, workers: [worker], jobs: [job] } },
    'POST /api/agents/workers/AW_1/drain': { status: 204 },
    'POST /api/agents/jobs/AJ_1/end': { status: 404, body: { code: 'not_found' } },
  });
  show(<AgentsCard />);
  await screen.findByText('Worker away');
  await userEvent.click(await screen.findByRole('button', { name: 'No new jobs for helper' }));
  const question = within(await screen.findByRole('alertdialog'));
  await userEvent.click(question.getByRole('button', { name: 'No new jobs' }));
  await userEvent.click(await screen.findByRole('button', { name: 'End job of helper' }));
  await userEvent.click(
    within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'End job' }),
  );
  await screen.findByRole('alert');
  const posts = asked.filter(({ call }) => call.startsWith('POST'));
  expect(posts.map(({ call }) => call)).toEqual([
    'POST /api/agents/workers/AW_1/drain',
    'POST /api/agents/jobs/AJ_1/end',
  ]);
});

test('an agent is sent where and with what was typed', async () => {
  const asked = serve({
    ...ADMIN,
    'GET /api/agents': { body: nobody },
    'POST /api/agents/dispatches': { status: 201, body: { id: 'AD_1' } },
  });
  show(<AgentsCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Send an agent…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Room'), ' lesson ');
  await userEvent.type(dialog.getByLabelText('Agent name'), 'helper');
  await userEvent.click(dialog.getByRole('button', { name: 'Send' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.findLast(({ call }) => call.startsWith('POST'))?.body).toEqual({
    room: 'lesson',
    agent_name: 'helper',
    metadata: '',
  });
});

test('who only looks sees workers and jobs, and nothing to do with them', async () => {
  serve({
    ...QUIET,
    'GET /api/auth/me': { body: { id: 'o', name: 'Olga', role: 'auditor' } },
    'GET /api/agents': { body: { ...nobody, workers: [worker], jobs: [job] } },
  });
  show(<AgentsCard />);
  await screen.findByText('Worker away');
  expect(screen.queryAllByRole('button').map(({ textContent }) => textContent)).toEqual(['Show']);
});

test('an agent comes into every call of a room, and no more, after a question', async () => {
  const entry = {
    id: 'ra',
    room: 'lesson',
    room_name: 'Lesson',
    agent_name: 'helper',
    metadata: 'be kind',
    added_at: 0,
  };
  const asked = serve({
    ...ADMIN,
    'GET /api/agents': { body: nobody },
    'GET /api/agents/rooms': { body: { items: [entry], next_cursor: null } },
    'POST /api/rooms/lesson/agents': { status: 201, body: entry },
    'DELETE /api/rooms/lesson/agents/ra': { status: 204 },
  });
  show(<AgentsCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Add an agent to a room…' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Room'), ' lesson ');
  await userEvent.type(dialog.getByLabelText('Agent name'), 'helper');
  await userEvent.click(dialog.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.findLast(({ call }) => call.startsWith('POST'))?.body).toEqual({
    agent_name: 'helper',
    metadata: '',
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Remove helper from Lesson' }));
  const question = within(await screen.findByRole('alertdialog'));
  await userEvent.click(question.getByRole('button', { name: 'Remove' }));
  await waitFor(() =>
    expect(asked.some(({ call }) => call === 'DELETE /api/rooms/lesson/agents/ra')).toBe(true),
  );
});

test('while the media server does not answer, the rest of the page is there', async () => {
  const command = { name: 'helper', program: 'python', count: 0, stopped: true, processes: [] };
  const answers = {
    ...ADMIN,
    'GET /api/agents/commands': { body: [command] },
    'GET /api/agents': { status: 503, body: { code: 'busy' } },
  };
  serve(answers);
  const { client } = show(<AgentsCard />);
  await screen.findByText(/The server is busy/);
  await screen.findByRole('button', { name: 'Start helper' });
  await userEvent.click(await screen.findByRole('button', { name: 'Add an agent to a room…' }));
  await userEvent.type(await screen.findByLabelText('Agent name'), 'x');
  Object.assign(answers, { 'GET /api/agents': { body: nobody } });
  await client.invalidateQueries();
  await screen.findByText('No worker is registered.');
  expect(screen.getByDisplayValue('x')).toBeTruthy();
});

test('a room is taken as people paste it, and one that is not there is said at its field', async () => {
  const asked = serve({
    ...ADMIN,
    'GET /api/agents': { body: nobody },
    'GET /api/site': { body: { url: 'https://meet.example.org' } },
    'POST /api/rooms/abc-defg-hij/agents': { status: 404, body: { code: 'not_found' } },
  });
  show(<AgentsCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Add an agent to a room…' }));
  const dialog = within(await screen.findByRole('dialog'));
  const room = dialog.getByLabelText('Room');
  await userEvent.type(room, 'https://elsewhere.example.org/abc');
  await userEvent.click(dialog.getByRole('button', { name: 'Add' }));
  await dialog.findByText('Write the link of a room of this site.');
  await userEvent.clear(room);
  await userEvent.type(room, ' https://meet.example.org/ABC-defg-hij?x=1 ');
  await userEvent.click(dialog.getByRole('button', { name: 'Add' }));
  await dialog.findByText('There is no such room.');
  expect(room.getAttribute('aria-invalid')).toBe('true');
  expect(asked.filter(({ call }) => call.startsWith('POST'))).toHaveLength(1);
});
