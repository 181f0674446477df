/** Every recording of the site, or those whose film does not come further. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../../../api/client';

export const listAllRecordings = (state: 'all' | 'stuck') =>
  infiniteQueryOptions({
    queryKey: ['recordings', 'all', state],
    queryFn: ({ signal, pageParam }) =>
      api
        .GET('/api/admin/recordings', {
          params: { query: { state, limit: 20, cursor: pageParam } },
          signal,
        })
        .then(answer),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  });
