/** The devices on which somebody is signed in. */
import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listUserSessions = (id: string) =>
  queryOptions({
    queryKey: ['admin', 'user', id, 'sessions'],
    queryFn: ({ signal }) =>
      api
        .GET('/api/users/{id}/sessions', {
          params: { path: { id }, query: { limit: 100 } },
          signal,
        })
        .then(answer),
  });
