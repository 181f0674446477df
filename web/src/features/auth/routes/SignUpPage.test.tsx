import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { SignUpPage } from './SignUpPage';

const site = (registration: string) => ({
  'GET /api/site': { body: { registration, password_min_length: 8 } },
});
const account = { name: 'Grace', email: 'grace@example.org', password: 'correct horse' };
const created = { status: 201, body: { user: { name: 'Grace' } } };

async function fill() {
  await userEvent.type(await screen.findByLabelText('Your name'), ' Grace ');
  await userEvent.type(screen.getByLabelText('E-mail'), account.email);
  await userEvent.type(screen.getByLabelText('Password'), account.password);
}

test('an open site asks for no invitation', async () => {
  const asked = serve({ ...site('open'), 'POST /api/auth/register': created });
  show(<SignUpPage />, '/sign-up');
  await fill();
  expect(screen.queryByLabelText(/Invit/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Create an account' }));
  await screen.findByText('went to /');
  expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toEqual(account);
});

test('a site that invites asks for the code first, and a refused code is the field’s own error', async () => {
  const asked = serve({
    ...site('invite'),
    'POST /api/auth/register': {
      status: 422,
      body: {
        code: 'validation_failed',
        errors: [{ field: 'invite', code: 'too_short', detail: '' }],
      },
    },
  });
  show(<SignUpPage />, '/sign-up');
  const code = await screen.findByLabelText(/Invit/);
  expect(document.activeElement).toBe(code);
  await userEvent.type(code, 'once');
  await fill();
  await userEvent.click(screen.getByRole('button', { name: 'Create an account' }));
  await screen.findByText('This is too short.');
  expect(code.getAttribute('aria-invalid')).toBe('true');
  expect(asked.find(({ call }) => call.startsWith('POST'))?.body).toEqual({
    ...account,
    invite: 'once',
  });
});

test('a link brings its invitation along', async () => {
  const asked = serve({
    ...site('invite'),
    'POST /api/auth/check-link': { status: 204 },
    'POST /api/auth/register': created,
  });
  show(<SignUpPage />, '/sign-up?invite=given');
  await fill();
  expect(screen.queryByLabelText(/Invit/)).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Create an account' }));
  await screen.findByText('went to /');
  expect(asked.find(({ call }) => call === 'POST /api/auth/register')?.body).toMatchObject({
    invite: 'given',
  });
});

test('an invitation that is no good is said before anything is filled in', async () => {
  serve({
    ...site('invite'),
    'POST /api/auth/check-link': { status: 403, body: { code: 'invite_invalid' } },
  });
  show(<SignUpPage />, '/sign-up?invite=used');
  await screen.findByText(/Ask for a new one/);
  expect(screen.queryByLabelText('Your name')).toBeNull();
});

test('a site that does not say whether it takes accounts can be asked again', async () => {
  serve({ 'GET /api/site': { status: 502 } });
  show(<SignUpPage />, '/sign-up');
  const retry = await screen.findByRole('button', { name: 'Try again' });
  serve(site('open'));
  await userEvent.click(retry);
  await screen.findByLabelText('Your name');
});

test('an invitation for another address says so at the address', async () => {
  const refused = [{ field: 'email', code: 'invited_address', message: '' }];
  serve({
    ...site('invite'),
    'POST /api/auth/check-link': { status: 204 },
    'POST /api/auth/register': {
      status: 422,
      body: { code: 'validation_failed', detail: '', errors: refused },
    },
  });
  show(<SignUpPage />, '/sign-up?invite=given');
  await fill();
  await userEvent.click(screen.getByRole('button', { name: 'Create an account' }));
  await screen.findByText(/made for another e-mail address/);
});

test('the whole link of an invitation is as good as its code', async () => {
  const asked = serve({ ...site('invite'), 'POST /api/auth/register': created });
  show(<SignUpPage />, '/sign-up');
  await userEvent.type(
    await screen.findByLabelText(/Invit/),
    ' https://meet.example.org/sign-up?invite=abc_1-2 ',
  );
  await fill();
  await userEvent.click(screen.getByRole('button', { name: 'Create an account' }));
  await screen.findByText('went to /');
  expect(asked.find(({ call }) => call === 'POST /api/auth/register')?.body).toMatchObject({
    invite: 'abc_1-2',
  });
});
