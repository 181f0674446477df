import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import i18n from '../../i18n';
import { timeZone } from '../../primitives/days';
import { pageSize } from '../../primitives/useList';
import { serve, show } from '../../testing';
import { getMe } from '../auth';
import { AppearanceMenu } from './components/AppearanceMenu';
import { PreferencesCard } from './components/PreferencesCard';
import { usePreferences } from './hooks/usePreferences';

const ME = { id: 'a', role: 'user' };
const NOTHING = { language: null, theme: null, time_zone: null, page_size: null };
const theme = () => document.documentElement.dataset.theme;

function Page() {
  usePreferences();
  return (
    <>
      <AppearanceMenu />
      <PreferencesCard />
    </>
  );
}

function Visit() {
  usePreferences();
  return <AppearanceMenu />;
}

function site(preferences: object, patch: (body: unknown) => { status?: number; body?: unknown }) {
  return serve({
    'GET /api/auth/me': { body: ME },
    'GET /api/preferences': { body: preferences },
    'PATCH /api/preferences': patch,
  });
}

async function choose(label: RegExp, option: string | RegExp) {
  await userEvent.click(await screen.findByRole('button', { name: label }));
  await userEvent.click(await screen.findByRole('option', { name: option }));
}

beforeEach(() => {
  localStorage.clear();
  delete document.documentElement.dataset.theme;
});

test('what the account says goes before what this device says, and gives way to it again', async () => {
  localStorage.setItem('convoke.theme', 'light');
  let kept: object = { ...NOTHING, theme: 'dark', time_zone: 'Asia/Tokyo', page_size: 20 };
  site(kept, (body) => {
    kept = { ...kept, ...(body as object) };
    return { body: kept };
  });
  const { client } = show(<Page />);
  await expect.poll(theme).toBe('dark');
  expect([timeZone.now(), pageSize.now()]).toEqual(['Asia/Tokyo', 20]);
  await choose(/Theme/, 'As this device says');
  await expect.poll(theme).toBe('light');
  await choose(/Theme/, 'Dark');
  await expect.poll(theme).toBe('dark');
  client.setQueryData(getMe.queryKey, null);
  await expect.poll(theme).toBe('light');
  expect([timeZone.now(), pageSize.now()]).toEqual([undefined, undefined]);
});

test('a choice that the server does not keep is taken back', async () => {
  site(NOTHING, () => ({ status: 503, body: { code: 'database_away', detail: 'away' } }));
  show(<Page />);
  await screen.findByText('Preferences');
  await userEvent.click(screen.getByRole('button', { name: 'Appearance' }));
  await userEvent.click(await screen.findByRole('menuitemradio', { name: 'Dark' }));
  await expect.poll(() => localStorage.getItem('convoke.account.theme')).toBeNull();
  expect(theme()).toBeUndefined();
});

test('without an account a choice is this device’s', async () => {
  const asked = serve({
    'GET /api/auth/me': { status: 401, body: { code: 'unauthenticated', detail: '' } },
  });
  show(<Visit />);
  await expect.poll(() => asked.length).toBe(1);
  await userEvent.click(screen.getByRole('button', { name: 'Appearance' }));
  await userEvent.click(await screen.findByRole('menuitemradio', { name: 'Dark' }));
  expect([theme(), localStorage.getItem('convoke.theme')]).toEqual(['dark', 'dark']);
  await userEvent.click(screen.getByRole('button', { name: 'Appearance' }));
  await userEvent.click(await screen.findByRole('menuitemradio', { name: 'Français' }));
  await expect.poll(() => i18n.language).toBe('fr');
  await i18n.changeLanguage('en');
  expect(asked.map(({ call }) => call)).toEqual(['GET /api/auth/me']);
});
