/** The one way to the server: JSON in and out, CSRF proof on every mutation, failures as `Problem`. */
import { Problem } from './problem';
import type { paths } from './schema';
import type { FieldProblem } from './types';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Operation = { responses: unknown };
/** The addresses that know a method, as the schema lists them. */
type Template<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<Lowercase<M>, Operation> ? P : never;
}[keyof paths];
type OperationOf<M extends Method, P extends Template<M>> =
  paths[P] extends Record<Lowercase<M>, infer O> ? O : never;
type Json<T> = { content: { 'application/json': T } };
type AnswerOf<O> = O extends { responses: { 200: Json<infer T> } }
  ? T
  : O extends { responses: { 201: Json<infer T> } }
    ? T
    : undefined;
type BodyOf<O> = O extends { requestBody?: Json<infer B> } ? B : undefined;

type Query = Record<string, string | number | undefined | null>;
type Options<B> = {
  path?: Record<string, string>;
  query?: Query;
  body?: B;
  /** `updated_at` as the person saw it: refused (412) when somebody else changed it since. */
  seen?: number;
  signal?: AbortSignal;
};

const refused = new Set<() => void>();

/** Calls back whenever the server says that nobody is signed in here; returns the way to stop. */
export function onUnauthenticated(heard: () => void): () => void {
  refused.add(heard);
  return () => refused.delete(heard);
}

export async function request<M extends Method, P extends Template<M>>(
  method: M,
  template: P,
  { path = {}, query = {}, body, seen, signal }: Options<BodyOf<OperationOf<M, P>>> = {},
): Promise<AnswerOf<OperationOf<M, P>>> {
  type Answer = AnswerOf<OperationOf<M, P>>;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-convoke-csrf'] = '1';
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (seen !== undefined) headers['if-match'] = `"${seen}"`;
  let response: Response;
  try {
    response = await fetch(address(template, path, query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, 'network', '');
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'unauthenticated') for (const heard of refused) heard();
    throw problem;
  }
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

export function address(template: string, path: Record<string, string>, query: Query): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(path[name] ?? ''),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  return search.size > 0 ? `${filled}?${search}` : filled;
}

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get('retry-after'));
  const seconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  try {
    const body = (await response.json()) as {
      code?: string;
      detail?: string;
      errors?: FieldProblem[];
    };
    return new Problem(
      response.status,
      body.code ?? 'unknown',
      body.detail ?? '',
      body.errors,
      seconds,
    );
  } catch {
    return new Problem(response.status, 'unknown', '', [], seconds);
  }
}
