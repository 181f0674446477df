/** The devices one is signed in on. */
import { queryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listSessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => request('GET', '/api/auth/sessions', { signal }),
});
