import { expect, test, vi } from 'vitest';
import { answer, api, onUnauthenticated, seenAt } from './client';
import { Problem, problemText } from './problem';

function serverSays(status: number, body: string, headers: Record<string, string> = {}) {
  const fetched = vi.fn(async (_request: Request) => {
    return new Response(status === 204 ? null : body, { status, headers });
  });
  vi.stubGlobal('fetch', fetched);
  return { asked: () => fetched.mock.calls.map(([request]) => request) };
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as Problem,
  );

test('mutations carry the CSRF proof, reads do not', async () => {
  const server = serverSays(200, '{}');
  await api.PUT('/api/rooms/{slug}/lock', {
    params: { path: { slug: 'a' } },
    body: { locked: true },
  });
  await api.GET('/api/site');
  const [lock, site] = server.asked();
  expect(lock?.headers.get('x-convoke-csrf')).toBe('1');
  expect(await lock?.json()).toEqual({ locked: true });
  expect(site?.headers.get('x-convoke-csrf')).toBeNull();
});

test('names in addresses are escaped, filters that are not set are left out', async () => {
  const server = serverSays(200, '{}');
  await api.DELETE('/api/rooms/{slug}/bans/{id}', { params: { path: { slug: 'a/b', id: 'ü' } } });
  await api.GET('/api/rooms', { params: { query: { query: undefined, limit: 2 } } });
  expect(server.asked().map(({ url }) => url.replace(location.origin, ''))).toEqual([
    '/api/rooms/a%2Fb/bans/%C3%BC',
    '/api/rooms?limit=2',
  ]);
});

test('an answer is its body, or nothing', async () => {
  serverSays(200, '{"name":"Here"}');
  expect(await api.GET('/api/site').then(answer)).toEqual({ name: 'Here' });
  serverSays(204, '');
  expect(await api.POST('/api/auth/sign-out').then(answer)).toBeUndefined();
});

test('a change goes with what the person saw, where they saw something', async () => {
  const server = serverSays(200, '{}');
  for (const seen of [17, undefined]) {
    await api.PATCH('/api/rooms/{slug}', {
      params: { path: { slug: 'a' }, header: seenAt(seen) },
      body: { name: 'A' },
    });
  }
  expect(server.asked().map(({ headers }) => headers.get('if-match'))).toEqual(['"17"', null]);
});

test('whoever asked to hear is told when nobody is signed in, until they stop', async () => {
  serverSays(401, JSON.stringify({ code: 'unauthenticated', detail: '' }));
  const heard = vi.fn();
  const stop = onUnauthenticated(heard);
  expect(await failureOf(api.GET('/api/auth/me'))).toMatchObject({ status: 401 });
  stop();
  await failureOf(api.GET('/api/auth/me'));
  expect(heard).toHaveBeenCalledOnce();
});

test('what the page itself gave up is no failure of the network', async () => {
  vi.stubGlobal('fetch', async ({ signal }: Request) => signal.throwIfAborted());
  const given = new AbortController();
  given.abort();
  const error = await failureOf(api.GET('/api/site', { signal: given.signal }));
  expect(error).not.toBeInstanceOf(Problem);
});

test('a refusal keeps its code, fields and the time to wait', async () => {
  serverSays(503, JSON.stringify({ code: 'media_unavailable', detail: 'd', errors: [] }), {
    'retry-after': '3',
  });
  const problem = await failureOf(api.POST('/api/auth/sign-out'));
  expect(problem).toMatchObject({ status: 503, code: 'media_unavailable', retryAfterSeconds: 3 });
});

test('an answer that is no JSON and no answer at all are problems too', async () => {
  serverSays(502, '<html>bad gateway</html>');
  expect(await failureOf(api.GET('/api/site'))).toMatchObject({
    status: 502,
    code: 'unknown',
  });
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed to fetch');
  });
  const lost = await failureOf(api.GET('/api/site'));
  expect(lost).toMatchObject({ status: 0, code: 'network' });
  expect(problemText(lost)).toMatch(/can't be reached/);
});

test('an unknown code falls back to the sentence of the server', () => {
  expect(problemText(new Problem(409, 'brand_new', 'Not now.'))).toBe('Not now.');
});
