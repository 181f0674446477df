/** The one way to the server: its schema's calls, CSRF proof on every mutation, failures as `Problem`. */
import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';

const refused = new Set<() => void>();

/** Calls back whenever the server says that nobody is signed in here; returns the way to stop. */
export function onUnauthenticated(heard: () => void): () => void {
  refused.add(heard);
  return () => refused.delete(heard);
}

/** `api.GET('/api/…', { params, body, signal }).then(answer)`; what fails rejects with a `Problem`. */
export const api = createClient<paths>({
  // A request needs a whole address where there is no page to complete it (in tests).
  baseUrl: location.origin,
  headers: { accept: 'application/json' },
  fetch: (request) => fetch(request),
});

api.use({
  onRequest: ({ request }) => {
    if (request.method !== 'GET') request.headers.set('x-convoke-csrf', '1');
  },
  onResponse: async ({ response }) => {
    if (response.ok) return;
    const problem = await problemOf(response);
    if (problem.code === 'unauthenticated') for (const heard of refused) heard();
    throw problem;
  },
  onError: ({ request }) => {
    if (!request.signal.aborted) return new Problem(0, 'network', '');
  },
});

/** What a call answered: it failed by rejecting, so an `error` never comes here. */
export const answer = <T>({ data }: { data?: T }) => data as T;

/** `updated_at` as the person saw it: refused (412) when somebody else changed it since. */
export const seenAt = (updatedAt?: number) =>
  updatedAt === undefined ? undefined : { 'if-match': `"${updatedAt}"` };

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('retry-after'));
  const seconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  // Whatever stands between may answer with anything, so nothing of the schema is sure.
  const body: Partial<components['schemas']['Problem']> | null = await response
    .json()
    .catch(() => null);
  const { code = 'unknown', detail, errors } = body ?? {};
  return new Problem(response.status, code, detail ?? '', errors ?? [], seconds);
}
