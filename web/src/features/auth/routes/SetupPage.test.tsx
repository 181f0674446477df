import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { SetupPage } from './SetupPage';

const site = (setup_required: boolean) => ({
  'GET /api/site': { body: { setup_required, password_min_length: 10, registration: 'closed' } },
});

test('the one-time link makes the first administrator', async () => {
  const asked = serve({
    ...site(true),
    'POST /api/auth/setup': { status: 201, body: { user: { name: 'Ada' } } },
  });
  show(<SetupPage />, '/setup?token=once');
  await userEvent.type(await screen.findByLabelText('Your name'), 'Ada');
  await userEvent.type(screen.getByLabelText('E-mail'), 'ada@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse');
  await userEvent.click(screen.getByRole('button', { name: 'Create administrator' }));
  await screen.findByText('went to /');
  expect(asked.find(({ call }) => call === 'POST /api/auth/setup')?.body).toEqual({
    token: 'once',
    name: 'Ada',
    email: 'ada@example.org',
    password: 'correct horse',
  });
});

test('a server that is set up, or a link without its token, shows no form', async () => {
  serve(site(false));
  show(<SetupPage />, '/setup?token=once');
  await screen.findByText(/already set up/);
  expect(screen.queryByLabelText('Password')).toBeNull();
});

test("a weak password is the field's own error", async () => {
  serve({
    ...site(true),
    'POST /api/auth/setup': {
      status: 422,
      body: {
        code: 'validation_failed',
        errors: [{ field: 'password', code: 'too_short', detail: '' }],
      },
    },
  });
  show(<SetupPage />, '/setup?token=once');
  await userEvent.type(await screen.findByLabelText('Your name'), 'Ada');
  await userEvent.type(screen.getByLabelText('E-mail'), 'ada@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'correct horse');
  await userEvent.click(screen.getByRole('button', { name: 'Create administrator' }));
  await screen.findByText('This is too short.');
  expect(screen.getByLabelText('Password').getAttribute('aria-invalid')).toBe('true');
});

test('a server that does not say whether it is set up can be asked again', async () => {
  serve({ 'GET /api/site': { status: 502 } });
  show(<SetupPage />, '/setup?token=once');
  const retry = await screen.findByRole('button', { name: 'Try again' });
  serve(site(true));
  await userEvent.click(retry);
  await screen.findByLabelText('Your name');
});
