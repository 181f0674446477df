/** Everything that was done on this site. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../../../api/client';

export const listAudit = infiniteQueryOptions({
  queryKey: ['admin', 'audit'],
  queryFn: ({ signal, pageParam }) =>
    request('GET', '/api/admin/audit', {
      query: { limit: 50, cursor: pageParam },
      signal,
    }),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});
