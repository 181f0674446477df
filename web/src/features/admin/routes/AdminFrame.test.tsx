import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { AdminFrame } from './AdminFrame';

const as = (role: string) => serve({ 'GET /api/auth/me': { body: { id: 'a', role } } });

test('who is no administrator is told so instead of being sent away', async () => {
  as('user');
  show(<AdminFrame />, '/admin');
  await screen.findByRole('heading', { name: 'For administrators only' });
});

test.each([
  ['support', ['Overview', 'Live', 'Rooms', 'Meetings']],
  [
    'auditor',
    [
      'Overview',
      'Live',
      'Rooms',
      'Meetings',
      'Recordings',
      'Accounts',
      'Invitations',
      'Streaming',
      'Agents',
      'Telephony',
      'API keys',
      'Tokens',
      'API reference',
      'Health',
      'Doctor',
      'Activity',
      'Log',
      'Jobs',
      'Configuration',
      'Settings',
    ],
  ],
])('%s sees the pages that are theirs', async (role, pages) => {
  as(role);
  show(<AdminFrame />, '/admin/live', '/admin/*');
  await screen.findByRole('link', { name: 'Overview' });
  const links = screen.getAllByRole('link').map(({ textContent }) => textContent);
  expect(links).toEqual(pages);
});

test('the button of a narrow screen names the open page, and the list closes once another is chosen', async () => {
  as('admin');
  show(<AdminFrame />, '/admin/live', '/admin/*');
  const button = await screen.findByRole('button', { name: 'Live' });
  await userEvent.click(button);
  expect(button.getAttribute('aria-expanded')).toBe('true');
  await userEvent.click(screen.getByRole('link', { name: 'Rooms' }));
  const other = await screen.findByRole('button', { name: 'Rooms' });
  expect(other.getAttribute('aria-expanded')).toBe('false');
});
