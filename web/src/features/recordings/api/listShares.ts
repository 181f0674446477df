/** A recording's links for outsiders. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listShares = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['recording', id, 'shares'],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/recordings/{id}/shares', {
          params: { path: { id }, query: { limit: 20, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });
