import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { ResetPasswordPage } from './ResetPasswordPage';

const SITE = { 'GET /api/site': { body: { password_min_length: 10 } } };

test('a link leads to a new password and in', async () => {
  const asked = serve({
    ...SITE,
    'POST /api/auth/reset-password': { body: { user: { id: 'u', name: 'Ada' } } },
  });
  show(<ResetPasswordPage />, '/reset-password#token=once');
  await userEvent.type(await screen.findByLabelText('New password'), 'correct horse');
  await userEvent.click(screen.getByRole('button', { name: 'Set the new password' }));
  await screen.findByText('went to /');
  expect(asked.at(-1)).toMatchObject({
    call: 'POST /api/auth/reset-password',
    body: { token: 'once', password: 'correct horse' },
  });
});

test('a used link is said in words; without one the page says whom to ask', async () => {
  serve({
    ...SITE,
    'POST /api/auth/reset-password': { status: 403, body: { code: 'reset_link_invalid' } },
  });
  show(<ResetPasswordPage />, '/reset-password#token=used');
  await userEvent.type(await screen.findByLabelText('New password'), 'correct horse');
  await userEvent.click(screen.getByRole('button', { name: 'Set the new password' }));
  expect((await screen.findByRole('alert')).textContent).toMatch(/Ask your administrator/);
});

test('a link that is no good is said before anything is filled in', async () => {
  serve({
    ...SITE,
    'POST /api/auth/check-link': (body) => ({
      status: (body as { kind: string }).kind === 'reset_password' ? 403 : 204,
      body: { code: 'reset_link_invalid' },
    }),
  });
  show(<ResetPasswordPage />, '/reset-password#token=used');
  expect((await screen.findByRole('alert')).textContent).toMatch(/Ask your administrator/);
  expect(screen.queryByLabelText('New password')).toBeNull();
});
