import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { api } from '../../api/client';
import type { User } from '../../api/types';
import { serve } from '../../testing';
import { getMe } from './api/me';
import { becomeUser, followIdentity } from './identity';

const ADA = { id: 'ada', name: 'Ada', role: 'user' } as User;
const ROOMS = ['rooms', ''];
const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A tab whose rooms are on the screen: what it shows of them now. */
function tab(user: User | null) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queryClient.setQueryData(getMe.queryKey, user);
  let asked = 0;
  const shown = new QueryObserver(queryClient, {
    queryKey: ROOMS,
    queryFn: async () => `rooms ${++asked}`,
  });
  const me = new QueryObserver(queryClient, getMe);
  endings.push(
    followIdentity(queryClient),
    shown.subscribe(() => {}),
    me.subscribe(() => {}),
    () => queryClient.clear(),
  );
  return {
    queryClient,
    rooms: () => shown.getCurrentResult().data,
    me: () => me.getCurrentResult().data,
  };
}

test('whoever signs in or out sees nothing that was asked for somebody else', async () => {
  serve({ 'GET /api/auth/me': { body: ADA } });
  const here = tab(null);
  await vi.waitFor(() => expect(here.rooms()).toBe('rooms 1'));
  await becomeUser(here.queryClient, ADA);
  expect(here.me()).toEqual(ADA);
  expect(here.rooms()).toBeUndefined();
  await vi.waitFor(() => expect(here.rooms()).toBe('rooms 2'));
  await becomeUser(here.queryClient, null);
  expect(here.me()).toBeNull();
  expect(here.rooms()).toBeUndefined();
});

test('a changed name is no other person, and is shown in every tab', async () => {
  const renamed: User = { ...ADA, name: 'Ada L.' };
  serve({ 'GET /api/auth/me': { body: renamed } });
  const here = tab(ADA);
  const there = tab(ADA);
  await vi.waitFor(() => expect(here.rooms()).toBe('rooms 1'));
  here.queryClient.setQueryData(getMe.queryKey, renamed);
  expect(here.rooms()).toBe('rooms 1');
  await vi.waitFor(() => expect(there.me()).toEqual(renamed));
  expect(there.rooms()).toBe('rooms 1');
});

test('the other tabs look again who is signed in', async () => {
  serve({ 'GET /api/auth/me': { body: ADA } });
  const here = tab(null);
  const there = tab(null);
  await becomeUser(here.queryClient, ADA);
  await vi.waitFor(() => expect(there.me()).toEqual(ADA));
  await vi.waitFor(() => expect(there.rooms()).toBe('rooms 2'));
});

test('a session that ended elsewhere is noticed by the first refusal', async () => {
  serve({
    'GET /api/auth/me': { status: 401, body: { code: 'unauthenticated' } },
    'GET /api/auth/sessions': { status: 401, body: { code: 'unauthenticated' } },
  });
  const here = tab(ADA);
  here.queryClient.setQueryData(getMe.queryKey, ADA);
  await api.GET('/api/auth/sessions').catch(() => undefined);
  await vi.waitFor(() => expect(here.me()).toBeNull());
});
