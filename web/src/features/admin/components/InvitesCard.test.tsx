import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { InvitesCard } from './InvitesCard';

test('a new invitation shows its link once; a refused one keeps what was typed', async () => {
  let refused = true;
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/invites?limit=50': { body: { items: [], next_cursor: null } },
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
    role: 'user',
  });
});

test('many are invited at once; what is wrong with a line is said at the line', async () => {
  const invite = { id: '1', url: 'https://meet.example.org/sign-up?invite=x' };
  const asked = serve({
    'GET /api/auth/me': { body: { id: 'a', role: 'admin' } },
    'GET /api/invites?limit=50': { body: { items: [], next_cursor: null } },
    'POST /api/invites/bulk': {
      body: {
        lines: [
          { invite, fault: null },
          { invite: null, fault: 'not_an_email' },
        ],
      },
    },
  });
  show(<InvitesCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Invite many' }));
  const lines = await screen.findByLabelText('One person on each line');
  await userEvent.click(screen.getByRole('button', { name: 'Invite 0 people' }));
  await screen.findByText('This is required.');
  await userEvent.click(lines);
  await userEvent.paste('ada@example.org, Ada, auditor\nnobody');
  await userEvent.click(screen.getByRole('button', { name: 'Invite 2 people' }));
  await screen.findByText('1 person is invited. Download the links now: they are shown only here.');
  expect(screen.getByText('no e-mail address')).toBeTruthy();
  expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toEqual({
    lines: [
      { email: 'ada@example.org', note: 'Ada', role: 'auditor' },
      { email: 'nobody', role: 'user' },
    ],
  });
});
