import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Participant } from 'livekit-client';
import { expect, test, vi } from 'vitest';
import type { Room } from '../../../api/types';
import { serve, show } from '../../../testing';
import { ParticipantsPanel } from './ParticipantsPanel';

const person = (identity: string, name: string, more: object = {}) =>
  ({
    identity,
    name,
    isLocal: false,
    attributes: {},
    isMicrophoneEnabled: true,
    isCameraEnabled: true,
    isScreenShareEnabled: false,
    ...more,
  }) as unknown as Participant;
const PEOPLE = [
  person('u-1', 'Ada', { isLocal: true }),
  person('g-2', 'Grace', { attributes: { hand_raised_at: '5' } }),
  person('u-3', 'Olive'),
];
const RECORDS = [
  { identity: 'u-1', role: 'moderator', guest: false },
  { identity: 'g-2', role: 'visitor', guest: true },
  { identity: 'u-3', role: 'owner', guest: false },
];
const ROOM = { slug: 'abc', url: 'http://x/abc', locked: false } as Room;
const known = { 'GET /api/rooms/abc/participants': { body: { items: RECORDS } } };

function panel(moderator: boolean, table = {}, room = ROOM, runs = false) {
  const asked = serve({ ...known, ...table });
  const onLock = vi.fn(async () => undefined);
  show(
    <ParticipantsPanel
      slug="abc"
      room={room}
      participants={PEOPLE}
      moderator={moderator}
      runs={runs}
      onLock={onLock}
    />,
  );
  return { asked, onLock };
}
const rowOf = async (name: RegExp) => {
  const list = screen.getByRole('list', { name: 'Participants' });
  const item = (await within(list).findByText(name)).closest('li');
  return within(item as HTMLElement);
};

test('upon a moderator only who runs the room may act', async () => {
  const records = [...RECORDS.slice(0, 2), { identity: 'u-3', role: 'moderator', guest: false }];
  const table = { 'GET /api/rooms/abc/participants': { body: { items: records } } };
  panel(true, table);
  await (await rowOf(/Olive/)).findByText('Moderator');
  await screen.findByRole('button', { name: 'Actions for Grace' });
  expect(screen.queryByRole('button', { name: 'Actions for Olive' })).toBeNull();
  cleanup();
  panel(true, table, ROOM, true);
  await screen.findByRole('button', { name: 'Actions for Olive' });
});

test('whoever does not moderate sees people, not powers', async () => {
  panel(false);
  expect((await rowOf(/Grace/)).getByLabelText('Hand raised')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /Actions for/ })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Mute everyone' })).toBeNull();
  expect(screen.queryByRole('switch', { name: /Lock/ })).toBeNull();
});

test('a moderator has powers over guests, not over oneself or the owner', async () => {
  panel(true);
  await screen.findByText('Owner');
  expect((await rowOf(/Grace/)).getByRole('button', { name: 'Actions for Grace' })).toBeTruthy();
  expect((await rowOf(/Ada/)).queryByRole('button')).toBeNull();
  expect((await rowOf(/Olive/)).queryByRole('button')).toBeNull();
});

test('the ban of a guest says what it cannot do and offers to shut the door', async () => {
  const { asked, onLock } = panel(
    true,
    {
      'PATCH /api/rooms/abc': { body: {} },
      'POST /api/rooms/abc/participants/g-2/ban': { status: 201, body: {} },
    },
    { ...ROOM, role: 'owner', guests_allowed: true } as Room,
  );
  await screen.findByText('Owner');
  await userEvent.click(screen.getByRole('button', { name: 'Actions for Grace' }));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Ban from room' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  expect(dialog.getByText(/private window/)).toBeTruthy();
  await userEvent.click(dialog.getByRole('switch', { name: 'Lock the room' }));
  await userEvent.click(dialog.getByRole('switch', { name: 'Only people with an account' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Ban from room' }));
  await vi.waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  expect(onLock).toHaveBeenCalledWith(true);
  const calls = asked.filter(({ call }) => !call.startsWith('GET'));
  expect(calls.map(({ call, body }) => [call, body])).toEqual([
    ['PATCH /api/rooms/abc', { guests_allowed: false }],
    ['POST /api/rooms/abc/participants/g-2/ban', expect.anything()],
  ]);
});

test('a ban is asked about first and carries its reason', async () => {
  const { asked } = panel(true, {
    'POST /api/rooms/abc/participants/g-2/ban': { status: 201, body: {} },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Actions for Grace' }));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Ban from room' }));
  await screen.findByRole('heading', { name: 'Ban Grace?' });
  expect(asked.some(({ call }) => call.endsWith('/ban'))).toBe(false);
  await userEvent.type(screen.getByLabelText('Reason (optional)'), 'noise');
  await userEvent.click(screen.getByRole('button', { name: 'Ban from room' }));
  await vi.waitFor(() => expect(screen.queryByRole('heading', { name: 'Ban Grace?' })).toBeNull());
  expect(asked.find(({ call }) => call.endsWith('/ban'))?.body).toEqual({ reason: 'noise' });
});

test('a removal that the server refuses stays open with the reason', async () => {
  panel(true, {
    'POST /api/rooms/abc/participants/g-2/kick': {
      status: 403,
      body: { code: 'forbidden', detail: '' },
    },
  });
  await userEvent.click(screen.getByRole('button', { name: 'Actions for Grace' }));
  await userEvent.click(screen.getByRole('menuitem', { name: 'Remove from call' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Remove from call' }));
  expect((await screen.findByRole('alert')).textContent).toBe('You are not allowed to do this.');
});

test('the lock asks for what the switch shows', async () => {
  const { onLock } = panel(true);
  await userEvent.click(screen.getByRole('switch', { name: /Lock the room/ }));
  expect(onLock).toHaveBeenCalledExactlyOnceWith(true);
});
