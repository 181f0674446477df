import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { Recording } from '../../../api/types';
import { serve, show } from '../../../testing';
import { recording } from '../testing';
import { RecordingPage } from './RecordingPage';

function visit(update: Partial<Recording> = {}, more: Parameters<typeof serve>[0] = {}) {
  return visitWith({ 'GET /api/recordings/r-1': { body: recording(update) }, ...more }).asked;
}

/** The table may change under way. */
function visitWith(table: Parameters<typeof serve>[0]) {
  table['GET /api/auth/me'] ??= { body: { id: 'u', name: 'Ada', role: 'user' } };
  table['GET /api/recordings/r-1'] ??= { body: recording() };
  const asked = serve(table);
  const { client } = show(<RecordingPage />, '/recordings/r-1', '/recordings/:id');
  return { asked, client };
}

test('the film plays from the server, at the speed that is chosen', async () => {
  visit();
  const film = (await screen.findByLabelText('Planning')) as HTMLVideoElement;
  expect(film.tagName).toBe('VIDEO');
  expect(film.getAttribute('src')).toBe('/api/recordings/r-1/media');
  await userEvent.click(screen.getByRole('button', { name: /Speed/ }));
  await userEvent.click(await screen.findByRole('option', { name: '1.5×' }));
  expect(film.playbackRate).toBe(1.5);
});

test('a film shows its picture before it plays', async () => {
  visit({ has_poster: true });
  const film = (await screen.findByLabelText('Planning')) as HTMLVideoElement;
  expect(film.getAttribute('poster')).toBe('/api/recordings/r-1/poster');
});

test('sound alone is played as sound', async () => {
  visit({ audio_only: true });
  expect((await screen.findByLabelText('Planning')).tagName).toBe('AUDIO');
});

test('a film that does not load says so and is tried again', async () => {
  visit();
  const film = (await screen.findByLabelText('Planning')) as HTMLVideoElement;
  film.load = vi.fn();
  fireEvent.error(film);
  await screen.findByText(/could not be loaded/);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(film.load).toHaveBeenCalled();
  expect(screen.queryByText(/could not be loaded/)).toBeNull();
});

test('a first version plays while the film is made, which then goes on where that was', async () => {
  const table: Parameters<typeof serve>[0] = {
    'GET /api/recordings/r-1': { body: recording({ state: 'composing', has_preview: true }) },
    'GET /api/recordings/r-1/timeline': { body: { chapters: [] } },
  };
  const { client } = visitWith(table);
  await screen.findByText(/first version, which shows who speaks/);
  const first = screen.getByLabelText('Planning') as HTMLVideoElement;
  expect(first.getAttribute('src')).toBe('/api/recordings/r-1/preview');
  first.currentTime = 42;
  fireEvent.timeUpdate(first);
  table['GET /api/recordings/r-1'] = { body: recording() };
  await client.invalidateQueries();
  const film = () => screen.getByLabelText('Planning') as HTMLVideoElement;
  await vi.waitFor(() => expect(film().getAttribute('src')).toBe('/api/recordings/r-1/media'));
  fireEvent.loadedMetadata(film());
  expect(film().currentTime).toBe(42);
});

test('what the recorder left out of the film is said', async () => {
  visit({ remarks: ['camera of Bob cannot be read from 0:01:02 on'] });
  const said = await screen.findByRole('list', { name: 'What the recorder says of the film' });
  expect(said.textContent).toBe('camera of Bob cannot be read from 0:01:02 on');
});

test('there is no player before there is a film', async () => {
  visit({ state: 'processing', transfer: { bytes_done: 0, waiting_since: null } });
  await screen.findByText('The film is being stored: 0%');
  expect(screen.queryByLabelText('Planning')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Download' })).toBeNull();
});

test('a room that was deleted is named and not linked', async () => {
  visit({ room: { id: 'room-1', slug: 'weekly', name: 'Weekly', deleted: true } });
  await screen.findByText('Weekly (deleted)');
});

test('who deletes it is led back to the list', async () => {
  visit({}, { 'POST /api/recordings/delete': { body: { deleted: ['r-1'], refused: [] } } });
  await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
  const question = await screen.findByRole('alertdialog', { name: 'Delete “Planning”?' });
  await userEvent.click([...question.querySelectorAll('button')].at(-1) as HTMLButtonElement);
  await screen.findByText('went to /recordings');
});

test('what is not there, or not for this person, is told apart from a failure', async () => {
  visit({}, { 'GET /api/recordings/r-1': { status: 404, body: { code: 'not_found' } } });
  await screen.findByText('This recording does not exist');
});

test('a chapter leads to its moment', async () => {
  const chapters = [
    { at_ms: 0, kind: 'joined', text: 'Ada' },
    { at_ms: 61_000, kind: 'share', text: 'Gus' },
  ];
  visit({}, { 'GET /api/recordings/r-1/timeline': { body: { chapters } } });
  const film = (await screen.findByLabelText('Planning')) as HTMLVideoElement;
  film.play = vi.fn(async () => undefined);
  await userEvent.click(await screen.findByRole('button', { name: '1:01 Gus shares the screen' }));
  expect(film.currentTime).toBe(61);
  expect(film.play).toHaveBeenCalled();
});

const SHARE = {
  id: 's-1',
  has_password: true,
  may_download: false,
  created_by: 'Ada',
  created_at: 1_790_000_000_000,
  expires_at: null,
  views: 3,
};

test('a link is made as it was asked for, shown once, and taken back', async () => {
  const SHARES = 'GET /api/recordings/r-1/shares?limit=20';
  const table: Parameters<typeof serve>[0] = {
    [SHARES]: { body: { items: [], next_cursor: null } },
    'POST /api/recordings/r-1/shares': () => {
      table[SHARES] = { body: { items: [SHARE], next_cursor: null } };
      return { status: 201, body: { ...SHARE, url: 'https://meet.example.org/r/cvr_x' } };
    },
    'DELETE /api/recordings/r-1/shares/s-1': { status: 204 },
  };
  const { asked } = visitWith(table);
  await userEvent.click(await screen.findByRole('button', { name: 'Share…' }));
  await screen.findByText('No links yet.');
  await userEvent.type(screen.getByLabelText('Password (optional)'), 'abc');
  await userEvent.click(screen.getByRole('button', { name: 'Make the link' }));
  await screen.findByText('At least 4 characters.');
  await userEvent.type(screen.getByLabelText('Password (optional)'), 'd');
  await userEvent.click(screen.getByRole('button', { name: 'Make the link' }));
  await screen.findByText('https://meet.example.org/r/cvr_x');
  expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toEqual({
    expires_at: null,
    password: 'abcd',
    download: false,
  });
  await screen.findByText('good until it is taken back · with a password · opened 3 times');
  await userEvent.click(screen.getByRole('button', { name: /^Take back the link by Ada/ }));
  await expect
    .poll(() => asked.map(({ call }) => call))
    .toContain('DELETE /api/recordings/r-1/shares/s-1');
});
