import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { RoomField } from './RoomField';

function Asked() {
  const [room, setRoom] = useState('');
  return <RoomField name="room" label="Room" value={room} onChange={setRoom} />;
}

test('a field says which room is meant, and that a code leads to none of ours', async () => {
  serve({
    'GET /api/site': { body: { url: 'https://meet.example.org/' } },
    'GET /api/rooms/town-hall': { body: { name: 'Town hall', slug: 'town-hall' } },
    'GET /api/rooms/town-hal': { status: 404, body: { code: 'not_found' } },
  });
  show(<Asked />);
  const field = screen.getByLabelText('Room');
  await userEvent.type(field, 'town-hal');
  await screen.findByText(/No room of this site is called so.*“town-hal”/);
  await userEvent.type(field, 'l');
  expect(screen.queryByText(/No room of this site/)).toBeNull();
  await screen.findByText('The room “Town hall” of this site');
  await userEvent.clear(field);
  await userEvent.type(field, 'https://meet.example.org/town-hall');
  await screen.findByText('The room “Town hall” of this site');
  await userEvent.clear(field);
  await userEvent.type(field, 'lab_1');
  await screen.findByText(/No room of this site is called so/);
});
