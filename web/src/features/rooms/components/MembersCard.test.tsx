import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { BansCard } from './BansCard';
import { MembersCard } from './MembersCard';

const member = (name: string) => ({
  user_id: name,
  name,
  email: `${name}@example.org`,
  role: 'member',
});
const ban = (name: string) => ({ id: name, name, reason: '', banned_by: 'Ada', created_at: 0 });

test('members beyond the first hundred are reached', async () => {
  const many = Array.from({ length: 100 }, (_, index) => member(`m${index}`));
  serve({
    'GET /api/rooms/lab/members?limit=100': { body: { items: many, next_cursor: 'c' } },
    'GET /api/rooms/lab/members?limit=100&cursor=c': {
      body: { items: [member('zoe')], next_cursor: null },
    },
  });
  show(<MembersCard slug="lab" readOnly />);
  await screen.findByText('m99@example.org');
  expect(screen.queryByText('zoe@example.org')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
  await screen.findByText('zoe@example.org');
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

test('bans beyond the first hundred are reached, and the list is whole after one is lifted', async () => {
  const answers: Record<string, { status?: number; body?: unknown }> = {
    'GET /api/rooms/lab/bans?limit=100': { body: { items: [ban('mallory')], next_cursor: 'c' } },
    'GET /api/rooms/lab/bans?limit=100&cursor=c': {
      body: { items: [ban('trudy')], next_cursor: null },
    },
    'DELETE /api/rooms/lab/bans/mallory': { status: 204 },
  };
  serve(answers);
  show(<BansCard slug="lab" />);
  await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
  await screen.findByText('trudy');
  answers['GET /api/rooms/lab/bans?limit=100'] = { body: { items: [], next_cursor: 'c' } };
  await userEvent.click(screen.getByRole('button', { name: /mallory/ }));
  await expect.poll(() => screen.queryByText('mallory')).toBeNull();
  screen.getByText('trudy');
});
