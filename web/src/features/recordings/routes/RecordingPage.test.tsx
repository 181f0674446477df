import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { Recording } from '../../../api/types';
import { serve, show } from '../../../testing';
import { recording } from '../testing';
import { RecordingPage } from './RecordingPage';

function visit(update: Partial<Recording> = {}, more: Parameters<typeof serve>[0] = {}) {
  serve({
    'GET /api/auth/me': { body: { id: 'u', name: 'Ada', role: 'user' } },
    'GET /api/recordings/r-1': { body: recording(update) },
    ...more,
  });
  show(<RecordingPage />, '/recordings/r-1', '/recordings/:id');
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
  visit({}, { 'DELETE /api/recordings/r-1': { status: 204 } });
  await userEvent.click(await screen.findByRole('button', { name: 'Delete' }));
  const question = await screen.findByRole('alertdialog', { name: 'Delete “Planning”?' });
  await userEvent.click([...question.querySelectorAll('button')].at(-1) as HTMLButtonElement);
  await screen.findByText('went to /recordings');
});

test('what is not there, or not for this person, is told apart from a failure', async () => {
  visit({}, { 'GET /api/recordings/r-1': { status: 404, body: { code: 'not_found' } } });
  await screen.findByText('This recording does not exist');
});
