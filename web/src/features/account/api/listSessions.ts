/** The devices one is signed in on. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listSessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => api.GET('/api/auth/sessions', { signal }).then(answer),
});
