import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { User } from '../../../api/types';
import { toast } from '../../../primitives/Toasts';
import { serve, show } from '../../../testing';
import { UsersCard } from './UsersCard';

vi.mock('../../../primitives/Toasts', () => ({ toast: vi.fn() }));

const person = (id: string, name: string, more: Partial<User> = {}) =>
  ({
    id,
    name,
    email: `${id}@example.org`,
    role: 'user',
    disabled: false,
    created_at: 1_790_000_000_000,
    last_seen_at: null,
    ...more,
  }) as User;
const ADA = person('ada', 'Ada', { role: 'admin' });
const known = {
  'GET /api/auth/me': { body: ADA },
  'GET /api/users?limit=50': {
    body: {
      next_cursor: null,
      items: [ADA, person('grace', 'Grace'), person('linus', 'Linus', { disabled: true })],
    },
  },
};

async function choose(name: string, action: string) {
  await userEvent.click(await screen.findByRole('button', { name: `Actions for ${name}` }));
  await userEvent.click(await screen.findByRole('menuitem', { name: action }));
}
const dialog = async () => within(await screen.findByRole('alertdialog'));

test.each([
  ['Make administrator', { role: 'admin' }, /do everything here/],
  ['Disable account', { disabled: true }, /signed out everywhere/],
])('“%s” is asked first', async (action, change, text) => {
  const asked = serve({ ...known, 'PATCH /api/users/grace': { body: person('grace', 'Grace') } });
  show(<UsersCard />, '/admin/users');
  await choose('Grace', action);
  const question = await dialog();
  expect(question.getByText(text)).toBeTruthy();
  const changes = () => asked.filter(({ call }) => call.startsWith('PATCH'));
  expect(changes()).toEqual([]);
  await userEvent.click(question.getByRole('button', { name: action }));
  expect(changes().map(({ body }) => body)).toEqual([change]);
});

test('whoever gives up the own rights is told so on the start page', async () => {
  serve({ ...known, 'PATCH /api/users/ada': { body: { ...ADA, role: 'user' } } });
  show(<UsersCard />, '/admin/users');
  await screen.findByText('You');
  await choose('Ada', 'Take all rights away');
  const question = await dialog();
  await userEvent.click(question.getByRole('button', { name: 'Take all rights away' }));
  await screen.findByText('went to /');
  await vi.waitFor(() => expect(toast).toHaveBeenCalledWith('You are no longer an administrator.'));
});

test('what can be taken back at once is not asked', async () => {
  const asked = serve({ ...known, 'PATCH /api/users/linus': { body: person('linus', 'Linus') } });
  show(<UsersCard />);
  await choose('Linus', 'Enable account');
  expect(screen.queryByRole('alertdialog')).toBeNull();
  expect(asked.find(({ call }) => call.startsWith('PATCH'))?.body).toEqual({ disabled: false });
});

test('an account with a link: the link is shown once, and what was typed goes to the server', async () => {
  const asked = serve({
    ...known,
    'GET /api/site': { body: { password_min_length: 8 } },
    'POST /api/users': {
      status: 201,
      body: {
        user: person('lin', 'Lin'),
        link: {
          url: 'https://meet.example.org/reset-password#token=x',
          expires_at: 1_790_000_000_000,
        },
      },
    },
  });
  show(<UsersCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Create account' }));
  const form = within(await screen.findByRole('dialog'));
  await userEvent.type(form.getByLabelText('Name'), 'Lin');
  await userEvent.type(form.getByLabelText('E-mail'), 'lin@example.org');
  await userEvent.click(form.getByRole('button', { name: 'Create account' }));
  await screen.findByDisplayValue('https://meet.example.org/reset-password#token=x');
  expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toEqual({
    name: 'Lin',
    email: 'lin@example.org',
    role: 'user',
  });
});

test('who only looks is offered nothing but the id and the raw data', async () => {
  serve({ ...known, 'GET /api/auth/me': { body: person('x', 'X', { role: 'auditor' }) } });
  show(<UsersCard />);
  await userEvent.click(await screen.findByRole('button', { name: 'Actions for Grace' }));
  const items = await screen.findAllByRole('menuitem');
  expect(items.map(({ textContent }) => textContent)).toEqual(['Copy id', 'Raw data (JSON)']);
  expect(screen.queryByRole('button', { name: 'Create account' })).toBeNull();
});
