import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import type { User } from '../../../api/types';
import { serve, show } from '../../../testing';
import { DeleteUserDialog } from './DeleteUserDialog';

const ADA = { id: 'a', name: 'Ada', email: 'ada@example.org', role: 'admin' } as User;
const GRACE = { id: 'g', name: 'Grace', email: 'Grace@example.org', role: 'user' } as User;
const known = {
  'GET /api/auth/me': { body: ADA },
  'GET /api/users?query=grace%40example.org&limit=100': { body: { items: [GRACE] } },
  'GET /api/users?query=nobody%40example.org&limit=100': { body: { items: [GRACE] } },
};
const confirm = () => userEvent.click(screen.getByRole('button', { name: 'Delete account' }));
const refused = {
  status: 422,
  body: {
    code: 'validation_failed',
    errors: [{ field: 'new_owner', code: 'unusable', detail: '' }],
  },
};

test('the own account asks for a new owner, and is gone once it has one', async () => {
  let answer: { status: number; body?: unknown } = refused;
  const asked = serve({
    ...known,
    'DELETE /api/users/a?rooms=hand_over&new_owner=g': () => answer,
  });
  show(<DeleteUserDialog user={ADA} onClose={vi.fn()} />, '/admin/users');
  const heir = await screen.findByLabelText('E-mail of the new owner');
  await confirm();
  await screen.findByText('This is required.');
  await userEvent.type(heir, 'nobody@example.org');
  await confirm();
  await screen.findByText('No account has this e-mail.');
  await userEvent.clear(heir);
  await userEvent.type(heir, 'grace@example.org');
  await confirm();
  await screen.findByText('Name another account that can sign in.');
  answer = { status: 204 };
  await confirm();
  await screen.findByText('went to /');
  expect(asked.filter(({ call }) => call.startsWith('DELETE')).length).toBe(2);
});

test("somebody else's rooms go to the administrator unless told otherwise", async () => {
  const asked = serve({ ...known, 'DELETE /api/users/g?rooms=hand_over': { status: 204 } });
  const closed = vi.fn();
  show(<DeleteUserDialog user={GRACE} onClose={closed} />);
  await screen.findByText(/Delete the account of Grace/);
  expect(screen.queryByLabelText('E-mail of the new owner')).toBeNull();
  await confirm();
  await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  expect(asked.some(({ call }) => call.startsWith('DELETE'))).toBe(true);
});
