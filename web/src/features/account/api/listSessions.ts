/** The devices one is signed in on. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';
import type { Page, Session } from '../../../api/types';

export const listSessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => request<Page<Session>>('GET', '/api/auth/sessions', { signal }),
});
