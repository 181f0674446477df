import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { SharedRecordingPage } from './SharedRecordingPage';

const film = (pass = '') => ({
  body: {
    locked: false,
    recording: {
      title: 'Planning',
      layout: 'grid',
      audio_only: false,
      started_at: 1_790_000_000_000,
      duration_ms: 90_000,
      size: 4_200_000,
      media_type: 'video/webm',
      may_download: pass !== '',
      media_url: `/api/shares/cvr_x/media${pass}`,
      poster_url: '/api/shares/cvr_x/poster',
      chapters: [{ at_ms: 61_000, kind: 'speaker', text: 'Grace' }],
    },
  },
});
const visit = (table: Parameters<typeof serve>[0]) => {
  const asked = serve(table);
  show(<SharedRecordingPage />, '/r/cvr_x', '/r/:token');
  return asked;
};

test('whoever has the link sees the film, and no more than the link allows', async () => {
  visit({ 'GET /api/shares/cvr_x': film() });
  const video = await screen.findByLabelText('Planning');
  expect(video.getAttribute('src')).toBe('/api/shares/cvr_x/media');
  expect(video.getAttribute('poster')).toBe('/api/shares/cvr_x/poster');
  expect(screen.queryByRole('button', { name: /Download/ })).toBeNull();
  screen.getByRole('button', { name: '1:01 Grace speaks' });
});

test('a password is asked for; a wrong one is said, the right one opens', async () => {
  const table: Parameters<typeof serve>[0] = {
    'GET /api/shares/cvr_x': { body: { locked: true, recording: null } },
    'POST /api/shares/cvr_x/unlock': { status: 403, body: { code: 'wrong_password' } },
    'GET /api/shares/cvr_x?pass=p': film('?pass=p'),
  };
  const asked = visit(table);
  await userEvent.type(await screen.findByLabelText('Password'), 'guess{Enter}');
  await screen.findByText('This password is wrong.');
  table['POST /api/shares/cvr_x/unlock'] = { body: { pass: 'p' } };
  await userEvent.click(screen.getByRole('button', { name: 'Show the recording' }));
  const video = await screen.findByLabelText('Planning');
  expect(video.getAttribute('src')).toBe('/api/shares/cvr_x/media?pass=p');
  screen.getByRole('button', { name: 'Download (4.2 MB)' });
  expect(asked.filter(({ call }) => call.startsWith('POST'))[0]?.body).toEqual({
    password: 'guess',
  });
});

test('a link that ended or never was says what may be', async () => {
  visit({ 'GET /api/shares/cvr_x': { status: 404, body: { code: 'not_found' } } });
  await screen.findByText('This link does not work');
});
