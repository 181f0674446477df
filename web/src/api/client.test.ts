import { expect, test, vi } from 'vitest';
import { address, request } from './client';
import { Problem, problemText } from './problem';

function answer(status: number, body: string, headers: Record<string, string> = {}) {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => {
    return new Response(status === 204 ? null : body, { status, headers });
  });
  vi.stubGlobal('fetch', fetched);
  return fetched;
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as Problem,
  );

test('mutations carry the CSRF proof, reads do not', async () => {
  const fetched = answer(200, '{}');
  await request('PUT', '/api/rooms/{slug}/lock', { path: { slug: 'a' }, body: { locked: true } });
  await request('GET', '/api/site');
  const headers = fetched.mock.calls.map(([, init]) => init.headers as Record<string, string>);
  expect(headers[0]?.['x-convoke-csrf']).toBe('1');
  expect(headers[1]?.['x-convoke-csrf']).toBeUndefined();
});

test('names in addresses are escaped, empty filters are left out', () => {
  expect(
    address('/api/rooms/{slug}/x/{id}', { slug: 'a/b', id: 'ü' }, { query: '', limit: 2 }),
  ).toBe('/api/rooms/a%2Fb/x/%C3%BC?limit=2');
});

test('a refusal keeps its code, fields and the time to wait', async () => {
  answer(503, JSON.stringify({ code: 'media_unavailable', detail: 'd', errors: [] }), {
    'retry-after': '3',
  });
  const problem = await failureOf(request('POST', '/api/auth/sign-out'));
  expect(problem).toMatchObject({ status: 503, code: 'media_unavailable', retryAfterSeconds: 3 });
});

test('an answer that is no JSON and no answer at all are problems too', async () => {
  answer(502, '<html>bad gateway</html>');
  expect(await failureOf(request('GET', '/api/site'))).toMatchObject({
    status: 502,
    code: 'unknown',
  });
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed to fetch');
  });
  const lost = await failureOf(request('GET', '/api/site'));
  expect(lost).toMatchObject({ status: 0, code: 'network' });
  expect(problemText(lost)).toMatch(/can't be reached/);
});

test('an unknown code falls back to the sentence of the server', () => {
  expect(problemText(new Problem(409, 'brand_new', 'Not now.'))).toBe('Not now.');
});
