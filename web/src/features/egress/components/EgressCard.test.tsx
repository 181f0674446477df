import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { EgressCard } from './EgressCard';

const ADMIN = { 'GET /api/auth/me': { body: { id: 'a', name: 'Ada', role: 'admin' } } };
const egress = {
  id: 'EG_1',
  room: 'lesson',
  link: null,
  target: { kind: 'room', room: 'lesson', layout: 'grid', audio_only: false },
  status: 'active',
  error: '',
  details: '',
  started_at: 0,
  ended_at: null,
  files: [],
  playlists: [],
  streams: [
    { url: 'rtmp://x/{k...y}', status: 'active', error: '', started_at: 0, ended_at: null },
  ],
  recording_id: null,
};
const listed = (items: object[]) => ({ 'GET /api/egress': { body: { items, has_more: false } } });

test('a media server without egress says what it needs', async () => {
  const body = { code: 'needs_redis', detail: 'Egress needs a Redis.', status: 501, title: '' };
  serve({ ...ADMIN, 'GET /api/egress': { status: 501, body } });
  show(<EgressCard />);
  await screen.findByText(/needs Redis, and LiveKit's service/);
  expect(screen.queryByRole('button', { name: 'New stream out' })).toBeNull();
});

test('a refused start keeps what was typed, and the second try sends it', async () => {
  const refusal = {
    status: 422,
    body: {
      code: 'invalid',
      detail: 'No.',
      status: 422,
      title: '',
      errors: [{ field: 'outputs.streams', code: 'invalid', detail: 'begins with rtmp://' }],
    },
  };
  const answers = { ...ADMIN, ...listed([]), 'POST /api/egress': refusal };
  const asked = serve(answers);
  show(<EgressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New stream out' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Room'), ' lesson ');
  await userEvent.type(dialog.getByLabelText('Stream to (optional)'), 'http://x');
  await userEvent.click(dialog.getByRole('button', { name: 'Start' }));
  const isWrong = () => dialog.getByLabelText('Stream to (optional)').getAttribute('aria-invalid');
  await waitFor(() => expect(isWrong()).toBe('true'));
  expect(dialog.getByLabelText('Room')).toHaveProperty('value', ' lesson ');
  const stream = dialog.getByLabelText('Stream to (optional)');
  await userEvent.clear(stream);
  await userEvent.type(stream, 'rtmp://x/key');
  Object.assign(answers, { 'POST /api/egress': { status: 201, body: egress } });
  await userEvent.click(dialog.getByRole('button', { name: 'Start' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.filter(({ call }) => call.startsWith('POST')).at(-1)?.body).toEqual({
    target: { kind: 'room', room: 'lesson', layout: 'grid', audio_only: false },
    outputs: { file: null, playlist: null, streams: ['rtmp://x/key'] },
  });
});

test('what goes on is changed, and stopped after a question', async () => {
  const asked = serve({
    ...ADMIN,
    ...listed([egress]),
    'PATCH /api/egress/EG_1': { body: egress },
    'POST /api/egress/EG_1/stop': { body: { ...egress, status: 'ending' } },
  });
  show(<EgressCard />);
  await screen.findByText('Going on');
  const menu = { name: 'More for Whole room, EG_1' };
  await userEvent.click(screen.getByRole('button', menu));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Change' }));
  await userEvent.click(
    await screen.findByRole('button', { name: 'Stop streaming to rtmp://x/{k...y}' }),
  );
  expect(asked.some(({ call }) => call.startsWith('PATCH'))).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: /^Go on streaming/ }));
  await userEvent.click(screen.getByRole('button', { name: /^Stop streaming/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ call }) => call.startsWith('PATCH'))?.body).toEqual({
    remove_streams: ['rtmp://x/{k...y}'],
  });
  await userEvent.click(screen.getByRole('button', menu));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Stop' }));
  expect(asked.some(({ call }) => call.endsWith('/stop'))).toBe(false);
  const question = within(await screen.findByRole('alertdialog'));
  question.getByRole('heading', { name: 'Stop “Whole room” of lesson?' });
  await userEvent.click(question.getByRole('button', { name: 'Stop' }));
  await waitFor(() => expect(asked.some(({ call }) => call.endsWith('/stop'))).toBe(true));
});

test('what is lost says so and has nothing to stop', async () => {
  serve({ ...ADMIN, ...listed([{ ...egress, status: 'lost' }]) });
  show(<EgressCard />);
  await screen.findByText(/Its room is gone/);
  await userEvent.click(screen.getByRole('button', { name: 'More for Whole room, EG_1' }));
  await screen.findByRole('menuitem', { name: 'Raw JSON' });
  expect(screen.queryByRole('menuitem', { name: 'Stop' })).toBeNull();
});

test('who only looks has nothing to change', async () => {
  serve({
    'GET /api/auth/me': { body: { id: 'o', name: 'Olga', role: 'auditor' } },
    ...listed([egress]),
  });
  show(<EgressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'More for Whole room, EG_1' }));
  await screen.findByRole('menuitem', { name: 'Raw JSON' });
  expect(screen.queryByRole('menuitem', { name: 'Stop' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'New stream out' })).toBeNull();
});

test('a look that fails takes neither the list away nor what was typed', async () => {
  const answers = { ...ADMIN, ...listed([egress]) };
  serve(answers);
  const { client } = show(<EgressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New stream out' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Room'), 'lesson');
  Object.assign(answers, { 'GET /api/egress': { status: 503, body: { code: 'busy' } } });
  await client.invalidateQueries();
  await screen.findByText(/The server is busy/);
  expect(screen.getByLabelText('Room')).toHaveProperty('value', 'lesson');
  screen.getByText('Going on');
});

test('somewhere and something is asked for, and no more once any of the fields says it', async () => {
  serve({ ...ADMIN, ...listed([]) });
  show(<EgressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New stream out' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(document.activeElement).not.toBe(dialog.getByLabelText('Room'));
  await userEvent.click(dialog.getByRole('button', { name: /What is sent out/ }));
  await userEvent.click(await screen.findByRole('option', { name: /A sound and a picture/ }));
  await userEvent.click(dialog.getByRole('button', { name: 'Start' }));
  expect(dialog.getAllByText('Name at least one of the two tracks.')).toHaveLength(2);
  dialog.getByText(/^Say where to/);
  await userEvent.type(dialog.getByLabelText('Sound track (TR_…)'), 'TR_1');
  expect(dialog.queryByText('Name at least one of the two tracks.')).toBeNull();
  await userEvent.type(dialog.getByLabelText('Name of a film (optional)'), 'film');
  expect(dialog.queryByText(/^Say where to/)).toBeNull();
});
