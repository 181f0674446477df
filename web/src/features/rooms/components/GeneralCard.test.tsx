import { useQuery } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { getRoom } from '../api/getRoom';
import { GeneralCard } from './GeneralCard';

const ROOM = { id: '1', slug: 'abc', name: 'Weekly', max_participants: 0, updated_at: 7 };

function Page() {
  const room = useQuery(getRoom('abc'));
  return room.data ? <GeneralCard room={room.data} /> : null;
}

test('who saves over the change of somebody else is told, keeps what was typed, and may', async () => {
  const answers: Parameters<typeof serve>[0] = {
    'GET /api/rooms/abc': { body: ROOM },
    'PATCH /api/rooms/abc': { status: 412, body: { code: 'changed_meanwhile', detail: '' } },
  };
  const asked = serve(answers);
  show(<Page />);
  const name = await screen.findByLabelText('Room name');
  await userEvent.clear(name);
  await userEvent.type(name, 'Mine');
  answers['GET /api/rooms/abc'] = { body: { ...ROOM, name: 'Theirs', updated_at: 9 } };
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText(/Someone else changed these settings.*“Theirs”/);
  expect((name as HTMLInputElement).value).toBe('Mine');
  answers['PATCH /api/rooms/abc'] = { body: { ...ROOM, name: 'Mine', updated_at: 10 } };
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await expect.poll(() => screen.queryByText(/Someone else/)).toBeNull();
  const saves = asked.filter(({ call }) => call === 'PATCH /api/rooms/abc');
  expect(saves.map(({ headers }) => headers['if-match'])).toEqual(['"7"', '"9"']);
  expect(saves.map(({ body }) => body)).toEqual([{ name: 'Mine' }, { name: 'Mine' }]);
});

test('a link code that cannot be one is told what a code is made of', async () => {
  serve({ 'GET /api/rooms/abc': { body: ROOM } });
  show(<Page />);
  await userEvent.type(await screen.findByLabelText('Link code'), '-');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText(/3 to 64 of the letters.*no dash at either end/);
});
