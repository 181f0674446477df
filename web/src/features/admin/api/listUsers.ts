/** Every account of the site. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listUsers = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'users', query],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/users', {
          params: { query: { query: query || undefined, limit: 30, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });
