import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { LiveParticipants, LiveRoom } from '../../../api/types';
import { serve, show } from '../../../testing';
import { LivePeople } from './LivePeople';

const own = {
  name: 'id-1',
  site_room: { id: 'id-1', slug: 'abc', name: 'Standup', present: 1, started_at: 0 },
} as LiveRoom;
const foreign = { name: 'hall', site_room: null } as LiveRoom;
const bot = {
  identity: 'bot',
  sid: 'PA_1',
  name: 'Bot',
  kind: 'standard',
  state: 'active',
  joined_at: 0,
  region: '',
  metadata: 'm',
  may_moderate: true,
  attributes: { mood: 'good', gone: 'soon' },
  permission: { can_publish: true, can_publish_sources: ['microphone'], can_publish_data: true },
  tracks: [
    {
      sid: 'TR_1',
      source: 'camera',
      mime_type: 'video/VP8',
      muted: false,
      width: 1280,
      height: 720,
      simulcast: true,
      encryption: 'none',
      codecs: [
        {
          mime_type: 'video/VP8',
          layers: [
            { quality: 'low', width: 320, height: 180, bitrate: 120_000 },
            { quality: 'high', width: 1280, height: 720, bitrate: 1_700_000 },
          ],
        },
      ],
    },
  ],
} as unknown as LiveParticipants['items'][number];
const ME = { 'GET /api/auth/me': { body: { id: 'a', role: 'admin' } } };
const people = (recorded: LiveParticipants['recorded']) =>
  ({ items: [bot], recorded, asked_at: 0, reconciled_at: null }) as LiveParticipants;
async function choose(action: string) {
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Bot' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: action }));
}

test('who is only here or only on record is marked, and a track tells its layers', () => {
  serve(ME);
  show(
    <LivePeople room={own} people={people([{ identity: 'g-1', name: 'Grace', joined_at: 0 }])} />,
  );
  screen.getByText('Not on record');
  within(screen.getByRole('region', { name: 'Only on record' })).getByText('Grace');
  screen.getByText(/video\/VP8 · 1280×720 · 180p 120 kb\/s, 720p 1.7 Mb\/s/);
});

test('a track is muted, somebody sent out, and a ban goes to the room of the site', async () => {
  const asked = serve({
    ...ME,
    'POST /api/livekit/rooms/id-1/participants/bot/tracks/TR_1/mute': { status: 204 },
    'DELETE /api/livekit/rooms/id-1/participants/bot': { status: 204 },
    'POST /api/rooms/abc/participants/bot/ban': { status: 201, body: {} },
  });
  show(<LivePeople room={own} people={people([])} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Mute camera of Bot' }));
  await choose('Remove from call');
  await userEvent.click(await screen.findByRole('button', { name: 'Remove from call' }));
  await choose('Ban from room');
  await userEvent.type(await screen.findByLabelText('Reason (optional)'), 'noise');
  await userEvent.click(screen.getByRole('button', { name: 'Ban from room' }));
  const acts = () => asked.filter(({ call }) => !call.startsWith('GET'));
  await expect
    .poll(() => acts().map(({ call }) => call))
    .toEqual([
      'POST /api/livekit/rooms/id-1/participants/bot/tracks/TR_1/mute',
      'DELETE /api/livekit/rooms/id-1/participants/bot',
      'POST /api/rooms/abc/participants/bot/ban',
    ]);
  expect(acts()[2]?.body).toEqual({ reason: 'noise' });
});

test('in a room of a program nobody is banned, and only what changed is sent', async () => {
  const asked = serve({
    ...ME,
    'PATCH /api/livekit/rooms/hall/participants/bot': { body: bot },
  });
  show(<LivePeople room={foreign} people={people([])} />);
  await screen.findByRole('button', { name: 'Mute camera of Bot' });
  await userEvent.click(screen.getByRole('button', { name: 'Actions for Bot' }));
  expect(screen.queryByRole('menuitem', { name: 'Ban from room' })).toBeNull();
  await userEvent.click(screen.getByRole('menuitem', { name: 'Edit…' }));
  const attributes = await screen.findByLabelText('Attributes');
  await userEvent.clear(attributes);
  await userEvent.type(attributes, '[[');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('Write a JSON object of texts.');
  await userEvent.clear(attributes);
  await userEvent.type(attributes, '{{"mood":"bad"}');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await expect
    .poll(() => asked.find(({ call }) => call.startsWith('PATCH'))?.body)
    .toEqual({ attributes: { mood: 'bad', gone: '' } });
});

test('an auditor looks and does nothing', async () => {
  serve({ 'GET /api/auth/me': { body: { id: 'a', role: 'auditor' } } });
  const items = [{ ...bot, may_moderate: false }];
  show(<LivePeople room={own} people={{ ...people([]), items }} />);
  await userEvent.click(screen.getByRole('button', { name: 'Actions for Bot' }));
  const menu = await screen.findAllByRole('menuitem');
  expect(menu.map(({ textContent }) => textContent)).toEqual(['Quality', 'Raw JSON']);
  expect(screen.queryByRole('button', { name: 'Mute camera of Bot' })).toBeNull();
});
