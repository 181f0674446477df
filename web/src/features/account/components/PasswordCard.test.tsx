import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { PasswordCard } from './PasswordCard';

test('the password of now is not taken for a new one', async () => {
  const asked = serve({
    'GET /api/site': { body: { password_min_length: 8 } },
    'POST /api/auth/password': { body: {} },
  });
  show(<PasswordCard />);
  const change = () => userEvent.click(screen.getByRole('button', { name: 'Change password' }));
  const sent = () => asked.filter(({ call }) => call.startsWith('POST')).length;
  await userEvent.type(screen.getByLabelText('Current password'), 'correct horse');
  await userEvent.type(screen.getByLabelText('New password'), 'correct horse');
  await change();
  await screen.findByText('This is your password already. Choose another one.');
  expect(sent()).toBe(0);
  await userEvent.type(screen.getByLabelText('New password'), ' battery');
  await change();
  expect(sent()).toBe(1);
});
