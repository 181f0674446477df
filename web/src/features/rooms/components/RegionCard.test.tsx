import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { Room } from '../../../api/types';
import { serve, show } from '../../../testing';
import { RegionCard } from './RegionCard';

const ROOM = { id: '1', slug: 'abc', region: 'automatic', live: { region: 'eu' } } as Room;
const site = (...names: string[]) => ({
  body: { regions: names.map((name) => ({ name, ping_url: null })) },
});

test('an owner chooses where calls are', async () => {
  const asked = serve({
    'GET /api/site': site('eu', 'us'),
    'PATCH /api/rooms/abc': { body: { ...ROOM, region: 'us' } },
  });
  show(<RegionCard room={ROOM} />);
  await screen.findByText('The call is in eu now.');
  await userEvent.click(screen.getByRole('button', { name: /Region of calls/ }));
  await userEvent.click(await screen.findByRole('option', { name: 'us' }));
  await vi.waitFor(() => expect(asked.find(({ body }) => body)?.body).toEqual({ region: 'us' }));
});

test('where there is no choice nothing is asked', async () => {
  const asked = serve({ 'GET /api/site': site() });
  show(<RegionCard room={ROOM} />);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.queryByText('Region of calls')).toBeNull();
});
