/** For tests of views: the providers around them, a pretend server, and addresses to see where one went. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createMemoryRouter, RouterProvider, useLocation } from 'react-router';
import { vi } from 'vitest';

/** `pattern` is the address in the table of routes, where it has parts that vary. */
export function show(view: ReactNode, path = '/', pattern = path.split(/[?#]/)[0]) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(
    [
      { path: pattern, element: view },
      { path: '*', Component: Elsewhere },
    ],
    { initialEntries: [path] },
  );
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { client, router };
}

function Elsewhere() {
  const { pathname, search } = useLocation();
  return <p>{`went to ${pathname}${search}`}</p>;
}

type Answer = { status?: number; body?: unknown };

/** Answers `METHOD /path` from the table; what it was asked is in the returned list. */
export function serve(table: Record<string, Answer | ((body: unknown) => Answer)>) {
  const asked: { call: string; body: unknown; headers: Record<string, string> }[] = [];
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = new Request(
      input instanceof Request ? input : new URL(input, location.href),
      init,
    );
    const { pathname, search } = new URL(request.url);
    const call = `${request.method} ${pathname}${search}`;
    const sent = await request.text();
    const body = sent ? JSON.parse(sent) : undefined;
    asked.push({ call, body, headers: Object.fromEntries(request.headers) });
    const entry = table[call] ?? { status: 404, body: { code: 'not_found', detail: call } };
    const answer = typeof entry === 'function' ? entry(body) : entry;
    const { status = 200 } = answer;
    return new Response(status === 204 ? null : JSON.stringify(answer.body ?? {}), { status });
  });
  return asked;
}

/** Whether the browser would ask before the page goes. */
export function holdsThePage() {
  const leaving = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
}
