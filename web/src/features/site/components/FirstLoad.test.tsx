import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, expect, test, vi } from 'vitest';
import { queryClient } from '../../../api/queryClient';
import { serve } from '../../../testing';
import { getMe } from '../../auth';
import { FirstLoad } from './FirstLoad';

const here = {
  'GET /api/auth/me': { status: 401, body: { code: 'unauthenticated' } },
};
const away = {
  'GET /api/auth/me': { status: 502 },
};
afterEach(() => queryClient.clear());

function open() {
  const routes = [{ Component: FirstLoad, children: [{ index: true, element: <h1>Rooms</h1> }] }];
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={createMemoryRouter(routes)} />
    </QueryClientProvider>,
  );
}

test('a server that is away is said so, and its return opens the page', async () => {
  serve(away);
  open();
  await screen.findByRole('heading', { name: 'This site does not answer' });
  expect(screen.queryByRole('heading', { name: 'Rooms' })).toBeNull();
  serve(here);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByRole('heading', { name: 'Rooms' });
});

test('a browser that believes it is offline is told as well', async () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
  open();
  await screen.findByText(/can't be reached/, undefined, { timeout: 10_000 });
});

test('it is tried again without a press', async () => {
  serve(away);
  open();
  await screen.findByRole('heading', { name: 'This site does not answer' });
  serve(here);
  await screen.findByRole('heading', { name: 'Rooms' }, { timeout: 10_000 });
});

test('what fails after the first answer leaves the page as it is', async () => {
  serve(here);
  open();
  await screen.findByRole('heading', { name: 'Rooms' });
  serve(away);
  await queryClient.resetQueries(getMe);
  expect(queryClient.getQueryState(getMe.queryKey)?.status).toBe('error');
  expect(screen.getByRole('heading', { name: 'Rooms' })).toBeTruthy();
});
