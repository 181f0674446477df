import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { serve, show } from '../../../testing';
import { DoctorCard } from './DoctorCard';

const me = (role: string) => ({ 'GET /api/auth/me': { body: { id: 'a', role } } });
const LIST = 'GET /api/admin/doctor/checks?limit=20';
const check = (more: object = {}) => ({
  id: 'c',
  created_by: 'Ada',
  created_at: 1_790_000_000_000,
  expires_at: 1_790_086_400_000,
  browser_at: null,
  report: {
    state: 'warn',
    said: 'UDP port 7882 does not get through.',
    what_to_do: 'Open it.',
    findings: [
      { check: 'database', state: 'ok', said: 'The database takes writes.' },
      { check: 'udp', state: 'warn', said: 'UDP is closed.', what_to_do: 'Open the port.' },
    ],
    server: { findings: [], told: {} },
    browser: null,
  },
  ...more,
});

test('a check shows the one sentence, each finding with what is worst first, and a file to pass on', async () => {
  serve({ ...me('auditor'), [LIST]: { body: { items: [check()], next_cursor: null } } });
  show(<DoctorCard />, '/admin/doctor');
  await screen.findByText(/UDP port 7882 does not get through/);
  screen.getByText('2 findings');
  const findings = [...document.querySelectorAll('[data-finding]')];
  expect(findings.map((one) => one.getAttribute('data-finding'))).toEqual(['udp', 'database']);
  expect(screen.getByRole('link', { name: 'Download the report' }).getAttribute('href')).toBe(
    '/api/admin/doctor/checks/c/text',
  );
  expect(screen.queryByRole('button', { name: 'New check' })).toBeNull();
});

test('a new check shows its link until somebody has opened it', async () => {
  const url = 'https://meet.example.org/d/cvd_secret';
  let items: object[] = [];
  serve({
    ...me('admin'),
    [LIST]: () => ({ body: { items, next_cursor: null } }),
    'POST /api/admin/doctor/checks': () => {
      items = [check()];
      return { status: 201, body: check({ url }) };
    },
  });
  show(<DoctorCard />, '/admin/doctor');
  await screen.findByText('Nothing was checked yet.');
  await userEvent.click(await screen.findByRole('button', { name: 'New check' }));
  const link = await screen.findByLabelText<HTMLInputElement>('Link for another network');
  expect(link.value).toBe(url);
  screen.getByRole('img', { name: 'The link as a QR code' });
  items = [check({ browser_at: 1_790_000_060_000 })];
  await screen.findByText(/opened on another network/, undefined, { timeout: 8_000 });
  expect(screen.queryByLabelText('Link for another network')).toBeNull();
}, 15_000);
