import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { InvitesCard } from './InvitesCard';

test('a new invitation shows its link once; a refused one keeps what was typed', async () => {
  let refused = true;
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/invites?limit=100': { body: { items: [], next_cursor: null } },
    'POST /api/invites': () => {
      if (refused) return { status: 503, body: { code: 'busy' } };
      return { status: 201, body: { id: '1', url: 'https://meet.example.org/sign-up?invite=x' } };
    },
  });
  show(<InvitesCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'New invitation' }));
  await userEvent.type(await screen.findByLabelText(/note/i), ' For Grace ');
  await userEvent.click(screen.getByRole('button', { name: 'Make invitation' }));
  await screen.findByText(/The server is busy/);
  refused = false;
  await userEvent.click(screen.getByRole('button', { name: 'Make invitation' }));
  await screen.findByDisplayValue('https://meet.example.org/sign-up?invite=x');
  expect(asked.findLast(({ call }) => call.startsWith('POST'))?.body).toEqual({
    note: 'For Grace',
  });
});
