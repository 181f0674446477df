import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { AdminPage } from './AdminPage';

const as = (role: string) => serve({ 'GET /api/auth/me': { body: { id: 'a', role } } });

test('who is no administrator is told so instead of being sent away', async () => {
  as('user');
  show(<AdminPage />, '/admin');
  await screen.findByRole('heading', { name: 'For administrators only' });
});

test('a section that does not exist is no page', async () => {
  as('admin');
  show(<AdminPage />, '/admin/nonsense', '/admin/:section?');
  await screen.findByRole('heading', { name: 'This page does not exist' });
  expect(screen.queryByRole('tab')).toBeNull();
});

test.each([
  ['support', ['Overview', 'Live', 'Rooms']],
  [
    'auditor',
    [
      'Overview',
      'Live',
      'Accounts',
      'Rooms',
      'Recordings',
      'Invitations',
      'API keys',
      'Tokens',
      'Agents',
      'Activity',
    ],
  ],
])('%s sees the sections that are theirs', async (role, sections) => {
  as(role);
  show(<AdminPage />, '/admin', '/admin/:section?');
  await screen.findByRole('tab', { name: 'Overview' });
  const tabs = screen.getAllByRole('tab').map(({ textContent }) => textContent);
  expect(tabs).toEqual(sections);
});
