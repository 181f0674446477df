import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { IngressCard } from './IngressCard';

const ADMIN = { 'GET /api/auth/me': { body: { id: 'a', name: 'Ada', role: 'admin' } } };
const ingress = {
  id: 'IN_1',
  name: 'Stage',
  kind: 'whip',
  room: 'lesson',
  link: null,
  participant_identity: 'ingress-1',
  participant_name: 'Camera one',
  enabled: true,
  status: 'publishing',
  error: '',
  started_at: 0,
  ended_at: null,
  tracks: [{ sid: 'TR_1', mime_type: 'video/H264', width: 1280, height: 720 }],
  url: 'https://meet.example.org/w',
  stream_key: 'secret-key',
};
const listed = (items: object[], supported = true) => ({
  'GET /api/ingress': { body: { supported, rtmp_needs_ffmpeg: true, items } },
});

test('a media server that takes no streams says what it needs', async () => {
  serve({ ...ADMIN, ...listed([], false) });
  show(<IngressCard />);
  await screen.findByText(/needs Redis/);
  expect(screen.queryByRole('button', { name: 'New stream' })).toBeNull();
});

test('a stream shows what it publishes, and its key only when asked for', async () => {
  serve({ ...ADMIN, ...listed([ingress]) });
  show(<IngressCard />);
  await screen.findByText('Publishing');
  await screen.findByText(/video\/H264 1280×720/);
  expect(screen.queryByDisplayValue('secret-key')).toBeNull();
  await userEvent.click(await screen.findByRole('button', { name: 'Set up Stage' }));
  expect(await screen.findByLabelText('Address')).toHaveProperty('value', ingress.url);
  expect(screen.getByLabelText('Stream key')).toHaveProperty('value', 'secret-key');
});

test('a stream is made from what was typed, switched off, and deleted after a question', async () => {
  const asked = serve({
    ...ADMIN,
    ...listed([ingress]),
    'POST /api/ingress': { status: 201, body: ingress },
    'PATCH /api/ingress/IN_1': { body: { ...ingress, enabled: false } },
    'DELETE /api/ingress/IN_1': { status: 204 },
  });
  show(<IngressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New stream' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.click(dialog.getByRole('button', { name: 'Make stream' }));
  expect(asked.filter(({ call }) => call.startsWith('POST'))).toEqual([]);
  await userEvent.type(dialog.getByLabelText('Name'), 'Stage');
  await userEvent.type(dialog.getByLabelText('Room'), ' lesson ');
  await userEvent.click(dialog.getByRole('button', { name: 'Make stream' }));
  await screen.findByLabelText('Stream key');
  const open = within(screen.getByRole('dialog'));
  await userEvent.click(open.getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);
  await userEvent.click(await screen.findByRole('button', { name: 'More for Stage' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Switch off' }));
  await userEvent.click(await screen.findByRole('button', { name: 'More for Stage' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }));
  const question = within(await screen.findByRole('alertdialog'));
  await userEvent.click(question.getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(asked.some(({ call }) => call.startsWith('DELETE'))).toBe(true));
  expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toEqual({
    name: 'Stage',
    room: 'lesson',
    participant_name: '',
    kind: 'whip',
  });
  expect(asked.find(({ call }) => call.startsWith('PATCH'))?.body).toEqual({ enabled: false });
});

test('a stream is changed, and only what was changed is sent', async () => {
  const asked = serve({
    ...ADMIN,
    ...listed([ingress]),
    'PATCH /api/ingress/IN_1': { body: ingress },
  });
  show(<IngressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'More for Stage' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Change…' }));
  const dialog = within(await screen.findByRole('dialog'));
  dialog.getByText(/goes on as before/);
  const room = dialog.getByLabelText('Room');
  expect(room).toHaveProperty('value', 'lesson');
  await userEvent.clear(room);
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await dialog.findByText('This is required.');
  expect(asked.some(({ call }) => call.startsWith('PATCH'))).toBe(false);
  await userEvent.type(room, 'hall');
  await userEvent.click(dialog.getByRole('switch', { name: 'Encoders may publish with its key' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ call }) => call.startsWith('PATCH'))?.body).toEqual({
    name: null,
    room: 'hall',
    participant_name: null,
    participant_identity: null,
    enabled: false,
  });
});

test('who only looks sees the stream and nothing to do with it', async () => {
  serve({
    'GET /api/auth/me': { body: { id: 'o', name: 'Olga', role: 'auditor' } },
    ...listed([{ ...ingress, stream_key: null }]),
  });
  show(<IngressCard />);
  await screen.findByText('Publishing');
  expect(screen.queryAllByRole('button')).toEqual([]);
});

test('a look that fails takes neither the list away nor what was typed', async () => {
  const answers = { ...ADMIN, ...listed([ingress]) };
  serve(answers);
  const { client } = show(<IngressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New stream' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText('Name'), 'Hall');
  Object.assign(answers, { 'GET /api/ingress': { status: 503, body: { code: 'busy' } } });
  await client.invalidateQueries();
  await screen.findByText(/The server is busy/);
  expect(screen.getByLabelText('Name')).toHaveProperty('value', 'Hall');
  screen.getByText('Publishing');
});

test('RTMP says before it is tried that it needs ffmpeg', async () => {
  serve({ ...ADMIN, ...listed([]) });
  show(<IngressCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New stream' }));
  expect(screen.queryByText(/Install it there/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /How the encoder sends/ }));
  await userEvent.click(await screen.findByRole('option', { name: /RTMP/ }));
  await screen.findByText(/Install it there/);
});
