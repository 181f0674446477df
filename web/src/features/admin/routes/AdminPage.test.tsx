import { screen } from '@testing-library/react';
import { test } from 'vitest';
import { serve, show } from '../../../testing';
import { AdminPage } from './AdminPage';

test.each(['nonsense', 'api'])('the section %s is no page', async (section) => {
  serve({ 'GET /api/auth/me': { body: { id: 'a', role: 'admin' } } });
  show(<AdminPage />, `/admin/${section}`, '/admin/:section');
  await screen.findByRole('heading', { name: 'This page does not exist' });
});

test('a section beyond the role says so', async () => {
  serve({ 'GET /api/auth/me': { body: { id: 'a', role: 'support' } } });
  show(<AdminPage />, '/admin/users', '/admin/:section');
  await screen.findByRole('heading', { name: 'This page is not for your role' });
});
