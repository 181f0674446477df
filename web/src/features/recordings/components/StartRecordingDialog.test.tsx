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
  show(<StartRecordingDialog room="r-1" onClose={closed} />);
  await screen.findByText(/owner and the moderators.*administrators.*can watch/);
  expect(screen.getByText(/kept until it is deleted/)).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: /Picture/ }));
  await userEvent.click(await screen.findByRole('option', { name: /Only who speaks/ }));
  await start();
  await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  expect(asked[0]?.body).toEqual({ layout: 'single-speaker', audio_only: false });
});

test('sound alone needs no picture', async () => {
  const asked = serve({ [START]: { status: 201, body: {} } });
  show(<StartRecordingDialog room="r-1" onClose={() => undefined} />);
  await userEvent.click(await screen.findByRole('switch', { name: /Sound only/ }));
  expect(screen.queryByRole('button', { name: /Picture/ })).toBeNull();
  await start();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]?.body).toEqual({ layout: 'grid', audio_only: true });
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
  show(<StartRecordingDialog room="r-1" onClose={closed} />);
  await screen.findByText('Record this call');
  await start();
  expect((await screen.findByRole('alert')).textContent).toMatch(text);
  expect(closed).not.toHaveBeenCalled();
});
