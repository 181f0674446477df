import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { HomePage } from './HomePage';

const SITE = {
  url: 'https://meet.example.org',
  registration: 'open',
  setup_required: false,
  media: 'ready',
};
const ROOM = {
  id: '1',
  slug: 'abc-defg-hij',
  name: 'Weekly',
  url: 'http://localhost/abc-defg-hij',
  owner: { id: 'u', name: 'Ada' },
  role: 'owner',
  live: { participants: 2, started_at: 1 },
  join: { allowed: true, reason: null },
};
const user = {
  'GET /api/site': { body: SITE },
  'GET /api/auth/me': { body: { id: 'u', name: 'Ada', role: 'user' } },
  'GET /api/rooms?limit=20': { body: { items: [ROOM], next_cursor: null } },
};

test('a visitor can join with a pasted link but not open a room', async () => {
  serve({ 'GET /api/site': { body: SITE }, 'GET /api/auth/me': { status: 401 } });
  show(<HomePage />);
  await screen.findByText('Sign in to open a room');
  expect(screen.queryByRole('button', { name: 'New room' })).toBeNull();
  await userEvent.type(
    screen.getByLabelText('Join with a link or code'),
    'https://meet.example.org/abc-defg-hij',
  );
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  await screen.findByText('went to /abc-defg-hij');
});

test('what is no link is said and nobody goes anywhere', async () => {
  serve({ 'GET /api/site': { body: SITE }, 'GET /api/auth/me': { status: 401 } });
  show(<HomePage />);
  await userEvent.type(await screen.findByLabelText('Join with a link or code'), '???');
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  await screen.findByText(/not a room link or code.*abc-defg-hij/);
  await userEvent.clear(screen.getByLabelText('Join with a link or code'));
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  await screen.findByText(/^Enter the link or the code/);
});

test('my rooms tell who is inside', async () => {
  serve(user);
  show(<HomePage />);
  await screen.findByText('2 people inside');
  expect(screen.getByRole('link', { name: 'Join Weekly' })).toBeTruthy();
});

test('a room where nobody is says when it was used', async () => {
  const quiet = { ...ROOM, live: { participants: 0, started_at: null } };
  const items = [
    { ...quiet, last_call_at: Date.UTC(2026, 10, 5, 12) },
    { ...quiet, id: '2', name: 'New', last_call_at: null },
  ];
  serve({ ...user, 'GET /api/rooms?limit=20': { body: { items, next_cursor: null } } });
  show(<HomePage />);
  await screen.findByText(/^Last met on .*Nov.*2026/);
  expect(screen.getByText('Nobody has met here yet')).toBeTruthy();
});

test('who has no room is offered one, once', async () => {
  serve({ ...user, 'GET /api/rooms?limit=20': { body: { items: [], next_cursor: null } } });
  show(<HomePage />);
  await screen.findByText(/^No rooms yet/);
  expect(screen.getAllByRole('button', { name: 'New room' })).toHaveLength(1);
});

test('a new private room lets no guests in and takes its owner there', async () => {
  const asked = serve({ ...user, 'POST /api/rooms': { status: 201, body: ROOM } });
  show(<HomePage />);
  await userEvent.click(await screen.findByRole('button', { name: 'New room' }));
  await userEvent.type(screen.getByLabelText('Room name'), 'Weekly');
  await userEvent.click(screen.getByLabelText(/Private room/));
  await userEvent.click(screen.getByRole('button', { name: 'Create room' }));
  await screen.findByText('went to /abc-defg-hij');
  expect(asked.find(({ call }) => call === 'POST /api/rooms')?.body).toEqual({
    name: 'Weekly',
    access: 'private',
    guests_allowed: false,
  });
});

test('a link of another site is not followed to a room of this one, and says why', async () => {
  serve({ 'GET /api/site': { body: SITE }, 'GET /api/auth/me': { status: 401 } });
  show(<HomePage />);
  await userEvent.type(
    await screen.findByLabelText('Join with a link or code'),
    'https://meet.elsewhere.org/abc-defg-hij',
  );
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  await screen.findByText(/leads to meet.elsewhere.org, another site/);
});
