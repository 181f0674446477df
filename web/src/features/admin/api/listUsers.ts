/** Every account of the site. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listUsers = (query: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'users', query],
    queryFn: ({ signal, pageParam }) =>
      request('GET', '/api/users', {
        query: { query, limit: 30, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
