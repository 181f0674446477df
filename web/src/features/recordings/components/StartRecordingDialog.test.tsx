import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { serve, show } from '../../../testing';
import { StartRecordingDialog } from './StartRecordingDialog';

const START = 'POST /api/rooms/r-1/recordings';
const start = () => userEvent.click(screen.getByRole('button', { name: 'Start recording' }));

test('what is to be recorded is asked; who gets the film and for how long is told', async () => {
  const asked = serve({ [START]: { status: 201, body: {} } });
  const closed = vi.fn();
  show(<StartRecordingDialog room="r-1" kept={null} onClose={closed} />);
  await screen.findByText(/owner and the moderators.*administrators.*can watch/);
  expect(screen.getByText(/Empty: until somebody deletes it/)).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: /Picture/ }));
  await userEvent.click(await screen.findByRole('option', { name: /Only who speaks/ }));
  await start();
  await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  expect(asked.at(-1)?.body).toEqual({ layout: 'single-speaker', audio_only: false });
});

test('it may be kept shorter than the room’s rule says', async () => {
  const asked = serve({ [START]: { status: 201, body: {} } });
  show(<StartRecordingDialog room="r-1" kept={30} onClose={() => undefined} />);
  await screen.findByText('Empty: 30 days, which is the most here.');
  await userEvent.type(screen.getByLabelText('Keep it for (days)'), '2');
  await start();
  const body = { layout: 'grid', audio_only: false, keep_days: 2 };
  await vi.waitFor(() => expect(asked.at(-1)?.body).toEqual(body));
});

test('that space runs out is said before one starts', async () => {
  const body = { own: 'nearly_full', own_bytes: 95, own_quota_bytes: 100, site: 'plenty' };
  serve({ 'GET /api/recordings/space': { body } });
  show(<StartRecordingDialog room="r-1" kept={null} onClose={() => undefined} />);
  await screen.findByText(/Your recordings take 95/);
});

test('sound alone needs no picture', async () => {
  const asked = serve({ [START]: { status: 201, body: {} } });
  show(<StartRecordingDialog room="r-1" kept={null} onClose={() => undefined} />);
  await userEvent.click(await screen.findByRole('switch', { name: /Sound only/ }));
  expect(screen.queryByRole('button', { name: /Picture/ })).toBeNull();
  await start();
  await vi.waitFor(() => expect(asked.at(-1)?.body).toEqual({ layout: 'grid', audio_only: true }));
});

test.each([
  [409, 'already_recording', /recorded already/],
  [503, 'no_recorder', /No recorder answers/],
  [409, 'too_many_recordings', /as many recordings/],
  [409, 'encrypted', /end-to-end encrypted/],
  [409, 'not_live', /Nobody is in the call/],
  [409, 'quota_reached', /all the space/],
  [409, 'own_quota_reached', /Your recordings take/],
  [507, 'storage_full', /disk is full/],
  [403, 'forbidden', /not allowed/],
  [503, 'media_unavailable', /media server is not running/],
])('a refusal (%i %s) is said in plain words, and the dialog stays', async (status, code, text) => {
  serve({ [START]: { status, body: { code, detail: 'in the words of the server' } } });
  const closed = vi.fn();
  show(<StartRecordingDialog room="r-1" kept={null} onClose={closed} />);
  await screen.findByText('Record this call');
  await start();
  expect((await screen.findByRole('alert')).textContent).toMatch(text);
  expect(closed).not.toHaveBeenCalled();
});
