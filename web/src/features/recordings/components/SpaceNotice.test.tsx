import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { serve, show } from '../../../testing';
import { SpaceNotice } from './SpaceNotice';

const GB = 1_000_000_000;
const visit = (own: string, site: string) => {
  const body = { own, own_bytes: 0.95 * GB, own_quota_bytes: GB, site };
  const asked = serve({ 'GET /api/recordings/space': { body } });
  show(<SpaceNotice />);
  return asked;
};

test.each([
  ['nearly_full', 'plenty', /Your recordings take 950 MB of the 1 GB/],
  ['full', 'plenty', /all the space.*delete some/],
  ['plenty', 'nearly_full', /of this site take nearly all/],
  ['plenty', 'full', /of this site take all/],
] as const)('own %s, site %s: it is said in plain words', async (own, site, text) => {
  visit(own, site);
  expect((await screen.findByRole('alert')).textContent).toMatch(text);
});

test('while there is enough nothing is said', async () => {
  const asked = visit('plenty', 'plenty');
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.queryByRole('alert')).toBeNull();
});
