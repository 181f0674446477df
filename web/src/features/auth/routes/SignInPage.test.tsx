import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { SignInPage } from './SignInPage';

const SITE = { registration: 'open', password_min_length: 10 };
const visitor = { 'GET /api/site': { body: SITE }, 'GET /api/auth/me': { status: 401 } };
async function fill() {
  await userEvent.type(await screen.findByLabelText('E-mail'), 'ada@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

test('signing in leads back to the room one came from', async () => {
  const asked = serve({
    ...visitor,
    'POST /api/auth/sign-in': { body: { user: { name: 'Ada', email: 'ada@example.org' } } },
  });
  show(<SignInPage />, '/sign-in?next=%2Fabc-defg-hij');
  await fill();
  await screen.findByText('went to /abc-defg-hij');
  expect(asked).toContainEqual(
    expect.objectContaining({
      call: 'POST /api/auth/sign-in',
      body: { email: 'ada@example.org', password: 'correct horse' },
    }),
  );
});

test('wrong credentials are said in words and the form stays', async () => {
  serve({
    ...visitor,
    'POST /api/auth/sign-in': { status: 401, body: { code: 'wrong_credentials', detail: 'x' } },
  });
  show(<SignInPage />, '/sign-in');
  await fill();
  expect((await screen.findByRole('alert')).textContent).toBe('E-mail or password is wrong.');
  expect(screen.getByLabelText('E-mail')).toHaveProperty('value', 'ada@example.org');
});

test('a closed server offers no new account', async () => {
  serve({ ...visitor, 'GET /api/site': { body: { ...SITE, registration: 'closed' } } });
  show(<SignInPage />, '/sign-in');
  await screen.findByLabelText('E-mail');
  expect(screen.queryByText('Create an account')).toBeNull();
});
